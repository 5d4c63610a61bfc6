//! The operations, one file each, and what several of them share.

pub mod delete_parameter;
pub mod describe_parameters;
pub mod get_parameter;
pub mod get_parameters;
pub mod get_parameters_by_path;
pub mod put_parameter;

use gantry_base::Arn;
use gantry_service::{Failure, Permission};
use gantry_store::{Key, Tx};

use super::error::ParameterError;
use super::name::{Selector, Wanted};
use super::table::{PARAMETERS, Parameter, VERSIONS, Version, version_key};

/// The permission for an action on a parameter that may not be there.
fn on_parameter<'a>(action: &'static str, arn: &'a Arn, parameter: Option<&Parameter>) -> Permission<'a> {
    let permission = Permission::on(action, arn);
    let Some(parameter) = parameter else { return permission };
    parameter.tags.iter().fold(permission.resource_tags(parameter.tags.iter()), |permission, (tag, value)| {
        permission.key(format!("ssm:resourceTag/{tag}"), [value])
    })
}

/// The parameter at `key`, and the version that is wanted of it.
async fn read(
    tx: &mut Tx,
    key: &Key,
    wanted: &Wanted,
) -> Result<Result<(Parameter, Version), ParameterError>, Failure> {
    let Some(parameter) = tx.get(&PARAMETERS, key).await? else {
        return Ok(Err(ParameterError::NotFound { name: wanted.name.clone() }));
    };
    let version = match wanted.selector {
        None => Some(parameter.current.clone()),
        Some(Selector::Version(version)) if version == parameter.current.version => {
            Some(parameter.current.clone())
        }
        Some(Selector::Version(version)) => tx.get(&VERSIONS, &version_key(key, version)).await?,
        // Labels are put on versions by an operation that is not served.
        Some(Selector::Label(_)) => None,
    };
    Ok(version.map(|version| (parameter, version)).ok_or_else(|| ParameterError::VersionNotFound {
        name: wanted.name.clone(),
        version: wanted.selector.as_ref().map(Selector::text).unwrap_or_default(),
    }))
}
