//! DeleteParameter: a parameter goes with all its versions.

use gantry_api_ssm as api;
use gantry_service::{Cx, Failure};

use super::{delete_whole, existing};
use crate::Secrets;

/// Deletes a parameter.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::DeleteParameterRequest,
) -> Result<api::DeleteParameterResult, Failure> {
    let mut tx = secrets.db.begin();
    let (key, _, permit) = existing(&mut tx, &cx, "ssm:DeleteParameter", &input.name).await?;
    delete_whole(&mut tx, &key).await?;
    tx.commit(&permit).await?;
    Ok(api::DeleteParameterResult {})
}
