//! ListTagsForResource: the tags of a file system or an access point.

use gantry_api_efs as api;
use gantry_service::{Cx, Failure};

use super::page;
use crate::find::{self, Named, NamedAccessPoint};
use crate::{Efs, tagged};

/// Lists the tags.
pub async fn run(
    efs: &Efs,
    cx: Cx,
    input: api::ListTagsForResourceRequest,
) -> Result<api::ListTagsForResourceResponse, Failure> {
    const ACTION: &str = "elasticfilesystem:ListTagsForResource";
    let mut tx = efs.db.begin();
    let tags = if find::id(&input.resource_id).starts_with("fsap-") {
        let named = NamedAccessPoint::look_up(&mut tx, &cx, &input.resource_id).await?;
        cx.authorize(named.permission(ACTION))?;
        named.there()?.tags
    } else {
        let named = Named::look_up(&mut tx, &cx, &input.resource_id).await?;
        cx.authorize(named.permission(ACTION))?;
        named.there()?.tags
    };
    let scope = format!("ListTagsForResource/{}", find::id(&input.resource_id));
    let tags = tagged::answer(&tags);
    let token = input.next_token.as_deref();
    let (tags, next_token) = page(&scope, tags, |tag| &tag.key, input.max_results, token)?;
    Ok(api::ListTagsForResourceResponse { tags: Some(tags), next_token })
}
