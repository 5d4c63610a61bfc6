//! A task definition as AWS shows it.

use gantry_api_ecs as api;
use gantry_service::Failure;
use gantry_wire::from_json;

use crate::names::Place;
use crate::tables::task_definition::TaskDefinition;

/// The definition's shape: what was registered, and what was found out about it.
pub(crate) fn answer(place: &Place, row: &TaskDefinition) -> Result<api::TaskDefinition, Failure> {
    // Both shapes have the same members where they meet, so the document reads as either.
    let mut shape: api::TaskDefinition = from_json(&row.document).map_err(Failure::internal)?;
    let attribute = |name: &String| api::Attribute { name: name.clone(), ..api::Attribute::default() };
    shape.task_definition_arn = Some(place.task_definition_arn(&row.family, row.revision).to_string());
    shape.revision = Some(row.revision as i32);
    shape.status = Some(row.status().as_str().to_owned());
    let attributes: Vec<_> = row.requires_attributes.iter().map(attribute).collect();
    shape.requires_attributes = Some(attributes).filter(|all| !all.is_empty());
    shape.compatibilities = Some(row.compatibilities.clone());
    shape.registered_at = Some(row.registered_at);
    shape.registered_by = Some(row.registered_by.clone());
    shape.deregistered_at = row.deregistered_at;
    shape.delete_requested_at = row.delete_requested_at;
    Ok(shape)
}
