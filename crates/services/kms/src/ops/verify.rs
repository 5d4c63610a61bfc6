//! Verify: whether a signature is one of a message or digest under the public key of a pair.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};

use super::pair::{Asked, for_signing};
use crate::error::KmsError;
use crate::pair::digest;
use crate::{Kms, answer, cipher};

/// Verifies.
pub async fn run(kms: &Kms, cx: Cx, input: api::VerifyRequest) -> Result<api::VerifyResponse, Failure> {
    let mut tx = kms.db.begin();
    let asked = Asked {
        action: "kms:Verify",
        operation: "Verify",
        key_id: &input.key_id,
        algorithm: &input.signing_algorithm,
        message_type: input.message_type.as_deref(),
    };
    let key = for_signing(kms, &mut tx, &cx, asked).await?;
    let digest = digest(&input.signing_algorithm, input.message_type.as_deref(), &input.message)?;
    answer::dry_run(input.dry_run)?;
    let pair = cipher::pair(kms, &mut tx, &key).await?;
    if !pair.verifies(&input.signing_algorithm, &digest, &input.signature) {
        return Err(KmsError::InvalidSignature.into());
    }
    Ok(api::VerifyResponse {
        key_id: answer::arn(&key),
        signature_valid: Some(true),
        signing_algorithm: Some(input.signing_algorithm),
    })
}
