//! DescribeMetricFilters: the metric filters of a group, of a metric, or of all groups.

use gantry_api_logs as api;
use gantry_base::PageToken;
use gantry_service::{Cx, Failure};
use gantry_store::Scan;

use crate::error::LogsError;
use crate::tables::{GROUPS, Group, METRIC_FILTERS, MetricFilter, groups_key, metric_filters_key};
use crate::{Logs, name};

const LARGEST_PAGE: usize = 50;

/// Lists filters by group and name.
pub async fn run(
    logs: &Logs,
    cx: Cx,
    input: api::DescribeMetricFiltersRequest,
) -> Result<api::DescribeMetricFiltersResponse, Failure> {
    let mut tx = logs.db.begin();
    let group = match &input.log_group_name {
        Some(name) => name::find_group(&mut tx, &cx, name).await?,
        None => None,
    };
    let arn = name::stream_arn(&cx, input.log_group_name.as_deref().unwrap_or_default(), "");
    cx.authorize(name::permission("logs:DescribeMetricFilters", &arn, group.as_ref()))?;

    let by_metric = input.metric_name.is_some() || input.metric_namespace.is_some();
    let whole = input.metric_name.is_some() && input.metric_namespace.is_some();
    if by_metric && (!whole || input.log_group_name.is_some()) {
        let message = "Describe Metric Filters request must contain either logGroupName or metricName and \
                       metricNamespace";
        return Err(LogsError::invalid(message).into());
    }
    let groups = match (input.log_group_name, group) {
        (None, _) => {
            let rows = tx.peek_scan(&GROUPS, &groups_key(cx.account, &cx.region), Scan::all()).await?;
            rows.into_iter().map(|(_, group)| group).filter(|group| group.metric_filters > 0).collect()
        }
        (Some(_), group) => vec![group.ok_or(LogsError::GroupNotFound)?],
    };
    let metric = input.metric_namespace.zip(input.metric_name);
    let prefix = input.filter_name_prefix.unwrap_or_default();
    let wanted = |filter: &MetricFilter| {
        filter.name.starts_with(&prefix)
            && metric.as_ref().is_none_or(|(namespace, name)| {
                filter.metric.namespace == *namespace && filter.metric.name == *name
            })
    };
    let size = input.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(LARGEST_PAGE);
    let scope = format!("DescribeMetricFilters/{}/{}", cx.account, cx.region);
    let after = input.next_token.map(|token| PageToken::decode(&scope, &token)).transpose();
    let after = after.map_err(|_| LogsError::invalid("The specified nextToken is invalid."))?;
    let mut page = Vec::new();
    let mut last: Option<String> = None;
    for group in groups {
        for (_, filter) in tx.peek_scan(&METRIC_FILTERS, &metric_filters_key(&group.id), Scan::all()).await? {
            // Neither name has a colon.
            let place = format!("{}:{}", group.name, filter.name);
            if !wanted(&filter) || after.as_ref().is_some_and(|after| !behind(&place, after)) {
                continue;
            }
            if page.len() == size {
                let next_token = last.map(|last| PageToken::encode(&scope, &last));
                return Ok(api::DescribeMetricFiltersResponse { metric_filters: Some(page), next_token });
            }
            last = Some(place);
            page.push(answer(&group, filter));
        }
    }
    Ok(api::DescribeMetricFiltersResponse { metric_filters: Some(page), next_token: None })
}

/// Whether one place, `GROUP:FILTER`, comes after another in the listing.
fn behind(place: &str, after: &str) -> bool {
    place.split_once(':') > after.split_once(':')
}

fn answer(group: &Group, filter: MetricFilter) -> api::MetricFilter {
    let metric = filter.metric;
    let transformation = api::MetricTransformation {
        metric_name: metric.name,
        metric_namespace: metric.namespace,
        metric_value: metric.value,
        default_value: metric.default_value,
        dimensions: Some(metric.dimensions).filter(|dimensions| !dimensions.is_empty()),
        unit: metric.unit,
    };
    api::MetricFilter {
        filter_name: Some(filter.name),
        filter_pattern: Some(filter.pattern),
        metric_transformations: Some(vec![transformation]),
        creation_time: Some(filter.created_at.as_millis()),
        log_group_name: Some(group.name.clone()),
        apply_on_transformed_logs: Some(false),
        ..Default::default()
    }
}
