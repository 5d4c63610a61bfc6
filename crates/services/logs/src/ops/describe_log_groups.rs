//! DescribeLogGroups: the account's log groups in the region.

use gantry_api_logs as api;
use gantry_base::PageToken;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::Scan;

use crate::error::LogsError;
use crate::tables::{GROUPS, Group, group_key, groups_key};
use crate::{Logs, name};

const LARGEST_PAGE: usize = 50;

/// How many rows are read at once.
const BATCH: usize = 1000;

/// Lists groups by the beginning of their names, by a part of them, or by identifier.
pub async fn run(
    logs: &Logs,
    cx: Cx,
    input: api::DescribeLogGroupsRequest,
) -> Result<api::DescribeLogGroupsResponse, Failure> {
    let arn = name::stream_arn(&cx, "", "");
    cx.authorize(Permission::on("logs:DescribeLogGroups", &arn))?;

    if input.log_group_name_prefix.is_some() && input.log_group_name_pattern.is_some() {
        let message = "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.";
        return Err(LogsError::invalid(message).into());
    }
    let class = input.log_group_class;
    let brief = input.log_group_name_pattern.is_some();
    let pattern = input.log_group_name_pattern.unwrap_or_default();
    // Of the accounts that are named only the caller's own is known here.
    let own = input.account_identifiers.as_ref().is_none_or(|accounts| {
        accounts.is_empty() || accounts.iter().any(|account| account == cx.account.as_str())
    });
    let wanted = |group: &Group| {
        own && group.name.contains(&pattern)
            && class.as_ref().is_none_or(|class| class == group.class.as_str())
    };
    let size = input.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(LARGEST_PAGE);
    let size = size.clamp(1, LARGEST_PAGE);
    let scope = format!("DescribeLogGroups/{}/{}", cx.account, cx.region);
    let after = input.next_token.map(|token| PageToken::decode(&scope, &token)).transpose();
    let after = after.map_err(|_| LogsError::invalid("The specified nextToken is invalid."))?;

    let mut tx = logs.db.begin();
    if let Some(identifiers) = input.log_group_identifiers {
        let mut groups = Vec::new();
        for identifier in identifiers {
            let name = name::from_identifier(&cx, identifier)?;
            groups.extend(name::find_group(&mut tx, &cx, &name).await?.filter(&wanted));
        }
        return answer(logs, &cx, groups, brief, None).await;
    }
    let prefix = groups_key(cx.account, &cx.region).partial(&input.log_group_name_prefix.unwrap_or_default());
    let mut after = after.map(|name| group_key(cx.account, &cx.region, &name));
    let mut page: Vec<Group> = Vec::new();
    loop {
        let rows = tx.peek_scan(&GROUPS, &prefix, Scan::first(BATCH).after(after)).await?;
        after = rows.last().map(|(key, _)| key.clone());
        let ended = rows.len() < BATCH;
        for (_, group) in rows.into_iter().filter(|(_, group)| wanted(group)) {
            if page.len() == size {
                let next = page.last().map(|last| PageToken::encode(&scope, &last.name));
                return answer(logs, &cx, page, brief, next).await;
            }
            page.push(group);
        }
        if ended {
            return answer(logs, &cx, page, brief, None).await;
        }
    }
}

/// The groups as AWS shows them: in brief where they were asked for by a part of their names.
async fn answer(
    logs: &Logs,
    cx: &Cx,
    groups: Vec<Group>,
    brief: bool,
    next_token: Option<String>,
) -> Result<api::DescribeLogGroupsResponse, Failure> {
    let mut answers = Vec::with_capacity(groups.len());
    for group in groups {
        let arn = name::group_arn(cx, &group.name);
        let stored_bytes = if brief { None } else { Some(stored_bytes(logs, &group).await?) };
        answers.push(api::LogGroup {
            stored_bytes,
            arn: Some(format!("{arn}:*")),
            log_group_arn: Some(arn.to_string()),
            creation_time: Some(group.created_at.as_millis()),
            retention_in_days: group.retention_days.filter(|_| !brief),
            metric_filter_count: Some(i32::try_from(group.metric_filters).unwrap_or(i32::MAX)),
            log_group_class: Some(group.class.as_str().into()),
            deletion_protection_enabled: Some(group.deletion_protected).filter(|_| !brief),
            log_group_name: Some(group.name),
            ..Default::default()
        });
    }
    Ok(api::DescribeLogGroupsResponse { log_groups: Some(answers), next_token })
}

async fn stored_bytes(logs: &Logs, group: &Group) -> Result<i64, Failure> {
    let mut bytes = 0;
    let mut after = None;
    loop {
        let heads = logs.chunks.group_heads(&group.id, after.as_ref(), BATCH).await?;
        bytes += heads.iter().map(|(_, head)| head.stored_bytes).sum::<u64>();
        after = heads.last().map(|(id, _)| id.clone());
        if heads.len() < BATCH {
            return Ok(i64::try_from(bytes).unwrap_or(i64::MAX));
        }
    }
}
