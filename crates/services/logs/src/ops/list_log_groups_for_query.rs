//! ListLogGroupsForQuery: the groups that a query read.

use gantry_api_logs as api;
use gantry_base::PageToken;
use gantry_service::{Cx, Failure, Permission};

use crate::error::LogsError;
use crate::tables::{QUERIES, query_key};
use crate::{Logs, name};

const PAGE: usize = 50;

/// Lists the groups by their ARNs.
pub async fn run(
    logs: &Logs,
    cx: Cx,
    input: api::ListLogGroupsForQueryRequest,
) -> Result<api::ListLogGroupsForQueryResponse, Failure> {
    cx.authorize(Permission::of("logs:ListLogGroupsForQuery"))?;

    let key = query_key(cx.account, &cx.region, &input.query_id);
    let query = logs.db.begin().peek(&QUERIES, &key).await?.ok_or_else(LogsError::query_not_found)?;
    let scope = format!("ListLogGroupsForQuery/{}", query.id);
    let invalid = || LogsError::invalid("The specified nextToken is invalid.");
    let skip = match &input.next_token {
        None => 0,
        Some(token) => {
            let text = PageToken::decode(&scope, token).map_err(|_| invalid())?;
            text.parse::<usize>().map_err(|_| invalid())?
        }
    };
    let size = input.max_results.and_then(|size| usize::try_from(size).ok()).unwrap_or(PAGE);
    let more = query.groups.len().saturating_sub(skip) > size;
    let arns = query.groups.iter().skip(skip).take(size).map(|group| name::group_arn(&cx, group).to_string());
    Ok(api::ListLogGroupsForQueryResponse {
        log_group_identifiers: Some(arns.collect()),
        next_token: more.then(|| PageToken::encode(&scope, &(skip + size).to_string())),
    })
}
