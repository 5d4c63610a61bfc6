//! Encrypt: up to 4096 bytes under a key.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};

use crate::access::{Wish, allow_found};
use crate::key_id::{Managed, find};
use crate::spec::SYMMETRIC_DEFAULT;
use crate::{Kms, answer, cipher};

/// Encrypts.
pub async fn run(kms: &Kms, cx: Cx, input: api::EncryptRequest) -> Result<api::EncryptResponse, Failure> {
    let mut tx = kms.db.begin();
    let found = find(kms, &mut tx, &cx, "kms:Encrypt", &input.key_id, Managed::MakeAtFirstUse).await?;
    let context = input.encryption_context.unwrap_or_default();
    let wish = Wish::to("kms:Encrypt")
        .within(&context)
        .key("kms:EncryptionAlgorithm", [input.encryption_algorithm.as_deref().unwrap_or(SYMMETRIC_DEFAULT)]);
    let permit = allow_found(&mut tx, &cx, &found, wish).await?;
    answer::usable(&found.key)?;
    answer::meant_for(&found.key, "ENCRYPT_DECRYPT", "Encrypt")?;
    answer::dry_run(input.dry_run)?;
    let algorithm = input.encryption_algorithm.as_deref();
    let (blob, algorithm) =
        cipher::encrypt_by(kms, &mut tx, &found.key, algorithm, &input.plaintext, &context).await?;
    answer::keep(tx, &found, &permit).await?;
    Ok(api::EncryptResponse {
        ciphertext_blob: Some(blob.into()),
        key_id: answer::arn(&found.key),
        encryption_algorithm: Some(algorithm),
    })
}
