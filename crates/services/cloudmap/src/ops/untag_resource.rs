//! UntagResource: takes tags of a namespace or a service away.

use gantry_api_servicediscovery as api;
use gantry_service::{Cx, Failure};

use crate::CloudMap;
use crate::taggable::Taggable;

/// Removes the tags with these keys; a key that is not there is no error.
pub async fn run(
    service: &CloudMap,
    cx: Cx,
    input: api::UntagResourceRequest,
) -> Result<api::UntagResourceResponse, Failure> {
    let mut tx = service.db.begin();
    let found = Taggable::look_up(&mut tx, &cx, &input.resource_arn).await?;
    let keys = || input.tag_keys.iter().map(String::as_str);
    let permit =
        cx.authorize(found.permission("servicediscovery:UntagResource").key("aws:TagKeys", keys()))?;
    found.change(&mut tx, &cx, |tags| Ok(tags.without(keys())))?;
    tx.commit(&permit).await?;
    Ok(api::UntagResourceResponse {})
}
