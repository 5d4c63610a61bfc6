//! DescribeResourcePolicies: the resource policies of an account in the region.

use gantry_api_logs as api;
use gantry_base::PageToken;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::Scan;

use crate::Logs;
use crate::error::LogsError;
use crate::tables::{RESOURCE_POLICIES, ResourcePolicy, resource_policies_key, resource_policy_key};

const LARGEST_PAGE: usize = 50;

/// Lists the policies by name.
pub async fn run(
    logs: &Logs,
    cx: Cx,
    input: api::DescribeResourcePoliciesRequest,
) -> Result<api::DescribeResourcePoliciesResponse, Failure> {
    cx.authorize(Permission::of("logs:DescribeResourcePolicies"))?;

    let scope = format!("DescribeResourcePolicies/{}/{}", cx.account, cx.region);
    let after = input.next_token.map(|token| PageToken::decode(&scope, &token)).transpose();
    let after = after.map_err(|_| LogsError::invalid("The specified nextToken is invalid."))?;
    let after = after.map(|name| resource_policy_key(cx.account, &cx.region, &name));
    let size = input.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(LARGEST_PAGE);
    // Only an account has policies here, no single group.
    let of_account = input.policy_scope.as_deref().is_none_or(|scope| scope == "ACCOUNT");
    let wanted = if input.resource_arn.is_none() && of_account { size + 1 } else { 0 };
    let scan = Scan::first(wanted).after(after);
    let prefix = resource_policies_key(cx.account, &cx.region);
    let mut rows = match wanted {
        0 => Vec::new(),
        _ => logs.db.begin().peek_scan(&RESOURCE_POLICIES, &prefix, scan).await?,
    };
    let more = rows.len() > size;
    rows.truncate(size);
    let last = rows.last().filter(|_| more).map(|(_, policy)| PageToken::encode(&scope, &policy.name));
    Ok(api::DescribeResourcePoliciesResponse {
        resource_policies: Some(rows.into_iter().map(|(_, policy)| answer(policy)).collect()),
        next_token: last,
    })
}

/// A policy as AWS shows it.
pub fn answer(policy: ResourcePolicy) -> api::ResourcePolicy {
    api::ResourcePolicy {
        policy_name: Some(policy.name),
        policy_document: Some(policy.document),
        last_updated_time: Some(policy.updated_at.as_millis()),
        policy_scope: Some("ACCOUNT".into()),
        resource_arn: None,
        revision_id: Some(policy.revision),
    }
}
