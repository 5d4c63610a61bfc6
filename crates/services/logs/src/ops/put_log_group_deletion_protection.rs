//! PutLogGroupDeletionProtection: a protected group and its streams can't be deleted.

use gantry_api_logs as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::error::LogsError;
use crate::tables::{GROUPS, group_key};
use crate::{Logs, name};

/// Protects a group, or ends its protection.
pub async fn run(
    logs: &Logs,
    cx: Cx,
    input: api::PutLogGroupDeletionProtectionRequest,
) -> Result<Unit, Failure> {
    let group_name = name::from_identifier(&cx, input.log_group_identifier)?;
    let mut tx = logs.db.begin();
    let group = name::find_group(&mut tx, &cx, &group_name).await?;
    let arn = name::stream_arn(&cx, &group_name, "");
    let permit =
        cx.authorize(name::permission("logs:PutLogGroupDeletionProtection", &arn, group.as_ref()))?;

    let mut group = group.ok_or(LogsError::GroupNotFound)?;
    group.deletion_protected = input.deletion_protection_enabled;
    tx.put(&GROUPS, &group_key(cx.account, &cx.region, &group.name), &group);
    tx.commit(&permit).await?;
    Ok(Unit)
}
