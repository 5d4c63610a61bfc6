//! GetQueryResults: how far a query has come, and what it found.

use gantry_api_logs as api;
use gantry_base::PageToken;
use gantry_service::{Cx, Failure, Permission};

use crate::Logs;
use crate::error::LogsError;
use crate::insights::Row;
use crate::queries;
use crate::tables::{QUERIES, Query, query_key};

/// Reads the results of a query. While it runs there are none yet.
pub async fn run(
    logs: &Logs,
    cx: Cx,
    input: api::GetQueryResultsRequest,
) -> Result<api::GetQueryResultsResponse, Failure> {
    cx.authorize(Permission::of("logs:GetQueryResults"))?;

    let key = query_key(cx.account, &cx.region, &input.query_id);
    let query = logs.db.begin().peek(&QUERIES, &key).await?.ok_or_else(LogsError::query_not_found)?;
    let scope = format!("GetQueryResults/{}", query.id);
    let skip = match &input.next_token {
        None => 0,
        Some(token) => {
            let text = PageToken::decode(&scope, token).ok().and_then(|text| text.parse::<usize>().ok());
            text.ok_or_else(|| LogsError::invalid("The specified nextToken is invalid."))?
        }
    };
    let wanted = input.max_items.and_then(|items| usize::try_from(items).ok()).filter(|items| *items > 0);
    let wanted = wanted.unwrap_or(usize::MAX);
    let all = rows(logs, &query).await?;
    let count = all.len();
    let more = count.saturating_sub(skip) > wanted;
    let page: Vec<Vec<api::ResultField>> = all.into_iter().skip(skip).take(wanted).map(row).collect();
    Ok(api::GetQueryResultsResponse {
        query_language: Some("CWLI".into()),
        next_token: more.then(|| PageToken::encode(&scope, &(skip + page.len()).to_string())),
        results: Some(page),
        statistics: Some(statistics(&query, count)),
        status: Some(queries::status(&query, cx.now).as_str().into()),
        encryption_key: None,
    })
}

async fn rows(logs: &Logs, query: &Query) -> Result<Vec<Row>, Failure> {
    let mut all = Vec::new();
    for page in 0..query.pages {
        // Pages that are missing were forgotten with their query meanwhile.
        let Some(page) = logs.chunks.results(&query.id, page).await? else { break };
        let rows: Vec<Row> = serde_json::from_slice(&page)
            .map_err(|error| Failure::internal(format_args!("the results of query {}: {error}", query.id)))?;
        all.extend(rows);
    }
    Ok(all)
}

fn row(row: Row) -> Vec<api::ResultField> {
    row.into_iter()
        .map(|(field, value)| api::ResultField { field: Some(field), value: Some(value) })
        .collect()
}

fn statistics(query: &Query, results: usize) -> api::QueryStatistics {
    let looked = query.statistics;
    api::QueryStatistics {
        records_matched: Some(looked.matched as f64),
        records_scanned: Some(looked.scanned as f64),
        estimated_records_skipped: Some(0.0),
        bytes_scanned: Some(looked.bytes as f64),
        estimated_bytes_skipped: Some(0.0),
        log_groups_scanned: Some(query.groups.len() as f64),
        result_count: Some(results as f64),
    }
}
