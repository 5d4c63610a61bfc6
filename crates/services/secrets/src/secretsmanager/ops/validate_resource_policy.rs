//! ValidateResourcePolicy: what PutResourcePolicy would say.

use gantry_api_secretsmanager as api;
use gantry_service::{Cx, Failure, Permission};

use super::on_secret;
use crate::Secrets;
use crate::secretsmanager::error::SecretError;
use crate::secretsmanager::{name, policy};

/// Checks a policy.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::ValidateResourcePolicyRequest,
) -> Result<api::ValidateResourcePolicyResponse, Failure> {
    const ACTION: &str = "secretsmanager:ValidateResourcePolicy";
    match &input.secret_id {
        None => {
            cx.authorize(Permission::of(ACTION))?;
        }
        Some(id) => {
            let found = name::find(&mut secrets.db.begin(), &cx, id).await?;
            cx.authorize(on_secret(ACTION, &found, id))?;
            found.secret.ok_or(SecretError::NotFound)?;
        }
    }
    let mut errors = Vec::new();
    if let Err(error) = policy::parse(&input.resource_policy) {
        errors.push(("POLICY_SYNTAX", error.to_string()));
    } else if policy::is_public(&input.resource_policy) {
        errors.push(("PUBLIC_POLICY", SecretError::PublicPolicy.to_string()));
    }
    let errors: Vec<_> = errors
        .into_iter()
        .map(|(check, message)| api::ValidationErrorsEntry {
            check_name: Some(check.into()),
            error_message: Some(message),
        })
        .collect();
    Ok(api::ValidateResourcePolicyResponse {
        policy_validation_passed: Some(errors.is_empty()),
        validation_errors: Some(errors),
    })
}
