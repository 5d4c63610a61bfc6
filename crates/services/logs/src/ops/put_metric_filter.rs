//! PutMetricFilter: counts what arrives in a group.

use gantry_api_logs as api;
use gantry_service::{Cx, Failure};
use gantry_store::Scan;
use gantry_wire::Unit;

use crate::error::LogsError;
use crate::metrics::Counter;
use crate::tables::{
    GROUPS, GroupClass, METRIC_FILTERS, Metric, MetricFilter, group_key, metric_filter_key,
    metric_filters_key,
};
use crate::{Logs, name};

/// How many filters a group may have.
const LIMIT: usize = 100;

/// How many dimensions a metric may have.
const MAX_DIMENSIONS: usize = 3;

/// Makes a filter, or puts it in the place of the one with its name.
pub async fn run(logs: &Logs, cx: Cx, input: api::PutMetricFilterRequest) -> Result<Unit, Failure> {
    let mut tx = logs.db.begin();
    let group = name::find_group(&mut tx, &cx, &input.log_group_name).await?;
    let arn = name::stream_arn(&cx, &input.log_group_name, "");
    let permit = cx.authorize(name::permission("logs:PutMetricFilter", &arn, group.as_ref()))?;

    let mut group = group.ok_or(LogsError::GroupNotFound)?;
    if group.class != GroupClass::Standard {
        let message = "This operation is only supported on the Standard log class.";
        return Err(LogsError::InvalidOperation(message.to_owned()).into());
    }
    refuse_what_is_missing(&input)?;
    let known = tx.scan(&METRIC_FILTERS, &metric_filters_key(&group.id), Scan::all()).await?;
    let replaced = known.iter().find(|(_, other)| other.name == input.filter_name);
    let filter = MetricFilter {
        id: logs.ids.hex(16),
        name: input.filter_name,
        pattern: input.filter_pattern,
        metric: metric(input.metric_transformations)?,
        created_at: replaced.map_or(cx.now, |(_, other)| other.created_at),
    };
    Counter::new(&filter)?;
    let key = metric_filter_key(&group.id, &filter.name);
    if replaced.is_none() {
        if known.len() >= LIMIT {
            return Err(LogsError::limit("Resource limit exceeded.").into());
        }
        group.metric_filters = u32::try_from(known.len() + 1).unwrap_or(u32::MAX);
        tx.put(&GROUPS, &group_key(cx.account, &cx.region, &group.name), &group);
    }
    tx.put(&METRIC_FILTERS, &key, &filter);
    tx.commit(&permit).await?;
    Ok(Unit)
}

fn refuse_what_is_missing(input: &api::PutMetricFilterRequest) -> Result<(), LogsError> {
    if input.apply_on_transformed_logs == Some(true) {
        return Err(LogsError::invalid("Transformed logs are not supported by Gantry."));
    }
    if input.field_selection_criteria.is_some() || input.emit_system_field_dimensions.is_some() {
        return Err(LogsError::invalid("System fields of metric filters are not supported by Gantry."));
    }
    Ok(())
}

fn metric(transformations: Vec<api::MetricTransformation>) -> Result<Metric, LogsError> {
    let Some(one) = transformations.into_iter().next() else {
        return Err(LogsError::invalid("A metric filter must have one metric transformation."));
    };
    if one.metric_namespace.starts_with("AWS/") {
        return Err(LogsError::invalid("Metric namespaces starting with AWS/ are reserved for AWS."));
    }
    let dimensions = one.dimensions.unwrap_or_default();
    if dimensions.len() > MAX_DIMENSIONS {
        return Err(LogsError::invalid(
            "Number of dimensions exceeds the maximum number of dimensions supported per metric filter",
        ));
    }
    if !dimensions.is_empty() && one.default_value.is_some() {
        return Err(LogsError::invalid(
            "Invalid metric transformation: dimensions and default value are mutually exclusive properties",
        ));
    }
    Ok(Metric {
        namespace: one.metric_namespace,
        name: one.metric_name,
        value: one.metric_value,
        default_value: one.default_value,
        unit: one.unit,
        dimensions,
    })
}
