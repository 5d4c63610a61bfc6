//! PutRetentionPolicy: events of a group are kept for so many days.

use gantry_api_logs as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::error::LogsError;
use crate::tables::{GROUPS, GroupClass, group_key};
use crate::{Logs, name};

/// The days that AWS takes.
const DAYS: [i32; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// Sets the retention of a group.
pub async fn run(logs: &Logs, cx: Cx, input: api::PutRetentionPolicyRequest) -> Result<Unit, Failure> {
    let mut tx = logs.db.begin();
    let group = name::find_group(&mut tx, &cx, &input.log_group_name).await?;
    let arn = name::stream_arn(&cx, &input.log_group_name, "");
    let permit = cx.authorize(name::permission("logs:PutRetentionPolicy", &arn, group.as_ref()))?;

    let days = input.retention_in_days;
    if !DAYS.contains(&days) {
        let known: Vec<String> = DAYS.iter().map(ToString::to_string).collect();
        return Err(LogsError::invalid(format!(
            "1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy constraint: Member must \
             satisfy enum value set: [{}]",
            known.join(", ")
        ))
        .into());
    }
    let mut group = group.ok_or(LogsError::GroupNotFound)?;
    if group.class == GroupClass::Delivery {
        let message = "The retention of a log group of the DELIVERY class can't be changed.";
        return Err(LogsError::invalid(message).into());
    }
    group.retention_days = Some(days);
    tx.put(&GROUPS, &group_key(cx.account, &cx.region, &group.name), &group);
    tx.wake("log_retention");
    tx.commit(&permit).await?;
    Ok(Unit)
}
