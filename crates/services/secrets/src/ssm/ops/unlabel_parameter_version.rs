//! UnlabelParameterVersion: a version loses labels.

use gantry_api_ssm as api;
use gantry_service::{Cx, Failure};

use super::existing;
use crate::Secrets;
use crate::ssm::label;
use crate::ssm::table::PARAMETERS;

/// Takes labels from a version.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::UnlabelParameterVersionRequest,
) -> Result<api::UnlabelParameterVersionResult, Failure> {
    let mut tx = secrets.db.begin();
    let (key, mut parameter, permit) =
        existing(&mut tx, &cx, "ssm:UnlabelParameterVersion", &input.name).await?;
    let number = super::check_version(&mut tx, &key, &parameter, input.parameter_version).await?;
    let (removed, invalid) = label::remove(&mut parameter, number, input.labels);
    tx.put(&PARAMETERS, &key, &parameter);
    tx.commit(&permit).await?;
    Ok(api::UnlabelParameterVersionResult { removed_labels: Some(removed), invalid_labels: Some(invalid) })
}
