//! GenerateDataKeyPairWithoutPlaintext: a pair for later, its private key under a key of KMS alone.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};

use super::generate_data_key_pair::{Asked, make};
use crate::{Kms, answer};

/// Makes a pair.
pub async fn run(
    kms: &Kms,
    cx: Cx,
    input: api::GenerateDataKeyPairWithoutPlaintextRequest,
) -> Result<api::GenerateDataKeyPairWithoutPlaintextResponse, Failure> {
    let made = make(
        kms,
        &cx,
        Asked {
            action: "kms:GenerateDataKeyPairWithoutPlaintext",
            key_id: &input.key_id,
            context: input.encryption_context.unwrap_or_default(),
            spec: &input.key_pair_spec,
            dry_run: input.dry_run,
        },
    )
    .await?;
    Ok(api::GenerateDataKeyPairWithoutPlaintextResponse {
        private_key_ciphertext_blob: Some(made.blob.into()),
        public_key: Some(made.public.into()),
        key_id: answer::arn(&made.key),
        key_pair_spec: Some(input.key_pair_spec),
        key_material_id: made.key.materials.last().map(|material| material.id.clone()),
    })
}
