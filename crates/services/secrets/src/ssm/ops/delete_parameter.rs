//! DeleteParameter: a parameter goes with all its versions.

use gantry_api_ssm as api;
use gantry_service::{Cx, Failure};
use gantry_store::Scan;

use super::on_parameter;
use crate::Secrets;
use crate::ssm::error::ParameterError;
use crate::ssm::name;
use crate::ssm::table::{PARAMETERS, VERSIONS, parameter_key};

/// Deletes a parameter.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::DeleteParameterRequest,
) -> Result<api::DeleteParameterResult, Failure> {
    let mut tx = secrets.db.begin();
    let wanted = name::parse(&cx, &input.name).filter(|wanted| wanted.selector.is_none());
    let named = wanted.map_or(input.name.clone(), |wanted| wanted.name);
    let key = parameter_key(cx.account, &cx.region, &named);
    let parameter = tx.get(&PARAMETERS, &key).await?;
    let arn = name::arn(&cx, &named);
    let permit = cx.authorize(on_parameter("ssm:DeleteParameter", &arn, parameter.as_ref()))?;

    if parameter.is_none() {
        return Err(ParameterError::NotFound { name: input.name }.into());
    }
    for (version, _) in tx.scan(&VERSIONS, &key, Scan::all()).await? {
        tx.delete(&VERSIONS, &version);
    }
    tx.delete(&PARAMETERS, &key);
    tx.commit(&permit).await?;
    Ok(api::DeleteParameterResult {})
}
