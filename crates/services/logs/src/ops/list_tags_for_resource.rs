//! ListTagsForResource: the tags of a log group.

use gantry_api_logs as api;
use gantry_service::{Cx, Failure};

use crate::Logs;
use crate::tagged::Tagged;

/// Lists the tags.
pub async fn run(
    logs: &Logs,
    cx: Cx,
    input: api::ListTagsForResourceRequest,
) -> Result<api::ListTagsForResourceResponse, Failure> {
    let mut tx = logs.db.begin();
    let tagged = Tagged::by_arn(&mut tx, &cx, input.resource_arn).await?;
    cx.authorize(tagged.permission("logs:ListTagsForResource"))?;

    let tags = tagged.tags()?.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    Ok(api::ListTagsForResourceResponse { tags: Some(tags) })
}
