//! ListTagsLogGroup: the tags of a log group; the older name of ListTagsForResource.

use gantry_api_logs as api;
use gantry_service::{Cx, Failure};

use crate::Logs;
use crate::tagged::Tagged;

/// Lists the tags.
pub async fn run(
    logs: &Logs,
    cx: Cx,
    input: api::ListTagsLogGroupRequest,
) -> Result<api::ListTagsLogGroupResponse, Failure> {
    let mut tx = logs.db.begin();
    let tagged = Tagged::by_name(&mut tx, &cx, &input.log_group_name).await?;
    cx.authorize(tagged.permission("logs:ListTagsLogGroup"))?;

    let tags = tagged.tags()?.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    Ok(api::ListTagsLogGroupResponse { tags: Some(tags) })
}
