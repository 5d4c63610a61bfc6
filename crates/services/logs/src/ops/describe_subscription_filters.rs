//! DescribeSubscriptionFilters: those of a log group. None can be made here, as there is nothing to deliver to.

use gantry_api_logs as api;
use gantry_service::{Cx, Failure};

use crate::error::LogsError;
use crate::{Logs, name};

/// Lists none, of a group that must be there.
pub async fn run(
    logs: &Logs,
    cx: Cx,
    input: api::DescribeSubscriptionFiltersRequest,
) -> Result<api::DescribeSubscriptionFiltersResponse, Failure> {
    let group = name::find_group(&mut logs.db.begin(), &cx, &input.log_group_name).await?;
    let arn = name::stream_arn(&cx, &input.log_group_name, "");
    cx.authorize(name::permission("logs:DescribeSubscriptionFilters", &arn, group.as_ref()))?;
    group.ok_or(LogsError::GroupNotFound)?;
    Ok(api::DescribeSubscriptionFiltersResponse { subscription_filters: Some(Vec::new()), next_token: None })
}
