//! TagResource: lays tags over those of a cluster, a container instance, a task definition or a task.

use gantry_api_ecs as api;
use gantry_base::Tags;
use gantry_service::{Cx, Failure, Permission};

use super::shared::{self, Having};
use crate::Ecs;
use crate::error::EcsError;
use crate::tagged;

/// Sets the tags.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::TagResourceRequest,
) -> Result<api::TagResourceResponse, Failure> {
    let given = shared::tags(Some(input.tags))?;
    let mut tx = ecs.db.begin();
    let resource = tagged::find(&mut tx, &shared::place(&cx), &input.resource_arn).await?;
    let permission = Permission::on("ecs:TagResource", &resource.arn)
        .having(resource.tags.iter())
        .request_tags(given.iter());
    let permit = cx.authorize(permission)?;
    resource.check_changeable()?;
    let tags: Tags = resource.tags.with(given).map_err(|error| EcsError::invalid(error.to_string()))?;
    resource.check_wishes(&tags)?;
    resource.put(&mut tx, tags);
    tx.commit(&permit).await?;
    Ok(api::TagResourceResponse {})
}
