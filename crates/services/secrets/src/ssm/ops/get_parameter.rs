//! GetParameter: one value, the newest unless a version is named.

use gantry_api_ssm as api;
use gantry_service::{Cx, Failure};

use super::{on_parameter, read, read_public};
use crate::Secrets;
use crate::ssm::error::ParameterError;
use crate::ssm::{answer, name, reference};

/// Reads a parameter.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::GetParameterRequest,
) -> Result<api::GetParameterResult, Failure> {
    if reference::is_reference(&input.name) {
        let decrypt = input.with_decryption == Some(true);
        let parameter = reference::read(&cx, "ssm:GetParameter", &input.name, decrypt).await?;
        return Ok(api::GetParameterResult { parameter: Some(parameter) });
    }
    if let Some(parameter) = read_public(&cx, "ssm:GetParameter", &input.name)? {
        return Ok(api::GetParameterResult { parameter: Some(parameter) });
    }
    let Some(wanted) = name::parse(&cx, &input.name) else {
        cx.authorize(on_parameter("ssm:GetParameter", &name::arn(&cx, &input.name), None))?;
        return Err(ParameterError::NotFound { name: input.name }.into());
    };
    let mut tx = secrets.db.begin();
    let found = read(&mut tx, &cx, &wanted).await?;
    let parameter = found.as_ref().ok().map(|(parameter, _)| parameter);
    cx.authorize(on_parameter("ssm:GetParameter", &name::arn(&cx, &wanted.name), parameter))?;

    let (parameter, version) = found?;
    let decrypt = input.with_decryption == Some(true);
    let mut answer = answer::parameter(&cx, &secrets.sealer, &parameter, &version, decrypt).await?;
    answer.selector = wanted.selector.map(|selector| format!(":{}", selector.text()));
    Ok(api::GetParameterResult { parameter: Some(answer) })
}
