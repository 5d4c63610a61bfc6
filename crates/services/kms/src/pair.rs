//! Pairs of a private and a public key: RSA and elliptic curves.

use std::sync::Arc;

use gantry_base::Ids;
use gantry_service::Failure;
use k256::ecdsa as secg;
use p256::ecdsa::signature::hazmat::{PrehashSigner, PrehashVerifier};
use p256::elliptic_curve::point::AffineCoordinates;
use rsa::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey};
use rsa::rand_core::{Infallible, TryCryptoRng, TryRng};
use rsa::{Oaep, Pkcs1v15Sign, Pss};
use sha2::Digest;

use crate::error::KmsError;
use crate::spec::Spec;

/// A pair.
pub enum Pair {
    Rsa(Box<rsa::PrivateKey>),
    P256(p256::ecdsa::SigningKey),
    P384(p384::ecdsa::SigningKey),
    P521(p521::ecdsa::SigningKey),
    K256(secg::SigningKey),
}

/// Gantry's source of randomness, as the algorithms want it.
pub struct Drawn(pub Arc<dyn Ids>);

impl TryRng for Drawn {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill(bytes);
        Ok(())
    }
}

impl TryCryptoRng for Drawn {}

/// A hash function, by the last part of an algorithm's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    fn of(algorithm: &str) -> Option<Hash> {
        match algorithm.rsplit('_').next()? {
            "256" => Some(Hash::Sha256),
            "384" => Some(Hash::Sha384),
            "512" => Some(Hash::Sha512),
            _ => None,
        }
    }

    fn bytes(self) -> usize {
        match self {
            Hash::Sha256 => 32,
            Hash::Sha384 => 48,
            Hash::Sha512 => 64,
        }
    }
}

/// What is signed: the message's digest, made here unless the client made it.
pub fn digest(algorithm: &str, message_type: Option<&str>, message: &[u8]) -> Result<Vec<u8>, KmsError> {
    let hash = Hash::of(algorithm)
        .ok_or_else(|| KmsError::Unsupported(format!("{algorithm} is not served by Gantry.")))?;
    match message_type.unwrap_or("RAW") {
        "RAW" => Ok(match hash {
            Hash::Sha256 => sha2::Sha256::digest(message).to_vec(),
            Hash::Sha384 => sha2::Sha384::digest(message).to_vec(),
            Hash::Sha512 => sha2::Sha512::digest(message).to_vec(),
        }),
        "DIGEST" if message.len() == hash.bytes() => Ok(message.to_vec()),
        "DIGEST" => Err(KmsError::Validation(format!("Digest is invalid length for algorithm {algorithm}."))),
        other => {
            Err(KmsError::Validation(format!("MessageType {other} is not compatible with {algorithm}.")))
        }
    }
}

impl Pair {
    /// Draws a new pair. That of RSA may take seconds of a core.
    pub fn generate(spec: Spec, ids: Arc<dyn Ids>) -> Result<Pair, Failure> {
        let mut drawn = Drawn(ids);
        if let Some(bits) = spec.rsa_bits() {
            let key = rsa::PrivateKey::new(&mut drawn, bits).map_err(Failure::internal)?;
            return Ok(Pair::Rsa(Box::new(key)));
        }
        // A scalar beyond the curve's order is drawn again, which hardly ever happens.
        loop {
            let mut scalar = vec![0; scalar_bytes(spec)];
            drawn.0.fill(&mut scalar);
            if spec == Spec::NistP521 {
                scalar[0] &= 1;
            }
            let pair = match spec {
                Spec::NistP256 => p256::ecdsa::SigningKey::from_slice(&scalar).map(Pair::P256),
                Spec::NistP384 => p384::ecdsa::SigningKey::from_slice(&scalar).map(Pair::P384),
                Spec::NistP521 => p521::ecdsa::SigningKey::from_slice(&scalar).map(Pair::P521),
                Spec::SecgP256k1 => secg::SigningKey::from_slice(&scalar).map(Pair::K256),
                other => return Err(Failure::internal(format_args!("{} is no pair", other.as_str()))),
            };
            if let Ok(pair) = pair {
                return Ok(pair);
            }
        }
    }

    /// Reads a pair in PKCS #8.
    pub fn read(spec: Spec, der: &[u8]) -> Result<Pair, Failure> {
        Ok(match spec {
            Spec::NistP256 => Pair::P256(DecodePrivateKey::from_pkcs8_der(der).map_err(Failure::internal)?),
            Spec::NistP384 => Pair::P384(DecodePrivateKey::from_pkcs8_der(der).map_err(Failure::internal)?),
            Spec::NistP521 => Pair::P521(DecodePrivateKey::from_pkcs8_der(der).map_err(Failure::internal)?),
            Spec::SecgP256k1 => Pair::K256(DecodePrivateKey::from_pkcs8_der(der).map_err(Failure::internal)?),
            _ => Pair::Rsa(Box::new(rsa::PrivateKey::from_pkcs8_der(der).map_err(Failure::internal)?)),
        })
    }

    /// The pair in PKCS #8.
    pub fn private_der(&self) -> Result<Vec<u8>, Failure> {
        let der = match self {
            Pair::Rsa(key) => key.to_pkcs8_der(),
            Pair::P256(key) => key.to_pkcs8_der(),
            Pair::P384(key) => key.to_pkcs8_der(),
            Pair::P521(key) => key.to_pkcs8_der(),
            Pair::K256(key) => key.to_pkcs8_der(),
        };
        Ok(der.map_err(Failure::internal)?.as_bytes().to_vec())
    }

    /// The public key as X.509 has it.
    pub fn public_der(&self) -> Result<Vec<u8>, Failure> {
        let der = match self {
            Pair::Rsa(key) => key.to_public_key().to_public_key_der(),
            Pair::P256(key) => key.verifying_key().to_public_key_der(),
            Pair::P384(key) => key.verifying_key().to_public_key_der(),
            Pair::P521(key) => key.verifying_key().to_public_key_der(),
            Pair::K256(key) => key.verifying_key().to_public_key_der(),
        };
        Ok(der.map_err(Failure::internal)?.as_bytes().to_vec())
    }

    /// Signs a digest with one of the algorithms of the key's specification.
    pub fn sign(&self, ids: Arc<dyn Ids>, algorithm: &str, digest: &[u8]) -> Result<Vec<u8>, Failure> {
        let mut drawn = Drawn(ids);
        let internal = |_| Failure::internal(format_args!("{algorithm} does not sign"));
        match self {
            Pair::Rsa(key) if algorithm.starts_with("RSASSA_PSS") => match Hash::of(algorithm) {
                Some(Hash::Sha256) => key.sign_with_rng(&mut drawn, Pss::<sha2::Sha256>::new(), digest),
                Some(Hash::Sha384) => key.sign_with_rng(&mut drawn, Pss::<sha2::Sha384>::new(), digest),
                _ => key.sign_with_rng(&mut drawn, Pss::<sha2::Sha512>::new(), digest),
            }
            .map_err(internal),
            Pair::Rsa(key) => key.sign_with_rng(&mut drawn, pkcs1(algorithm), digest).map_err(internal),
            Pair::P256(key) => {
                let made: Result<p256::ecdsa::DerSignature, _> = key.sign_prehash(digest);
                Ok(made.map_err(Failure::internal)?.as_bytes().to_vec())
            }
            Pair::P384(key) => {
                let made: Result<p384::ecdsa::DerSignature, _> = key.sign_prehash(digest);
                Ok(made.map_err(Failure::internal)?.as_bytes().to_vec())
            }
            Pair::P521(key) => {
                let made: Result<p521::ecdsa::DerSignature, _> = key.sign_prehash(digest);
                Ok(made.map_err(Failure::internal)?.as_bytes().to_vec())
            }
            Pair::K256(key) => {
                let made: Result<secg::DerSignature, _> = key.sign_prehash(digest);
                Ok(made.map_err(Failure::internal)?.as_bytes().to_vec())
            }
        }
    }

    /// Whether a signature is one of the digest under this key.
    pub fn verifies(&self, algorithm: &str, digest: &[u8], signature: &[u8]) -> bool {
        macro_rules! elliptic {
            ($curve:ident, $key:expr) => {
                $curve::ecdsa::DerSignature::try_from(signature)
                    .is_ok_and(|signature| $key.verifying_key().verify_prehash(digest, &signature).is_ok())
            };
        }
        match self {
            Pair::Rsa(key) => {
                let key = key.to_public_key();
                let verified = if algorithm.starts_with("RSASSA_PSS") {
                    match Hash::of(algorithm) {
                        Some(Hash::Sha256) => key.verify(Pss::<sha2::Sha256>::new(), digest, signature),
                        Some(Hash::Sha384) => key.verify(Pss::<sha2::Sha384>::new(), digest, signature),
                        _ => key.verify(Pss::<sha2::Sha512>::new(), digest, signature),
                    }
                } else {
                    key.verify(pkcs1(algorithm), digest, signature)
                };
                verified.is_ok()
            }
            Pair::P256(key) => elliptic!(p256, key),
            Pair::P384(key) => elliptic!(p384, key),
            Pair::P521(key) => elliptic!(p521, key),
            Pair::K256(key) => elliptic!(k256, key),
        }
    }

    /// The secret that this pair and another one have together; none if the other's public key is of another curve.
    pub fn agree(&self, public_der: &[u8]) -> Option<Vec<u8>> {
        macro_rules! elliptic {
            ($curve:ident, $key:expr) => {{
                let public = $curve::PublicKey::from_public_key_der(public_der).ok()?;
                let shared = (public.to_projective() * **$key.as_nonzero_scalar()).to_affine();
                Some(shared.x().to_vec())
            }};
        }
        match self {
            Pair::P256(key) => elliptic!(p256, key),
            Pair::P384(key) => elliptic!(p384, key),
            Pair::P521(key) => elliptic!(p521, key),
            Pair::Rsa(_) | Pair::K256(_) => None,
        }
    }

    /// Encrypts under the public key. A text that is too long is refused.
    pub fn encrypt(&self, ids: Arc<dyn Ids>, algorithm: &str, plain: &[u8]) -> Result<Vec<u8>, Failure> {
        let Pair::Rsa(key) = self else { return Err(Failure::internal("an elliptic key does not encrypt")) };
        let (key, mut drawn) = (key.to_public_key(), Drawn(ids));
        let made = match algorithm {
            "RSAES_OAEP_SHA_1" => key.encrypt(&mut drawn, Oaep::<sha1::Sha1>::new(), plain),
            _ => key.encrypt(&mut drawn, Oaep::<sha2::Sha256>::new(), plain),
        };
        match made {
            Err(rsa::Error::MessageTooLong) => {
                Err(KmsError::Validation(format!("{algorithm} cannot encrypt that much data.")).into())
            }
            made => made.map_err(Failure::internal),
        }
    }

    /// Decrypts what was encrypted under the public key.
    pub fn decrypt(&self, ids: Arc<dyn Ids>, algorithm: &str, blob: &[u8]) -> Result<Vec<u8>, Failure> {
        let Pair::Rsa(key) = self else { return Err(Failure::internal("an elliptic key does not decrypt")) };
        let mut drawn = Drawn(ids);
        let made = match algorithm {
            "RSAES_OAEP_SHA_1" => key.decrypt_blinded(&mut drawn, Oaep::<sha1::Sha1>::new(), blob),
            _ => key.decrypt_blinded(&mut drawn, Oaep::<sha2::Sha256>::new(), blob),
        };
        made.map_err(|_| KmsError::InvalidCiphertext.into())
    }
}

fn pkcs1(algorithm: &str) -> Pkcs1v15Sign {
    match Hash::of(algorithm) {
        Some(Hash::Sha256) => Pkcs1v15Sign::new::<sha2::Sha256>(),
        Some(Hash::Sha384) => Pkcs1v15Sign::new::<sha2::Sha384>(),
        _ => Pkcs1v15Sign::new::<sha2::Sha512>(),
    }
}

fn scalar_bytes(spec: Spec) -> usize {
    match spec {
        Spec::NistP384 => 48,
        Spec::NistP521 => 66,
        _ => 32,
    }
}
