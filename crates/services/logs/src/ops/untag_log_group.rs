//! UntagLogGroup: takes tags of a log group away; the older name of UntagResource.

use gantry_api_logs as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::Logs;
use crate::tagged::Tagged;

/// Removes the tags with these keys; a key that is not there is no error.
pub async fn run(logs: &Logs, cx: Cx, input: api::UntagLogGroupRequest) -> Result<Unit, Failure> {
    let mut tx = logs.db.begin();
    let tagged = Tagged::by_name(&mut tx, &cx, &input.log_group_name).await?;
    let keys = || input.tags.iter().map(String::as_str);
    let permit = cx.authorize(tagged.permission("logs:UntagLogGroup").key("aws:TagKeys", keys()))?;

    let tags = tagged.tags()?.without(keys());
    tagged.put(&mut tx, &cx, tags)?;
    tx.commit(&permit).await?;
    Ok(Unit)
}
