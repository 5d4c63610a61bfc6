//! DeleteRetentionPolicy: events of a group never expire.

use gantry_api_logs as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::error::LogsError;
use crate::tables::{GROUPS, group_key};
use crate::{Logs, name};

/// Takes the retention of a group away.
pub async fn run(logs: &Logs, cx: Cx, input: api::DeleteRetentionPolicyRequest) -> Result<Unit, Failure> {
    let mut tx = logs.db.begin();
    let group = name::find_group(&mut tx, &cx, &input.log_group_name).await?;
    let arn = name::stream_arn(&cx, &input.log_group_name, "");
    let permit = cx.authorize(name::permission("logs:DeleteRetentionPolicy", &arn, group.as_ref()))?;

    let mut group = group.ok_or(LogsError::GroupNotFound)?;
    group.retention_days = None;
    tx.put(&GROUPS, &group_key(cx.account, &cx.region, &group.name), &group);
    tx.commit(&permit).await?;
    Ok(Unit)
}
