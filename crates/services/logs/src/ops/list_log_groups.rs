//! ListLogGroups: names, ARNs and classes of the account's log groups in the region.

use gantry_api_logs as api;
use gantry_base::PageToken;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::Scan;
use regex::Regex;

use crate::error::LogsError;
use crate::tables::{GROUPS, Group, group_key, groups_key};
use crate::{Logs, name};

/// How many groups a page has where the request does not say.
const PAGE: usize = 50;

/// How many rows are read at once.
const BATCH: usize = 1000;

/// Lists groups whose names match a pattern, `prod` or `^/ecs|^/web`.
pub async fn run(
    logs: &Logs,
    cx: Cx,
    input: api::ListLogGroupsRequest,
) -> Result<api::ListLogGroupsResponse, Failure> {
    cx.authorize(Permission::of("logs:ListLogGroups"))?;

    if input.data_sources.is_some() || input.field_index_names.is_some() {
        let message = "Data sources and field indexes are not supported by Gantry.";
        return Err(LogsError::invalid(message).into());
    }
    let pattern = input.log_group_name_pattern.as_deref().map(Regex::new).transpose();
    let pattern = pattern.map_err(|_| LogsError::invalid("The log group name pattern is not valid."))?;
    let own = input.account_identifiers.as_ref().is_none_or(|accounts| {
        accounts.is_empty() || accounts.iter().any(|account| account == cx.account.as_str())
    });
    let wanted = |group: &Group| {
        own && pattern.as_ref().is_none_or(|pattern| pattern.is_match(&group.name))
            && input.log_group_class.as_ref().is_none_or(|class| class == group.class.as_str())
            && input
                .log_group_tags
                .as_ref()
                .is_none_or(|filters| filters.iter().all(|one| tagged(group, one)))
    };
    let size = input.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(PAGE).max(1);
    let scope = format!("ListLogGroups/{}/{}", cx.account, cx.region);
    let after = input.next_token.map(|token| PageToken::decode(&scope, &token)).transpose();
    let after = after.map_err(|_| LogsError::invalid("The specified nextToken is invalid."))?;
    let mut after = after.map(|name| group_key(cx.account, &cx.region, &name));
    let mut tx = logs.db.begin();
    let mut page: Vec<Group> = Vec::new();
    loop {
        let scan = Scan::first(BATCH).after(after);
        let rows = tx.peek_scan(&GROUPS, &groups_key(cx.account, &cx.region), scan).await?;
        after = rows.last().map(|(key, _)| key.clone());
        let ended = rows.len() < BATCH;
        for (_, group) in rows.into_iter().filter(|(_, group)| wanted(group)) {
            if page.len() == size {
                let next = page.last().map(|last| PageToken::encode(&scope, &last.name));
                return Ok(answer(&cx, page, next));
            }
            page.push(group);
        }
        if ended {
            return Ok(answer(&cx, page, None));
        }
    }
}

/// Whether a group has the tag: one of the values, where `*` at either end stands for anything and `!` negates.
fn tagged(group: &Group, filter: &api::TagFilter) -> bool {
    let Some(value) = group.tags.get(&filter.key) else { return false };
    let matches = |pattern: &String| {
        let (negated, pattern) = match pattern.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, pattern.as_str()),
        };
        let inner = pattern.trim_matches('*');
        let found = match (pattern.starts_with('*'), pattern.len() > 1 && pattern.ends_with('*')) {
            (true, true) => value.contains(inner),
            (true, false) => value.ends_with(inner),
            (false, true) => value.starts_with(inner),
            (false, false) => value == pattern,
        };
        found != negated
    };
    filter.values.as_ref().is_none_or(|values| values.is_empty() || values.iter().any(matches))
}

fn answer(cx: &Cx, groups: Vec<Group>, next_token: Option<String>) -> api::ListLogGroupsResponse {
    let summary = |group: Group| api::LogGroupSummary {
        log_group_arn: Some(name::group_arn(cx, &group.name).to_string()),
        log_group_class: Some(group.class.as_str().into()),
        log_group_name: Some(group.name),
    };
    api::ListLogGroupsResponse { log_groups: Some(groups.into_iter().map(summary).collect()), next_token }
}
