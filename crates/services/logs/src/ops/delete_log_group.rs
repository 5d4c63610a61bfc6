//! DeleteLogGroup: a group goes with all its streams and events.

use gantry_api_logs as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::error::LogsError;
use crate::loops::{GRACE, LOG_GARBAGE};
use crate::tables::{GARBAGE, GROUPS, Garbage, garbage_key, group_key};
use crate::{Logs, name};

/// Deletes a group. Its streams and events are out of sight at once, as they hang on its id.
pub async fn run(logs: &Logs, cx: Cx, input: api::DeleteLogGroupRequest) -> Result<Unit, Failure> {
    let mut tx = logs.db.begin();
    let group = name::find_group(&mut tx, &cx, &input.log_group_name).await?;
    let arn = name::stream_arn(&cx, &input.log_group_name, "");
    let permit = cx.authorize(name::permission("logs:DeleteLogGroup", &arn, group.as_ref()))?;

    let group = group.ok_or(LogsError::GroupNotFound)?;
    if group.deletion_protected {
        return Err(LogsError::DeletionProtected.into());
    }
    let garbage = Garbage { due: cx.now + GRACE, group_id: group.id, stream_id: None };
    tx.delete(&GROUPS, &group_key(cx.account, &cx.region, &group.name));
    tx.put(&GARBAGE, &garbage_key(&garbage), &garbage);
    tx.wake(LOG_GARBAGE);
    tx.commit(&permit).await?;
    Ok(Unit)
}
