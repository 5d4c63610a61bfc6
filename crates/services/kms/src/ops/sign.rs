//! Sign: a message or its digest under the private key of a pair.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};

use super::pair::{Asked, for_signing};
use crate::pair::digest;
use crate::{Kms, answer, cipher};

/// Signs.
pub async fn run(kms: &Kms, cx: Cx, input: api::SignRequest) -> Result<api::SignResponse, Failure> {
    let mut tx = kms.db.begin();
    let asked = Asked {
        action: "kms:Sign",
        operation: "Sign",
        key_id: &input.key_id,
        algorithm: &input.signing_algorithm,
        message_type: input.message_type.as_deref(),
    };
    let key = for_signing(kms, &mut tx, &cx, asked).await?;
    let digest = digest(&input.signing_algorithm, input.message_type.as_deref(), &input.message)?;
    answer::dry_run(input.dry_run)?;
    let pair = cipher::pair(kms, &mut tx, &key).await?;
    let (ids, algorithm) = (kms.ids.clone(), input.signing_algorithm.clone());
    let signature = cipher::apart(move || pair.sign(ids, &algorithm, &digest)).await?;
    Ok(api::SignResponse {
        key_id: answer::arn(&key),
        signature: Some(signature.into()),
        signing_algorithm: Some(input.signing_algorithm),
    })
}
