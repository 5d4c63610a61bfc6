//! LabelParameterVersion: names for versions, each on one version at a time.

use gantry_api_ssm as api;
use gantry_service::{Cx, Failure};

use super::existing;
use crate::Secrets;
use crate::ssm::error::ParameterError;
use crate::ssm::label::{self, MAX_LABELS};
use crate::ssm::table::PARAMETERS;

/// Puts labels on a version, the newest unless another is named.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::LabelParameterVersionRequest,
) -> Result<api::LabelParameterVersionResult, Failure> {
    let mut tx = secrets.db.begin();
    let (key, mut parameter, permit) =
        existing(&mut tx, &cx, "ssm:LabelParameterVersion", &input.name).await?;
    let number = match input.parameter_version {
        None => parameter.current.version,
        Some(given) => super::check_version(&mut tx, &key, &parameter, given).await?,
    };
    let invalid = label::put(&mut parameter, number, input.labels)
        .map_err(|_| ParameterError::LabelLimit { most: MAX_LABELS })?;
    tx.put(&PARAMETERS, &key, &parameter);
    tx.commit(&permit).await?;
    Ok(api::LabelParameterVersionResult {
        invalid_labels: Some(invalid),
        parameter_version: i64::try_from(number).ok(),
    })
}
