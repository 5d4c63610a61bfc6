//! GetParameters: several values; names that lead to none are listed.

use gantry_api_ssm as api;
use gantry_service::{Cx, Failure};

use super::{on_parameter, read, read_public};
use crate::Secrets;
use crate::ssm::error::ParameterError;
use crate::ssm::{answer, name, reference};

/// AWS's limit of names in one request.
const MAX_NAMES: usize = 10;

/// Reads parameters; being denied one of them is being denied all.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::GetParametersRequest,
) -> Result<api::GetParametersResult, Failure> {
    if input.names.len() > MAX_NAMES {
        return Err(ParameterError::Validation(format!(
            "1 validation error detected: Value '[{}]' at 'names' failed to satisfy constraint: Member must have \
             length less than or equal to {MAX_NAMES}.",
            input.names.join(", ")
        ))
        .into());
    }
    let decrypt = input.with_decryption == Some(true);
    let mut tx = secrets.db.begin();
    let (mut parameters, mut invalid) = (Vec::new(), Vec::new());
    for given in input.names {
        if reference::is_reference(&given) {
            match reference::read(&cx, "ssm:GetParameters", &given, decrypt).await {
                Ok(parameter) => parameters.push(parameter),
                Err(Failure::Answer(error)) if error.code == "ParameterNotFound" => invalid.push(given),
                Err(other) => return Err(other),
            }
            continue;
        }
        if let Some(public) = read_public(&cx, "ssm:GetParameters", &given)? {
            parameters.push(public);
            continue;
        }
        let wanted = name::parse(&cx, &given);
        let named = wanted.as_ref().map_or(given.as_str(), |wanted| wanted.name.as_str());
        let arn = name::arn(&cx, named);
        let found = match &wanted {
            None => None,
            Some(wanted) => read(&mut tx, &cx, wanted).await?.ok(),
        };
        cx.authorize(on_parameter(
            "ssm:GetParameters",
            &arn,
            found.as_ref().map(|(parameter, _)| parameter),
        ))?;
        match found {
            None => invalid.push(given),
            Some((parameter, version)) => {
                let mut answer =
                    answer::parameter(&cx, &secrets.sealer, &parameter, &version, decrypt).await?;
                let selector = wanted.and_then(|wanted| wanted.selector);
                answer.selector = selector.map(|selector| format!(":{}", selector.text()));
                parameters.push(answer);
            }
        }
    }
    parameters.sort_by(|a, b| (&a.name, a.version).cmp(&(&b.name, b.version)));
    Ok(api::GetParametersResult { parameters: Some(parameters), invalid_parameters: Some(invalid) })
}
