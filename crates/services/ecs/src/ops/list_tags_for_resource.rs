//! ListTagsForResource: the tags of a cluster, a task definition or a task.

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure, Permission};

use super::shared::{self, Having};
use crate::Ecs;
use crate::tagged;

/// Reads the tags.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::ListTagsForResourceRequest,
) -> Result<api::ListTagsForResourceResponse, Failure> {
    let mut tx = ecs.db.begin();
    let resource = tagged::find(&mut tx, &shared::place(&cx), &input.resource_arn).await?;
    let permission = Permission::on("ecs:ListTagsForResource", &resource.arn);
    cx.authorize(permission.having(resource.tags.iter()))?;
    Ok(api::ListTagsForResourceResponse { tags: Some(shared::api_tags(&resource.tags)) })
}
