//! ReEncrypt: a ciphertext under one key becomes one under another, and its plaintext stays inside.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};

use crate::access::{Wish, allow_found};
use crate::error::KmsError;
use crate::key_id::{Managed, find};
use crate::{Kms, answer, cipher};

/// Encrypts anew.
pub async fn run(kms: &Kms, cx: Cx, input: api::ReEncryptRequest) -> Result<api::ReEncryptResponse, Failure> {
    let from_context = input.source_encryption_context.unwrap_or_default();
    let to_context = input.destination_encryption_context.unwrap_or_default();
    let blob = input.ciphertext_blob.unwrap_or_default();
    let mut tx = kms.db.begin();
    let source = input.source_key_id.as_deref();
    let from = super::key_of(kms, &mut tx, &cx, "kms:ReEncryptFrom", &blob, source).await?;
    let name = &input.destination_key_id;
    let to = find(kms, &mut tx, &cx, "kms:ReEncryptTo", name, Managed::MakeAtFirstUse).await?;
    let same = (from.key.id == to.key.id).to_string();
    let wish = |action| Wish::to(action).key("kms:ReEncryptOnSameKey", [same.as_str()]);
    allow_found(&mut tx, &cx, &from, wish("kms:ReEncryptFrom").within(&from_context)).await?;
    let permit = allow_found(&mut tx, &cx, &to, wish("kms:ReEncryptTo").within(&to_context)).await?;
    for key in [&from.key, &to.key] {
        answer::usable(key)?;
        answer::meant_for(key, "ENCRYPT_DECRYPT", "ReEncrypt")?;
    }
    if input.dry_run_modifiers.is_some_and(|modifiers| !modifiers.is_empty()) {
        return Err(KmsError::Unsupported("DryRunModifiers are not served by Gantry.".into()).into());
    }
    let algorithm = input.source_encryption_algorithm.as_deref();
    let (plain, from_algorithm, material) =
        cipher::decrypt_by(kms, &mut tx, &from.key, algorithm, &blob, &from_context).await?;
    answer::dry_run(input.dry_run)?;
    let algorithm = input.destination_encryption_algorithm.as_deref();
    let (blob, to_algorithm) =
        cipher::encrypt_by(kms, &mut tx, &to.key, algorithm, &plain, &to_context).await?;
    answer::keep(tx, &to, &permit).await?;
    let symmetric = !to.key.spec.is_pair();
    Ok(api::ReEncryptResponse {
        ciphertext_blob: Some(blob.into()),
        source_key_id: answer::arn(&from.key),
        key_id: answer::arn(&to.key),
        source_encryption_algorithm: Some(from_algorithm),
        destination_encryption_algorithm: Some(to_algorithm),
        source_key_material_id: material,
        destination_key_material_id: symmetric
            .then(|| to.key.materials.last().map(|material| material.id.clone()))
            .flatten(),
    })
}
