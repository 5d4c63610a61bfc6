//! GenerateDataKeyWithoutPlaintext: a data key for later, only under a key of KMS.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};

use super::generate_data_key::{Asked, make};
use crate::{Kms, answer};

/// Makes a data key.
pub async fn run(
    kms: &Kms,
    cx: Cx,
    input: api::GenerateDataKeyWithoutPlaintextRequest,
) -> Result<api::GenerateDataKeyWithoutPlaintextResponse, Failure> {
    let made = make(
        kms,
        &cx,
        Asked {
            action: "kms:GenerateDataKeyWithoutPlaintext",
            key_id: &input.key_id,
            context: input.encryption_context.unwrap_or_default(),
            spec: input.key_spec.as_deref(),
            bytes: input.number_of_bytes,
            dry_run: input.dry_run,
        },
    )
    .await?;
    Ok(api::GenerateDataKeyWithoutPlaintextResponse {
        ciphertext_blob: Some(made.blob.into()),
        key_id: answer::arn(&made.key),
        key_material_id: made.key.materials.last().map(|material| material.id.clone()),
    })
}
