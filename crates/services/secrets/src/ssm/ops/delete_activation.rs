//! DeleteActivation: no machine comes with it any more. Those that came stay.

use gantry_api_ssm as api;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::key;

use crate::Secrets;
use crate::ssm::activation::{ACTIVATION_PLACES, ACTIVATIONS, activations_key};
use crate::ssm::error::ParameterError;

/// Deletes an activation.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::DeleteActivationRequest,
) -> Result<api::DeleteActivationResult, Failure> {
    let permit = cx.authorize(Permission::of("ssm:DeleteActivation"))?;
    let key = activations_key(cx.account, &cx.region).with(&input.activation_id);
    let mut tx = secrets.db.begin();
    if tx.get(&ACTIVATIONS, &key).await?.is_none() {
        return Err(ParameterError::InvalidActivation { id: input.activation_id }.into());
    }
    tx.delete(&ACTIVATIONS, &key);
    tx.delete(&ACTIVATION_PLACES, &key!(input.activation_id));
    tx.commit(&permit).await?;
    Ok(api::DeleteActivationResult {})
}
