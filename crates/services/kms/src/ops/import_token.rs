//! What a client is handed to import a material with, and comes back with: the private key that unwraps it, sealed,
//! so that nothing about it need be remembered.

use std::time::Duration;

use gantry_base::Timestamp;
use gantry_service::Failure;
use serde::{Deserialize, Serialize};

use crate::Kms;
use crate::error::KmsError;
use crate::tables::{KeyRow, Origin};

/// How long a material can be imported with one.
pub const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// A token, as it is sealed.
#[derive(Serialize, Deserialize)]
pub struct ImportToken {
    /// How the material is wrapped.
    pub algorithm: String,
    /// The private key in PKCS #8, in base64.
    pub private: String,
    pub valid_to: Timestamp,
}

impl ImportToken {
    /// Seals the token for a key.
    pub fn seal(&self, kms: &Kms, key: &KeyRow) -> Result<Vec<u8>, Failure> {
        let plain = serde_json::to_vec(self).map_err(Failure::internal)?;
        Ok(kms.sealer.seal(&plain, &context(key)))
    }

    /// Opens a token of a key.
    pub fn open(kms: &Kms, key: &KeyRow, sealed: &[u8], now: Timestamp) -> Result<ImportToken, KmsError> {
        let plain = kms.sealer.open(sealed, &context(key)).map_err(|_| KmsError::InvalidImportToken)?;
        let token: ImportToken = serde_json::from_slice(&plain).map_err(|_| KmsError::InvalidImportToken)?;
        match token.valid_to > now {
            true => Ok(token),
            false => Err(KmsError::ExpiredImportToken),
        }
    }
}

fn context(key: &KeyRow) -> String {
    format!("kms/import/{}", key.arn())
}

/// Refuses a key whose material is not imported.
pub fn is_external(key: &KeyRow) -> Result<(), KmsError> {
    match key.origin {
        Origin::External => Ok(()),
        Origin::Drawn => Err(KmsError::Unsupported(format!(
            "{} origin is AWS_KMS which is not valid for this operation.",
            key.arn()
        ))),
    }
}
