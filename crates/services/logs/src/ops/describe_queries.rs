//! DescribeQueries: the queries of the last days, the latest first.

use std::cmp::Reverse;

use gantry_api_logs as api;
use gantry_base::PageToken;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::Scan;

use crate::Logs;
use crate::error::LogsError;
use crate::queries;
use crate::tables::{QUERIES, Query, queries_key};

const LARGEST_PAGE: usize = 1000;

/// Lists queries.
pub async fn run(
    logs: &Logs,
    cx: Cx,
    input: api::DescribeQueriesRequest,
) -> Result<api::DescribeQueriesResponse, Failure> {
    cx.authorize(Permission::of("logs:DescribeQueries"))?;

    let scope = format!("DescribeQueries/{}/{}", cx.account, cx.region);
    let after = input.next_token.map(|token| PageToken::decode(&scope, &token)).transpose();
    let after = after.map_err(|_| LogsError::invalid("The specified nextToken is invalid."))?;
    let rows = logs.db.begin().peek_scan(&QUERIES, &queries_key(cx.account, &cx.region), Scan::all()).await?;
    let wanted = |query: &Query| {
        input.log_group_name.as_ref().is_none_or(|group| query.groups.contains(group))
            && input.status.as_ref().is_none_or(|status| queries::status(query, cx.now).as_str() == status)
            && input.query_language.as_deref().is_none_or(|language| language == "CWLI")
    };
    let mut found: Vec<Query> = rows.into_iter().map(|(_, query)| query).filter(wanted).collect();
    found.sort_by_key(|query| Reverse((query.created_at, query.id.clone())));
    let place = |query: &Query| format!("{:020}/{}", query.created_at.as_millis(), query.id);
    if let Some(after) = after {
        found.retain(|query| place(query) < after);
    }
    let size = input.max_results.and_then(|size| usize::try_from(size).ok()).unwrap_or(LARGEST_PAGE);
    let more = found.len() > size;
    found.truncate(size);
    let next_token = found.last().filter(|_| more).map(|last| PageToken::encode(&scope, &place(last)));
    let queries = found.into_iter().map(|query| answer(&cx, query)).collect();
    Ok(api::DescribeQueriesResponse { queries: Some(queries), next_token })
}

fn answer(cx: &Cx, query: Query) -> api::QueryInfo {
    let status = queries::status(&query, cx.now).as_str();
    let ended = query.ended_at.unwrap_or(cx.now);
    api::QueryInfo {
        query_language: Some("CWLI".into()),
        query_string: Some(query.text),
        status: Some(status.into()),
        create_time: Some(query.created_at.as_millis()),
        query_duration: i64::try_from(ended.since(query.created_at).as_millis()).ok(),
        bytes_scanned: Some(query.statistics.bytes as f64),
        log_group_name: query.groups.into_iter().next(),
        query_id: Some(query.id),
        user_identity: Some(query.caller),
    }
}
