//! ListOperations: what was asked for lately.

use gantry_api_servicediscovery as api;
use gantry_base::Timestamp;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::Scan;

use crate::error::CloudMapError;
use crate::page::page;
use crate::tables::{OPERATIONS, Operation, Target, operations_key};
use crate::{CloudMap, filter};

/// Lists operations, their ids and how they ended.
pub async fn run(
    service: &CloudMap,
    cx: Cx,
    input: api::ListOperationsRequest,
) -> Result<api::ListOperationsResponse, Failure> {
    cx.authorize(Permission::of("servicediscovery:ListOperations"))?;
    let filters = input.filters.unwrap_or_default();
    for filter in &filters {
        check(filter)?;
    }
    let prefix = operations_key(cx.account, &cx.region);
    let all = service.db.begin().peek_scan(&OPERATIONS, &prefix, Scan::all()).await?;
    let listed = all.into_iter().map(|(_, row)| row).filter(|row| !row.unlisted);
    let found = listed.filter(|row| filters.iter().all(|filter| fits(filter, row)));
    let scope = format!("ListOperations/{}/{}/{}", cx.account, cx.region, filter::scope(&filters));
    let token = input.next_token.as_deref();
    let (found, next_token) =
        page(&scope, found.collect(), |row: &Operation| row.id.as_str(), input.max_results, token)?;
    let summary = |row: Operation| api::OperationSummary {
        status: Some(row.outcome.as_str().to_owned()),
        id: Some(row.id),
    };
    let operations = found.into_iter().map(summary).collect();
    Ok(api::ListOperationsResponse { operations: Some(operations), next_token })
}

fn check(filter: &api::OperationFilter) -> Result<(), CloudMapError> {
    let conditions: &[&str] = match filter.name.as_str() {
        "UPDATE_DATE" => &["BETWEEN"],
        "STATUS" | "TYPE" => &["EQ", "IN"],
        _ => &["EQ"],
    };
    // A range of dates has no other condition, and it need not be said.
    let condition = filter.condition.as_deref().or((filter.name == "UPDATE_DATE").then_some("BETWEEN"));
    filter::check(&filter.name, condition, &filter.values, conditions)?;
    if filter.name == "UPDATE_DATE" {
        for value in &filter.values {
            time(value)
                .ok_or_else(|| CloudMapError::invalid(format!("Invalid date of a filter: {value}")))?;
        }
    }
    Ok(())
}

/// A date in seconds since 1970, or as text.
fn time(text: &str) -> Option<Timestamp> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds.is_finite() => Some(Timestamp::from_secs_f64(seconds)),
        _ => Timestamp::from_rfc3339(text),
    }
}

fn fits(filter: &api::OperationFilter, row: &Operation) -> bool {
    let condition = filter.condition.as_deref();
    let fits = |text: &str| filter::fits(condition, &filter.values, text);
    match (filter.name.as_str(), &row.target) {
        ("STATUS", _) => fits(row.outcome.as_str()),
        ("TYPE", _) => fits(&row.kind),
        ("UPDATE_DATE", _) => {
            let times: Vec<Timestamp> = filter.values.iter().filter_map(|value| time(value)).collect();
            matches!(times[..], [from, to] if from <= row.at && row.at <= to)
        }
        ("NAMESPACE_ID", Target::Namespace(id)) => fits(id),
        ("SERVICE_ID", Target::Service(id) | Target::Instance { service: id, .. }) => fits(id),
        _ => false,
    }
}
