//! UntagResource: takes tags of a log group away.

use gantry_api_logs as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::Logs;
use crate::tagged::Tagged;

/// Removes the tags with these keys; a key that is not there is no error.
pub async fn run(logs: &Logs, cx: Cx, input: api::UntagResourceRequest) -> Result<Unit, Failure> {
    let mut tx = logs.db.begin();
    let tagged = Tagged::by_arn(&mut tx, &cx, input.resource_arn).await?;
    let keys = || input.tag_keys.iter().map(String::as_str);
    let permit = cx.authorize(tagged.permission("logs:UntagResource").key("aws:TagKeys", keys()))?;

    let tags = tagged.tags()?.without(keys());
    tagged.put(&mut tx, &cx, tags)?;
    tx.commit(&permit).await?;
    Ok(Unit)
}
