//! DescribeTaskDefinition: a revision, or the newest active one of a family.

use gantry_api_ecs as api;
use gantry_ecs_core::reference;
use gantry_service::{Cx, Failure, Permission};

use super::shapes::task_definition::answer;
use super::shared;
use crate::Ecs;
use crate::error::EcsError;

/// Reads one definition.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::DescribeTaskDefinitionRequest,
) -> Result<api::DescribeTaskDefinitionResponse, Failure> {
    cx.authorize(Permission::of("ecs:DescribeTaskDefinition"))?;
    let place = shared::place(&cx);
    let named =
        reference::task_definition(&input.task_definition, place.as_reference()).map_err(EcsError::from)?;
    let found = shared::find_definition(&mut ecs.db.begin(), &place, &named).await?;
    let row = found.ok_or_else(|| EcsError::client("Unable to describe task definition."))?;
    let with_tags = input.include.unwrap_or_default().iter().any(|one| one == "TAGS");
    Ok(api::DescribeTaskDefinitionResponse {
        task_definition: Some(answer(&place, &row)?),
        tags: Some(if with_tags { shared::api_tags(&row.tags) } else { Vec::new() }),
    })
}
