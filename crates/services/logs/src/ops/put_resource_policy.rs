//! PutResourcePolicy: lets services write to an account's log groups.

use gantry_api_logs as api;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::Scan;

use super::describe_resource_policies::answer;
use crate::error::LogsError;
use crate::tables::{RESOURCE_POLICIES, ResourcePolicy, resource_policies_key, resource_policy_key};
use crate::{Logs, resource_policy};

/// How many policies an account may have in a region.
const LIMIT: usize = 10;

/// The longest policy that is taken, in bytes.
const MAX_BYTES: usize = 5120;

/// Makes a policy or puts it in the place of the one with its name.
pub async fn run(
    logs: &Logs,
    cx: Cx,
    input: api::PutResourcePolicyRequest,
) -> Result<api::PutResourcePolicyResponse, Failure> {
    let permit = cx.authorize(Permission::of("logs:PutResourcePolicy"))?;

    if input.resource_arn.is_some() {
        let message = "Policies of a single log group (resourceArn) are not supported by Gantry.";
        return Err(LogsError::invalid(message).into());
    }
    let name = input.policy_name.ok_or_else(|| LogsError::invalid("Policy name cannot be null or empty."))?;
    let document = input.policy_document.unwrap_or_default();
    if document.is_empty() {
        return Err(LogsError::invalid("Policy document cannot be null or empty.").into());
    }
    if document.len() > MAX_BYTES {
        return Err(LogsError::limit("Resource policy document exceeds the limit of 5120 bytes.").into());
    }
    resource_policy::check(&document)?;
    let key = resource_policy_key(cx.account, &cx.region, &name);
    let mut tx = logs.db.begin();
    let there = tx.get(&RESOURCE_POLICIES, &key).await?;
    if let Some(expected) = input.expected_revision_id
        && there.as_ref().is_none_or(|policy| policy.revision != expected)
    {
        return Err(LogsError::OperationAborted.into());
    }
    let known =
        tx.scan(&RESOURCE_POLICIES, &resource_policies_key(cx.account, &cx.region), Scan::all()).await?;
    if there.is_none() && known.len() >= LIMIT {
        return Err(LogsError::limit("Resource limit exceeded.").into());
    }
    let policy = ResourcePolicy { name, document, updated_at: cx.now, revision: logs.ids.hex(16) };
    tx.put(&RESOURCE_POLICIES, &key, &policy);
    tx.commit(&permit).await?;
    Ok(api::PutResourcePolicyResponse {
        revision_id: Some(policy.revision.clone()),
        resource_policy: Some(answer(policy)),
    })
}
