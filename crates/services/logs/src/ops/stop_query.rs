//! StopQuery: a query ends before it is done.

use gantry_api_logs as api;
use gantry_service::{Cx, Failure, Permission};

use crate::Logs;
use crate::error::LogsError;
use crate::queries;
use crate::tables::{QUERIES, QueryStatus, query_key};

/// Ends a query that runs. What it found so far stays.
pub async fn run(
    logs: &Logs,
    cx: Cx,
    input: api::StopQueryRequest,
) -> Result<api::StopQueryResponse, Failure> {
    let permit = cx.authorize(Permission::of("logs:StopQuery"))?;

    let key = query_key(cx.account, &cx.region, &input.query_id);
    let mut tx = logs.db.begin();
    let mut query = tx.get(&QUERIES, &key).await?.ok_or_else(LogsError::query_not_found)?;
    if queries::status(&query, cx.now) != QueryStatus::Running {
        return Err(LogsError::invalid("The specified query is not running.").into());
    }
    query.status = QueryStatus::Cancelled;
    query.ended_at = Some(cx.now);
    tx.put(&QUERIES, &key, &query);
    tx.commit(&permit).await?;
    // Another replica's query sees it in its row.
    logs.queries.stop(&query.id);
    Ok(api::StopQueryResponse { success: Some(true) })
}
