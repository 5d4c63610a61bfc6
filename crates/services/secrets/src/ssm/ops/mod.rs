//! The operations, one file each, and what several of them share.

pub mod add_tags_to_resource;
pub mod create_activation;
pub mod delete_activation;
pub mod delete_parameter;
pub mod delete_parameters;
pub mod describe_activations;
pub mod describe_parameters;
pub mod get_parameter;
pub mod get_parameter_history;
pub mod get_parameters;
pub mod get_parameters_by_path;
pub mod label_parameter_version;
pub mod list_tags_for_resource;
pub mod put_parameter;
pub mod remove_tags_from_resource;
pub mod unlabel_parameter_version;

use gantry_api_ssm as api;
use gantry_base::Arn;
use gantry_service::{Cx, Failure, Permission, Permit};
use gantry_store::{Key, Scan, StoreError, Tx};

use super::error::ParameterError;
use super::name::{Selector, Wanted};
use super::table::{PARAMETERS, Parameter, VERSIONS, Version, parameter_key, version_key};
use super::{answer, name, public};

/// The permission for an action on a parameter that may not be there.
pub(super) fn on_parameter<'a>(
    action: &'static str,
    arn: &'a Arn,
    parameter: Option<&Parameter>,
) -> Permission<'a> {
    let permission = Permission::on(action, arn);
    let Some(parameter) = parameter else { return permission };
    parameter.tags.iter().fold(permission.resource_tags(parameter.tags.iter()), |permission, (tag, value)| {
        permission.key(format!("ssm:resourceTag/{tag}"), [value])
    })
}

/// The parameter that is wanted, with its key.
async fn find(tx: &mut Tx, cx: &Cx, wanted: &Wanted) -> Result<Option<(Key, Parameter)>, Failure> {
    let key = parameter_key(cx.account, &cx.region, &wanted.name);
    if let Some(parameter) = tx.get(&PARAMETERS, &key).await? {
        return Ok(Some((key, parameter)));
    }
    let Some(other) = wanted.otherwise() else { return Ok(None) };
    let key = parameter_key(cx.account, &cx.region, &other);
    Ok(tx.get(&PARAMETERS, &key).await?.map(|parameter| (key, parameter)))
}

/// The parameter that is wanted, and the version that is wanted of it.
async fn read(
    tx: &mut Tx,
    cx: &Cx,
    wanted: &Wanted,
) -> Result<Result<(Parameter, Version), ParameterError>, Failure> {
    let Some((key, parameter)) = find(tx, cx, wanted).await? else {
        return Ok(Err(ParameterError::NotFound { name: wanted.text() }));
    };
    let number = match &wanted.selector {
        None => Some(parameter.current.version),
        Some(Selector::Version(version)) => Some(*version),
        Some(Selector::Label(label)) => parameter.labels.get(label).copied(),
    };
    let version = match number {
        None => None,
        Some(number) => version(tx, &key, &parameter, number).await?,
    };
    Ok(version.map(|version| (parameter, version)).ok_or_else(|| ParameterError::VersionNotFound {
        name: wanted.name.clone(),
        version: wanted.selector.as_ref().map(Selector::text).unwrap_or_default(),
    }))
}

/// A version of a parameter, where it is kept.
async fn version(
    tx: &mut Tx,
    key: &Key,
    parameter: &Parameter,
    number: u64,
) -> Result<Option<Version>, Failure> {
    if number == parameter.current.version {
        return Ok(Some(parameter.current.clone()));
    }
    Ok(tx.get(&VERSIONS, &version_key(key, number)).await?)
}

/// A parameter that must be there, by name or ARN, with the permission for an action on it.
async fn existing(
    tx: &mut Tx,
    cx: &Cx,
    action: &'static str,
    given: &str,
) -> Result<(Key, Parameter, Permit), Failure> {
    let (named, found) = named(tx, cx, given).await?;
    let arn = name::arn(cx, &named);
    let permit = cx.authorize(on_parameter(action, &arn, found.as_ref().map(|(_, parameter)| parameter)))?;
    let (key, parameter) = found.ok_or_else(|| ParameterError::NotFound { name: given.to_owned() })?;
    Ok((key, parameter, permit))
}

/// The parameter that a name or an ARN means, without a version: its name, and itself where it is there.
async fn named(tx: &mut Tx, cx: &Cx, given: &str) -> Result<(String, Option<(Key, Parameter)>), Failure> {
    match name::parse(cx, given).filter(|wanted| wanted.selector.is_none()) {
        None => Ok((given.to_owned(), None)),
        Some(wanted) => {
            let found = find(tx, cx, &wanted).await?;
            Ok((found.as_ref().map_or(wanted.name, |(_, parameter)| parameter.name.clone()), found))
        }
    }
}

/// Deletes a parameter with all its versions.
pub(crate) async fn delete_whole(tx: &mut Tx, key: &Key) -> Result<(), StoreError> {
    for (version, _) in tx.scan(&VERSIONS, key, Scan::all()).await? {
        tx.delete(&VERSIONS, &version);
    }
    tx.delete(&PARAMETERS, key);
    Ok(())
}

/// Reads a public parameter for who may; none where there is no such.
fn read_public(cx: &Cx, action: &'static str, given: &str) -> Result<Option<api::Parameter>, Failure> {
    let Some(name) = public::name_of(cx, given) else { return Ok(None) };
    let arn: Arn = format!("arn:{}:ssm:{}::parameter{name}", cx.partition(), cx.region)
        .parse()
        .map_err(Failure::internal)?;
    cx.authorize(Permission::on(action, &arn))?;
    Ok(public::find(&name).map(|public| answer::public(cx, public)))
}

/// Only parameters have tags here.
fn check_resource_type(given: &str) -> Result<(), ParameterError> {
    match given {
        "Parameter" => Ok(()),
        other => Err(ParameterError::InvalidResourceType { given: other.to_owned() }),
    }
}

/// What is wrong with a resource, in the words of tagging.
fn not_a_resource(failure: Failure, id: &str) -> Failure {
    match failure {
        Failure::Answer(error) if error.code == "ParameterNotFound" => {
            ParameterError::InvalidResourceId { id: id.to_owned() }.into()
        }
        other => other,
    }
}

/// The number of a version that is kept.
async fn check_version(tx: &mut Tx, key: &Key, parameter: &Parameter, given: i64) -> Result<u64, Failure> {
    let number = u64::try_from(given).unwrap_or_default();
    match version(tx, key, parameter, number).await? {
        Some(version) => Ok(version.version),
        None => {
            let (name, version) = (parameter.name.clone(), given.to_string());
            Err(ParameterError::VersionNotFound { name, version }.into())
        }
    }
}

/// A parameter whose tags are to change. What is allowed may depend on the tags, so its permission is asked for
/// by the operation; what is not there is told only to who may ask.
async fn tagged(
    tx: &mut Tx,
    cx: &Cx,
    action: &'static str,
    given: &str,
) -> Result<(Key, Parameter), Failure> {
    match named(tx, cx, given).await? {
        (_, Some(found)) => Ok(found),
        (named, None) => {
            cx.authorize(on_parameter(action, &name::arn(cx, &named), None))?;
            Err(ParameterError::NotFound { name: given.to_owned() }.into())
        }
    }
}
