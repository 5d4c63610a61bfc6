//! ListTagsForResource: the tags of a namespace or a service.

use gantry_api_servicediscovery as api;
use gantry_service::{Cx, Failure};

use crate::taggable::Taggable;
use crate::{CloudMap, tagged};

/// Lists the tags.
pub async fn run(
    service: &CloudMap,
    cx: Cx,
    input: api::ListTagsForResourceRequest,
) -> Result<api::ListTagsForResourceResponse, Failure> {
    let mut tx = service.db.begin();
    let found = Taggable::look_up(&mut tx, &cx, &input.resource_arn).await?;
    cx.authorize(found.permission("servicediscovery:ListTagsForResource"))?;
    Ok(api::ListTagsForResourceResponse { tags: Some(tagged::answer(found.tags()?)) })
}
