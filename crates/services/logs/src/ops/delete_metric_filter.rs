//! DeleteMetricFilter: nothing more is counted. What was counted stays.

use gantry_api_logs as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::error::LogsError;
use crate::tables::{GROUPS, METRIC_FILTERS, group_key, metric_filter_key};
use crate::{Logs, name};

/// Deletes a filter.
pub async fn run(logs: &Logs, cx: Cx, input: api::DeleteMetricFilterRequest) -> Result<Unit, Failure> {
    let mut tx = logs.db.begin();
    let group = name::find_group(&mut tx, &cx, &input.log_group_name).await?;
    let arn = name::stream_arn(&cx, &input.log_group_name, "");
    let permit = cx.authorize(name::permission("logs:DeleteMetricFilter", &arn, group.as_ref()))?;

    let mut group = group.ok_or(LogsError::GroupNotFound)?;
    let key = metric_filter_key(&group.id, &input.filter_name);
    if tx.get(&METRIC_FILTERS, &key).await?.is_none() {
        return Err(LogsError::NotFound("The specified metric filter does not exist.".into()).into());
    }
    group.metric_filters = group.metric_filters.saturating_sub(1);
    tx.put(&GROUPS, &group_key(cx.account, &cx.region, &group.name), &group);
    tx.delete(&METRIC_FILTERS, &key);
    tx.commit(&permit).await?;
    Ok(Unit)
}
