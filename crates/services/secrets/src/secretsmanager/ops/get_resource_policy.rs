//! GetResourcePolicy: a secret's policy, where it has one.

use gantry_api_secretsmanager as api;
use gantry_service::principals::shown;
use gantry_service::{Cx, Failure};

use super::{check_policy_name, on_secret, primary};
use crate::Secrets;
use crate::secretsmanager::name;

/// Reads the policy.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::GetResourcePolicyRequest,
) -> Result<api::GetResourcePolicyResponse, Failure> {
    let mut tx = secrets.db.begin();
    let found = name::find(&mut tx, &cx, &input.secret_id).await?;
    cx.authorize(on_secret("secretsmanager:GetResourcePolicy", &found, &input.secret_id))?;
    check_policy_name(input.policy_name.as_deref())?;
    let secret = primary(found)?;
    let resource_policy = match &secret.policy {
        Some(policy) => Some(shown(&cx, policy, &secret.policy_ids).await?),
        None => None,
    };
    Ok(api::GetResourcePolicyResponse {
        arn: Some(secret.arn),
        name: Some(secret.name),
        resource_policy,
        policy_name: None,
    })
}
