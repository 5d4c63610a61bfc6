//! What the operations on attributes share.

use std::collections::HashMap;

use gantry_api_ecs as api;
use gantry_ecs_core::reference;
use gantry_service::Failure;
use gantry_store::Tx;

use super::shared;
use crate::error::EcsError;
use crate::members;
use crate::names::Place;
use crate::tables::container_instance::ContainerInstance;

/// Most attributes in one request, and that can be put on one instance.
pub(super) const MOST: usize = 10;
/// Longest name and value, in characters.
const MAX_NAME: usize = 128;
const MAX_VALUE: usize = 128;

/// An attribute's name and value as AWS takes them; an empty value is none.
pub(super) fn checked(given: &api::Attribute) -> Result<(String, String), EcsError> {
    let name = &given.name;
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_./\\".contains(c);
    if name.is_empty() || name.chars().count() > MAX_NAME || !name.chars().all(fits) {
        return Err(EcsError::invalid(format!(
            "Invalid attribute name: {name}. It can have up to {MAX_NAME} letters, numbers, hyphens, underscores, \
             forward slashes, back slashes and periods."
        )));
    }
    let value = given.value.clone().unwrap_or_default();
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_./\\@: ".contains(c);
    let around = value.starts_with(' ') || value.ends_with(' ');
    if value.chars().count() > MAX_VALUE || !value.chars().all(fits) || around {
        return Err(EcsError::invalid(format!(
            "Invalid attribute value: {value}. It can have up to {MAX_VALUE} letters, numbers, hyphens, underscores, \
             periods, at signs, slashes, colons and spaces within."
        )));
    }
    Ok((name.clone(), value))
}

/// The instances that the attributes are for, each with its attributes, in the order of the request.
pub(super) struct Targets {
    pub instances: Vec<(ContainerInstance, Vec<api::Attribute>)>,
}

impl Targets {
    /// Reads the targets; all must be there.
    pub(super) async fn of(
        tx: &mut Tx,
        place: &Place,
        cluster: &str,
        attributes: &[api::Attribute],
    ) -> Result<Targets, Failure> {
        if attributes.is_empty() {
            return Err(EcsError::invalid("Attributes cannot be empty.").into());
        }
        if attributes.len() > MOST {
            return Err(EcsError::invalid(format!("Attributes can have at most {MOST} items.")).into());
        }
        let mut instances: Vec<(ContainerInstance, Vec<api::Attribute>)> = Vec::new();
        let mut index: HashMap<String, usize> = HashMap::new();
        for attribute in attributes {
            let target = attribute.target_id.as_deref().unwrap_or_default();
            if target.is_empty() {
                return Err(EcsError::invalid("The targetId of an attribute is required.").into());
            }
            if attribute.target_type.is_none() && !target.starts_with("arn:") {
                return Err(EcsError::invalid(
                    "The targetType of an attribute is required where its targetId is no ARN.",
                )
                .into());
            }
            let (named, id) =
                reference::container_instance(target, place.as_reference()).map_err(EcsError::from)?;
            shared::in_that_cluster(named.as_deref(), cluster)?;
            let at = match index.get(&id) {
                Some(&at) => at,
                None => {
                    let found = members::find(tx, place, cluster, &id).await?;
                    let found = found.filter(ContainerInstance::is_registered).ok_or_else(|| {
                        EcsError::TargetNotFound(format!("Could not find the target: {target}"))
                    })?;
                    index.insert(id, instances.len());
                    instances.push((found, Vec::new()));
                    instances.len() - 1
                }
            };
            instances[at].1.push(attribute.clone());
        }
        Ok(Targets { instances })
    }
}

/// An attribute of an instance, with its target.
pub(super) fn answer(place: &Place, instance: &ContainerInstance, name: &str, value: &str) -> api::Attribute {
    api::Attribute {
        name: name.to_owned(),
        value: Some(value.to_owned()).filter(|value| !value.is_empty()),
        target_type: Some("container-instance".to_owned()),
        target_id: Some(instance.arn(place).to_string()),
    }
}
