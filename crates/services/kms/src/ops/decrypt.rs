//! Decrypt: what a key of KMS encrypted, which the ciphertext names itself.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};

use crate::access::{Wish, allow_found};
use crate::error::KmsError;
use crate::spec::SYMMETRIC_DEFAULT;
use crate::{Kms, answer, cipher};

/// Decrypts.
pub async fn run(kms: &Kms, cx: Cx, input: api::DecryptRequest) -> Result<api::DecryptResponse, Failure> {
    let context = input.encryption_context.unwrap_or_default();
    let blob = input.ciphertext_blob.unwrap_or_default();
    let mut tx = kms.db.begin();
    let found = super::key_of(kms, &mut tx, &cx, "kms:Decrypt", &blob, input.key_id.as_deref()).await?;
    let wish = Wish::to("kms:Decrypt")
        .within(&context)
        .key("kms:EncryptionAlgorithm", [input.encryption_algorithm.as_deref().unwrap_or(SYMMETRIC_DEFAULT)]);
    allow_found(&mut tx, &cx, &found, wish).await?;
    answer::usable(&found.key)?;
    answer::meant_for(&found.key, "ENCRYPT_DECRYPT", "Decrypt")?;
    answer::no_recipient(input.recipient.as_ref())?;
    if input.dry_run_modifiers.is_some_and(|modifiers| !modifiers.is_empty()) {
        return Err(KmsError::Unsupported("DryRunModifiers are not served by Gantry.".into()).into());
    }
    let algorithm = input.encryption_algorithm.as_deref();
    let (plain, algorithm, material) =
        cipher::decrypt_by(kms, &mut tx, &found.key, algorithm, &blob, &context).await?;
    answer::dry_run(input.dry_run)?;
    Ok(api::DecryptResponse {
        key_id: answer::arn(&found.key),
        plaintext: Some(plain.into()),
        encryption_algorithm: Some(algorithm),
        ciphertext_for_recipient: None,
        key_material_id: material,
    })
}
