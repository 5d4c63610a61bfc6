//! What keys can be for.

use serde::{Deserialize, Serialize};

use crate::error::KmsError;

/// A key's specification, of those that are served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Spec {
    #[serde(rename = "SYMMETRIC_DEFAULT")]
    SymmetricDefault,
    #[serde(rename = "HMAC_224")]
    Hmac224,
    #[serde(rename = "HMAC_256")]
    Hmac256,
    #[serde(rename = "HMAC_384")]
    Hmac384,
    #[serde(rename = "HMAC_512")]
    Hmac512,
    #[serde(rename = "RSA_2048")]
    Rsa2048,
    #[serde(rename = "RSA_3072")]
    Rsa3072,
    #[serde(rename = "RSA_4096")]
    Rsa4096,
    #[serde(rename = "ECC_NIST_P256")]
    NistP256,
    #[serde(rename = "ECC_NIST_P384")]
    NistP384,
    #[serde(rename = "ECC_NIST_P521")]
    NistP521,
    #[serde(rename = "ECC_SECG_P256K1")]
    SecgP256k1,
}

/// What a key is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Usage {
    #[serde(rename = "ENCRYPT_DECRYPT")]
    EncryptDecrypt,
    #[serde(rename = "SIGN_VERIFY")]
    SignVerify,
    #[serde(rename = "GENERATE_VERIFY_MAC")]
    GenerateVerifyMac,
    #[serde(rename = "KEY_AGREEMENT")]
    KeyAgreement,
}

impl Usage {
    /// AWS's name of it.
    pub fn as_str(self) -> &'static str {
        match self {
            Usage::EncryptDecrypt => "ENCRYPT_DECRYPT",
            Usage::SignVerify => "SIGN_VERIFY",
            Usage::GenerateVerifyMac => "GENERATE_VERIFY_MAC",
            Usage::KeyAgreement => "KEY_AGREEMENT",
        }
    }
}

/// The name of the one algorithm that symmetric keys encrypt with.
pub const SYMMETRIC_DEFAULT: &str = "SYMMETRIC_DEFAULT";

const ALL: [Spec; 12] = [
    Spec::SymmetricDefault,
    Spec::Hmac224,
    Spec::Hmac256,
    Spec::Hmac384,
    Spec::Hmac512,
    Spec::Rsa2048,
    Spec::Rsa3072,
    Spec::Rsa4096,
    Spec::NistP256,
    Spec::NistP384,
    Spec::NistP521,
    Spec::SecgP256k1,
];

const RSA_SIGNING: &[&str] = &[
    "RSASSA_PKCS1_V1_5_SHA_256",
    "RSASSA_PKCS1_V1_5_SHA_384",
    "RSASSA_PKCS1_V1_5_SHA_512",
    "RSASSA_PSS_SHA_256",
    "RSASSA_PSS_SHA_384",
    "RSASSA_PSS_SHA_512",
];

impl Spec {
    /// The specification of that name, if it is served.
    pub fn named(name: &str) -> Result<Spec, KmsError> {
        ALL.into_iter().find(|spec| spec.as_str() == name).ok_or_else(|| {
            KmsError::Unsupported(format!(
                "The key spec {name} is not served by Gantry: it serves SYMMETRIC_DEFAULT, HMAC, RSA and ECC_NIST keys \
                 and ECC_SECG_P256K1."
            ))
        })
    }

    /// Reads what CreateKey is asked for: the specification, and a usage that fits it.
    pub fn asked(spec: Option<&str>, usage: Option<&str>) -> Result<(Spec, Usage), KmsError> {
        let spec = Spec::named(spec.unwrap_or(SYMMETRIC_DEFAULT))?;
        match usage {
            // Nothing is assumed of keys that are not symmetric.
            None if spec == Spec::SymmetricDefault => Ok((spec, Usage::EncryptDecrypt)),
            None => Err(KmsError::Validation(
                "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys."
                    .into(),
            )),
            Some(usage) => {
                let fitting = spec.usages().iter().find(|fitting| fitting.as_str() == usage);
                let fitting = fitting.ok_or_else(|| {
                    KmsError::Validation(format!(
                        "KeyUsage {usage} is not compatible with KeySpec {}",
                        spec.as_str()
                    ))
                })?;
                Ok((spec, *fitting))
            }
        }
    }

    /// AWS's name of it.
    pub fn as_str(self) -> &'static str {
        match self {
            Spec::SymmetricDefault => SYMMETRIC_DEFAULT,
            Spec::Hmac224 => "HMAC_224",
            Spec::Hmac256 => "HMAC_256",
            Spec::Hmac384 => "HMAC_384",
            Spec::Hmac512 => "HMAC_512",
            Spec::Rsa2048 => "RSA_2048",
            Spec::Rsa3072 => "RSA_3072",
            Spec::Rsa4096 => "RSA_4096",
            Spec::NistP256 => "ECC_NIST_P256",
            Spec::NistP384 => "ECC_NIST_P384",
            Spec::NistP521 => "ECC_NIST_P521",
            Spec::SecgP256k1 => "ECC_SECG_P256K1",
        }
    }

    /// What such keys can be for.
    pub fn usages(self) -> &'static [Usage] {
        match self {
            Spec::SymmetricDefault => &[Usage::EncryptDecrypt],
            Spec::Hmac224 | Spec::Hmac256 | Spec::Hmac384 | Spec::Hmac512 => &[Usage::GenerateVerifyMac],
            Spec::Rsa2048 | Spec::Rsa3072 | Spec::Rsa4096 => &[Usage::EncryptDecrypt, Usage::SignVerify],
            Spec::NistP256 | Spec::NistP384 | Spec::NistP521 => &[Usage::SignVerify, Usage::KeyAgreement],
            Spec::SecgP256k1 => &[Usage::SignVerify],
        }
    }

    /// How long the modulus of an RSA key is.
    pub fn rsa_bits(self) -> Option<usize> {
        match self {
            Spec::Rsa2048 => Some(2048),
            Spec::Rsa3072 => Some(3072),
            Spec::Rsa4096 => Some(4096),
            _ => None,
        }
    }

    /// Whether a public key goes with it.
    pub fn is_pair(self) -> bool {
        self.usages().contains(&Usage::SignVerify)
    }

    /// The algorithm of its codes.
    pub fn mac_algorithm(self) -> Option<&'static str> {
        match self {
            Spec::Hmac224 => Some("HMAC_SHA_224"),
            Spec::Hmac256 => Some("HMAC_SHA_256"),
            Spec::Hmac384 => Some("HMAC_SHA_384"),
            Spec::Hmac512 => Some("HMAC_SHA_512"),
            _ => None,
        }
    }

    /// The algorithms that it signs with, if it is for that.
    pub fn signing_algorithms(self) -> &'static [&'static str] {
        match self {
            Spec::Rsa2048 | Spec::Rsa3072 | Spec::Rsa4096 => RSA_SIGNING,
            Spec::NistP256 | Spec::SecgP256k1 => &["ECDSA_SHA_256"],
            Spec::NistP384 => &["ECDSA_SHA_384"],
            Spec::NistP521 => &["ECDSA_SHA_512"],
            _ => &[],
        }
    }

    /// The algorithms that it agrees on secrets with, if it is for that.
    pub fn agreement_algorithms(self) -> &'static [&'static str] {
        match self {
            Spec::NistP256 | Spec::NistP384 | Spec::NistP521 => &["ECDH"],
            _ => &[],
        }
    }

    /// The algorithms that it encrypts with, if it is for that.
    pub fn encryption_algorithms(self) -> &'static [&'static str] {
        match self {
            Spec::SymmetricDefault => &[SYMMETRIC_DEFAULT],
            Spec::Rsa2048 | Spec::Rsa3072 | Spec::Rsa4096 => &["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"],
            _ => &[],
        }
    }

    /// The length of the material of a key that is no pair.
    pub fn material_bytes(self) -> usize {
        match self {
            Spec::Hmac224 => 28,
            Spec::Hmac384 => 48,
            Spec::Hmac512 => 64,
            _ => 32,
        }
    }

    /// What a grant may allow on such a key.
    pub fn grant_operations(self, usage: Usage) -> &'static [&'static str] {
        match (self, usage) {
            (Spec::SymmetricDefault, _) => &[
                "Decrypt",
                "Encrypt",
                "GenerateDataKey",
                "GenerateDataKeyWithoutPlaintext",
                "GenerateDataKeyPair",
                "GenerateDataKeyPairWithoutPlaintext",
                "ReEncryptFrom",
                "ReEncryptTo",
                "CreateGrant",
                "DescribeKey",
                "RetireGrant",
            ],
            (_, Usage::EncryptDecrypt) => &[
                "Decrypt",
                "Encrypt",
                "ReEncryptFrom",
                "ReEncryptTo",
                "GetPublicKey",
                "CreateGrant",
                "DescribeKey",
                "RetireGrant",
            ],
            (_, Usage::SignVerify) => {
                &["Sign", "Verify", "GetPublicKey", "CreateGrant", "DescribeKey", "RetireGrant"]
            }
            (_, Usage::KeyAgreement) => {
                &["DeriveSharedSecret", "GetPublicKey", "CreateGrant", "DescribeKey", "RetireGrant"]
            }
            (_, Usage::GenerateVerifyMac) => {
                &["GenerateMac", "VerifyMac", "CreateGrant", "DescribeKey", "RetireGrant"]
            }
        }
    }
}
