//! UntagResource: takes tags away.

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure, Permission};

use super::shared::{self, Having};
use crate::Ecs;
use crate::tagged;

/// Removes the tags with these keys.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::UntagResourceRequest,
) -> Result<api::UntagResourceResponse, Failure> {
    let mut tx = ecs.db.begin();
    let resource = tagged::find(&mut tx, &shared::place(&cx), &input.resource_arn).await?;
    let permission = Permission::on("ecs:UntagResource", &resource.arn)
        .having(resource.tags.iter())
        .key("aws:TagKeys", input.tag_keys.iter().map(String::as_str));
    let permit = cx.authorize(permission)?;
    resource.check_changeable()?;
    let tags = resource.tags.without(input.tag_keys.iter().map(String::as_str));
    resource.put(&mut tx, tags);
    tx.commit(&permit).await?;
    Ok(api::UntagResourceResponse {})
}
