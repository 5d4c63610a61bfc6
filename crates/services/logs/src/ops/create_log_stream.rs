//! CreateLogStream: a stream without events.

use gantry_api_logs as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::error::LogsError;
use crate::tables::{STREAMS, Stream, stream_key};
use crate::{Logs, name, resource_policy};

/// Makes a stream in a group.
pub async fn run(logs: &Logs, cx: Cx, input: api::CreateLogStreamRequest) -> Result<Unit, Failure> {
    let mut tx = logs.db.begin();
    let group = name::find_group(&mut tx, &cx, &input.log_group_name).await?;
    let arn = name::stream_arn(&cx, &input.log_group_name, &input.log_stream_name);
    let policy = resource_policy::of(&mut tx, &cx).await?;
    let permission = name::permission("logs:CreateLogStream", &arn, group.as_ref());
    let permit = cx.authorize(permission.resource_policy(policy.as_ref()))?;

    let stream_name = input.log_stream_name;
    if stream_name.is_empty() || stream_name.chars().count() > 512 || stream_name.contains([':', '*']) {
        return Err(LogsError::invalid(format!(
            "The log stream name {stream_name:?} must have 1 to 512 characters without : and *."
        ))
        .into());
    }
    let group = group.ok_or(LogsError::GroupNotFound)?;
    if name::find_stream(&mut tx, &group, &stream_name).await?.is_some() {
        return Err(LogsError::StreamExists.into());
    }
    let key = stream_key(&group.id, &stream_name);
    let stream = Stream { id: logs.ids.hex(16), name: stream_name, created_at: cx.now };
    tx.put(&STREAMS, &key, &stream);
    tx.commit(&permit).await?;
    Ok(Unit)
}
