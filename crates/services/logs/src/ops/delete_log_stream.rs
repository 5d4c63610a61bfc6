//! DeleteLogStream: a stream goes with all its events.

use gantry_api_logs as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::error::LogsError;
use crate::loops::{GRACE, LOG_GARBAGE};
use crate::tables::{GARBAGE, Garbage, STREAMS, garbage_key, stream_key};
use crate::{Logs, name};

/// Deletes a stream. Its events are out of sight at once, as they hang on its id.
pub async fn run(logs: &Logs, cx: Cx, input: api::DeleteLogStreamRequest) -> Result<Unit, Failure> {
    let mut tx = logs.db.begin();
    let group = name::find_group(&mut tx, &cx, &input.log_group_name).await?;
    let arn = name::stream_arn(&cx, &input.log_group_name, &input.log_stream_name);
    let permit = cx.authorize(name::permission("logs:DeleteLogStream", &arn, group.as_ref()))?;

    let group = group.ok_or(LogsError::GroupNotFound)?;
    if group.deletion_protected {
        return Err(LogsError::DeletionProtected.into());
    }
    let stream = name::find_stream(&mut tx, &group, &input.log_stream_name).await?;
    let stream = stream.ok_or(LogsError::StreamNotFound)?;
    tx.delete(&STREAMS, &stream_key(&group.id, &stream.name));
    let garbage = Garbage { due: cx.now + GRACE, group_id: group.id, stream_id: Some(stream.id) };
    tx.put(&GARBAGE, &garbage_key(&garbage), &garbage);
    tx.wake(LOG_GARBAGE);
    tx.commit(&permit).await?;
    Ok(Unit)
}
