//! TagLogGroup: lays tags over those of a log group; the older name of TagResource.

use gantry_api_logs as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::Logs;
use crate::tagged::{self, Tagged};

/// Sets the tags.
pub async fn run(logs: &Logs, cx: Cx, input: api::TagLogGroupRequest) -> Result<Unit, Failure> {
    let mut tx = logs.db.begin();
    let tagged = Tagged::by_name(&mut tx, &cx, &input.log_group_name).await?;
    let given = input.tags.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    let permit = cx.authorize(tagged.permission("logs:TagLogGroup").request_tags(given))?;

    let tags = tagged::merge(tagged.tags()?, tagged::parse(input.tags)?)?;
    tagged.put(&mut tx, &cx, tags)?;
    tx.commit(&permit).await?;
    Ok(Unit)
}
