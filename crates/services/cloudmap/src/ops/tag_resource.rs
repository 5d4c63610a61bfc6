//! TagResource: lays tags over those of a namespace or a service.

use gantry_api_servicediscovery as api;
use gantry_service::{Cx, Failure};

use crate::taggable::Taggable;
use crate::{CloudMap, tagged};

/// Sets the tags.
pub async fn run(
    service: &CloudMap,
    cx: Cx,
    input: api::TagResourceRequest,
) -> Result<api::TagResourceResponse, Failure> {
    let mut tx = service.db.begin();
    let found = Taggable::look_up(&mut tx, &cx, &input.resource_arn).await?;
    let given = tagged::pairs(Some(&input.tags));
    let permit = cx.authorize(found.permission("servicediscovery:TagResource").request_tags(given))?;
    let more = tagged::parse(input.tags)?;
    found.change(&mut tx, &cx, |tags| Ok(tags.with(more)?))?;
    tx.commit(&permit).await?;
    Ok(api::TagResourceResponse {})
}
