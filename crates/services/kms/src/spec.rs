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
}

/// The name of the one algorithm that symmetric keys encrypt with.
pub const SYMMETRIC_DEFAULT: &str = "SYMMETRIC_DEFAULT";

impl Spec {
    /// Reads what CreateKey is asked for: the specification, and a usage that fits it.
    pub fn asked(spec: Option<&str>, usage: Option<&str>) -> Result<Spec, KmsError> {
        let spec = match spec.unwrap_or(SYMMETRIC_DEFAULT) {
            SYMMETRIC_DEFAULT => Spec::SymmetricDefault,
            "HMAC_224" => Spec::Hmac224,
            "HMAC_256" => Spec::Hmac256,
            "HMAC_384" => Spec::Hmac384,
            "HMAC_512" => Spec::Hmac512,
            other => {
                return Err(KmsError::Unsupported(format!(
                    "The key spec {other} is not served by Gantry: it serves SYMMETRIC_DEFAULT and HMAC keys."
                )));
            }
        };
        match usage {
            // Nothing is assumed of keys that do not encrypt.
            None if spec == Spec::SymmetricDefault => Ok(spec),
            None => Err(KmsError::Validation(
                "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys."
                    .into(),
            )),
            Some(usage) if usage == spec.usage() => Ok(spec),
            Some(usage) => Err(KmsError::Validation(format!(
                "KeyUsage {usage} is not compatible with KeySpec {}",
                spec.as_str()
            ))),
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
        }
    }

    /// What such a key is for.
    pub fn usage(self) -> &'static str {
        match self {
            Spec::SymmetricDefault => "ENCRYPT_DECRYPT",
            _ => "GENERATE_VERIFY_MAC",
        }
    }

    /// The algorithm of its codes.
    pub fn mac_algorithm(self) -> Option<&'static str> {
        match self {
            Spec::SymmetricDefault => None,
            Spec::Hmac224 => Some("HMAC_SHA_224"),
            Spec::Hmac256 => Some("HMAC_SHA_256"),
            Spec::Hmac384 => Some("HMAC_SHA_384"),
            Spec::Hmac512 => Some("HMAC_SHA_512"),
        }
    }

    /// The length of its material.
    pub fn material_bytes(self) -> usize {
        match self {
            Spec::SymmetricDefault | Spec::Hmac256 => 32,
            Spec::Hmac224 => 28,
            Spec::Hmac384 => 48,
            Spec::Hmac512 => 64,
        }
    }

    /// What a grant may allow on such a key.
    pub fn grant_operations(self) -> &'static [&'static str] {
        match self {
            Spec::SymmetricDefault => &[
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
            _ => &["GenerateMac", "VerifyMac", "CreateGrant", "DescribeKey", "RetireGrant"],
        }
    }
}
