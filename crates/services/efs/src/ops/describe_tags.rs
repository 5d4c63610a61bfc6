//! DescribeTags: the tags of a file system; the older name of ListTagsForResource.

use gantry_api_efs as api;
use gantry_service::{Cx, Failure};

use super::page;
use crate::find::Named;
use crate::{Efs, tagged};

/// Lists the tags.
pub async fn run(
    efs: &Efs,
    cx: Cx,
    input: api::DescribeTagsRequest,
) -> Result<api::DescribeTagsResponse, Failure> {
    let named = Named::look_up(&mut efs.db.begin(), &cx, &input.file_system_id).await?;
    cx.authorize(named.permission("elasticfilesystem:DescribeTags"))?;

    let file_system = named.there()?;
    let scope = format!("DescribeTags/{}", file_system.id);
    let tags = tagged::answer(&file_system.tags);
    let (tags, next_marker) = page(&scope, tags, |tag| &tag.key, input.max_items, input.marker.as_deref())?;
    Ok(api::DescribeTagsResponse { marker: input.marker, tags, next_marker })
}
