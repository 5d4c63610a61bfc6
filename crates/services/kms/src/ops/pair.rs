//! What Sign and Verify share.

use gantry_service::{Cx, Failure};
use gantry_store::Tx;

use crate::access::{Wish, allow_found};
use crate::error::KmsError;
use crate::key_id::{Managed, find};
use crate::tables::KeyRow;
use crate::{Kms, answer};

/// What a request says.
pub struct Asked<'a> {
    pub action: &'static str,
    pub operation: &'static str,
    pub key_id: &'a str,
    pub algorithm: &'a str,
    pub message_type: Option<&'a str>,
}

/// The key, for who may use it and with an algorithm that it has.
pub async fn for_signing(kms: &Kms, tx: &mut Tx, cx: &Cx, asked: Asked<'_>) -> Result<KeyRow, Failure> {
    let found = find(kms, tx, cx, asked.action, asked.key_id, Managed::MustBeThere).await?;
    let wish = Wish::to(asked.action)
        .key("kms:SigningAlgorithm", [asked.algorithm])
        .key("kms:MessageType", [asked.message_type.unwrap_or("RAW")]);
    allow_found(tx, cx, &found, wish).await?;
    answer::usable(&found.key)?;
    answer::meant_for(&found.key, "SIGN_VERIFY", asked.operation)?;
    has_algorithm(&found.key, found.key.spec.signing_algorithms(), asked.algorithm)?;
    Ok(found.key)
}

/// Refuses an algorithm that the key's specification does not have.
pub fn has_algorithm(key: &KeyRow, algorithms: &[&str], asked: &str) -> Result<(), KmsError> {
    if algorithms.contains(&asked) {
        return Ok(());
    }
    Err(KmsError::InvalidAlgorithm { algorithm: asked.to_owned(), spec: key.spec.as_str() })
}
