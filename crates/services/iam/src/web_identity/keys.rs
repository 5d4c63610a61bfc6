//! An issuer's keys ([RFC 7517](https://www.rfc-editor.org/rfc/rfc7517)), and whether one of them signed a token.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use gantry_service::Failure;
use p521::ecdsa::signature::hazmat::PrehashVerifier;
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha512};

use super::token::Token;
use super::{invalid_token, no_key};

/// The most keys of each kind that an issuer may have, as on AWS.
const MOST: usize = 100;

/// An issuer's keys.
#[derive(Debug, Clone, Default)]
pub(crate) struct Keys(Vec<Key>);

#[derive(Debug, Clone, Deserialize)]
struct Key {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    alg: Option<String>,
    /// Of RSA.
    n: Option<String>,
    e: Option<String>,
    /// Of elliptic curves.
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Keys {
    /// Reads a key set. Keys of kinds that are not known are passed over, as the RFC asks.
    pub fn read(document: &[u8]) -> Option<Keys> {
        #[derive(Deserialize)]
        struct Set {
            keys: Vec<Value>,
        }
        let set: Set = serde_json::from_slice(document).ok()?;
        let keys = set.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok());
        let mut keys: Vec<Key> =
            keys.filter(|key: &Key| key.purpose.as_deref().is_none_or(|purpose| purpose == "sig")).collect();
        keys.truncate(2 * MOST);
        Some(Keys(keys))
    }

    /// Whether there is a key that may have signed the token.
    pub fn has(&self, token: &Token) -> bool {
        self.fitting(token).next().is_some()
    }

    fn fitting<'a>(&'a self, token: &'a Token) -> impl Iterator<Item = &'a Key> {
        let kind = if token.header.alg.starts_with("ES") { "EC" } else { "RSA" };
        self.0.iter().filter(move |key| {
            let named = token.header.kid.is_none() || key.kid == token.header.kid;
            named && key.kty == kind && key.alg.as_ref().is_none_or(|alg| *alg == token.header.alg)
        })
    }

    /// Refuses a token that none of the keys signed.
    pub fn verify(&self, token: &Token) -> Result<(), Failure> {
        if !matches!(token.header.alg.as_str(), "RS256" | "RS384" | "RS512" | "ES256" | "ES384" | "ES512") {
            return Err(invalid_token(format!("The algorithm {} is not supported.", token.header.alg)));
        }
        if !self.has(token) {
            return Err(no_key());
        }
        if self.fitting(token).any(|key| key.signed(token).is_some()) {
            return Ok(());
        }
        Err(invalid_token(
            "The web identity token that was passed could not be validated: its signature is invalid.",
        ))
    }
}

impl Key {
    fn signed(&self, token: &Token) -> Option<()> {
        let decoded = |part: &Option<String>| BASE64.decode(part.as_ref()?).ok();
        let (signed, by) = (token.signed.as_bytes(), &token.signature);
        if self.kty == "RSA" {
            let algorithm = match token.header.alg.as_str() {
                "RS256" => &signature::RSA_PKCS1_2048_8192_SHA256,
                "RS384" => &signature::RSA_PKCS1_2048_8192_SHA384,
                _ => &signature::RSA_PKCS1_2048_8192_SHA512,
            };
            let key = RsaPublicKeyComponents { n: decoded(&self.n)?, e: decoded(&self.e)? };
            return key.verify(algorithm, signed, by).ok();
        }
        let point = [&[4], &*decoded(&self.x)?, &*decoded(&self.y)?].concat();
        let algorithm = match (token.header.alg.as_str(), self.crv.as_deref()?) {
            // The other curves' library does not have this one.
            ("ES512", "P-521") => {
                let key = p521::ecdsa::VerifyingKey::from_sec1_bytes(&point).ok()?;
                let signature = p521::ecdsa::Signature::from_slice(by).ok()?;
                return key.verify_prehash(&Sha512::digest(signed), &signature).ok();
            }
            ("ES256", "P-256") => &signature::ECDSA_P256_SHA256_FIXED,
            ("ES384", "P-384") => &signature::ECDSA_P384_SHA384_FIXED,
            _ => return None,
        };
        UnparsedPublicKey::new(algorithm, point).verify(signed, by).ok()
    }
}
