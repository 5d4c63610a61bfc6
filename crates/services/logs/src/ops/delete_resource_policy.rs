//! DeleteResourcePolicy: what a policy let others do ends.

use gantry_api_logs as api;
use gantry_service::{Cx, Failure, Permission};
use gantry_wire::Unit;

use crate::Logs;
use crate::error::LogsError;
use crate::tables::{RESOURCE_POLICIES, resource_policy_key};

/// Deletes a policy.
pub async fn run(logs: &Logs, cx: Cx, input: api::DeleteResourcePolicyRequest) -> Result<Unit, Failure> {
    let permit = cx.authorize(Permission::of("logs:DeleteResourcePolicy"))?;

    if input.resource_arn.is_some() {
        let message = "Policies of a single log group (resourceArn) are not supported by Gantry.";
        return Err(LogsError::invalid(message).into());
    }
    let name = input.policy_name.ok_or_else(|| LogsError::invalid("Policy name cannot be null or empty."))?;
    let key = resource_policy_key(cx.account, &cx.region, &name);
    let mut tx = logs.db.begin();
    let policy = tx.get(&RESOURCE_POLICIES, &key).await?;
    let not_found = || LogsError::NotFound(format!("Policy with name [{name}] does not exist."));
    let policy = policy.ok_or_else(not_found)?;
    if input.expected_revision_id.is_some_and(|expected| expected != policy.revision) {
        return Err(LogsError::OperationAborted.into());
    }
    tx.delete(&RESOURCE_POLICIES, &key);
    tx.commit(&permit).await?;
    Ok(Unit)
}
