//! DeleteParameters: several parameters go; names that lead to none are listed.

use gantry_api_ssm as api;
use gantry_service::{Cx, Failure};

use super::{delete_whole, existing};
use crate::Secrets;
use crate::ssm::error::ParameterError;

/// AWS's limit of names in one request.
const MAX_NAMES: usize = 10;

/// Deletes parameters; being denied one of them is being denied all.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::DeleteParametersRequest,
) -> Result<api::DeleteParametersResult, Failure> {
    if input.names.is_empty() || input.names.len() > MAX_NAMES {
        let message =
            format!("DeleteParameters takes 1 to {MAX_NAMES} names, and {} were given.", input.names.len());
        return Err(ParameterError::Validation(message).into());
    }
    let mut tx = secrets.db.begin();
    let (mut deleted, mut invalid, mut proof) = (Vec::new(), Vec::new(), None);
    for given in input.names {
        match existing(&mut tx, &cx, "ssm:DeleteParameters", &given).await {
            Ok((key, parameter, permit)) => {
                delete_whole(&mut tx, &key).await?;
                deleted.push(parameter.name);
                proof = Some(permit);
            }
            Err(Failure::Answer(_)) => invalid.push(given),
            Err(other) => return Err(other),
        }
    }
    if let Some(permit) = proof {
        tx.commit(&permit).await?;
    }
    Ok(api::DeleteParametersResult { deleted_parameters: Some(deleted), invalid_parameters: Some(invalid) })
}
