//! CancelRotateSecret: no secret rotates here, so there is nothing to cancel.

use gantry_api_secretsmanager as api;
use gantry_service::{Cx, Failure};

use super::{alive_primary, on_secret};
use crate::Secrets;
use crate::secretsmanager::error::SecretError;
use crate::secretsmanager::name;

/// Answers as AWS does of a secret that has no rotation.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::CancelRotateSecretRequest,
) -> Result<api::CancelRotateSecretResponse, Failure> {
    let mut tx = secrets.db.begin();
    let found = name::find(&mut tx, &cx, &input.secret_id).await?;
    cx.authorize(on_secret("secretsmanager:CancelRotateSecret", &found, &input.secret_id))?;
    alive_primary(found)?;
    Err(SecretError::InvalidRequest("No Lambda rotation function ARN is associated with this secret.").into())
}
