//! PutResourcePolicy: a policy that says who may do what with a secret.

use gantry_api_secretsmanager as api;
use gantry_iam_core::policy::spelling::accounts_by_root;
use gantry_service::principals::ids_of;
use gantry_service::{Cx, Failure};

use super::{alive_primary, check_policy_name, on_secret};
use crate::Secrets;
use crate::secretsmanager::error::SecretError;
use crate::secretsmanager::table::SECRETS;
use crate::secretsmanager::{name, policy, replication};

/// Replaces the policy.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::PutResourcePolicyRequest,
) -> Result<api::PutResourcePolicyResponse, Failure> {
    let mut tx = secrets.db.begin();
    let found = name::find(&mut tx, &cx, &input.secret_id).await?;
    let blocked = input.block_public_policy == Some(true);
    let permission = on_secret("secretsmanager:PutResourcePolicy", &found, &input.secret_id)
        .key("secretsmanager:BlockPublicPolicy", [blocked.to_string()]);
    let permit = cx.authorize(permission)?;
    check_policy_name(input.policy_name.as_deref())?;
    let mut secret = alive_primary(found)?;
    let policy = policy::parse(&input.resource_policy)?;
    if blocked && policy::is_public(&input.resource_policy) {
        return Err(SecretError::PublicPolicy.into());
    }
    secret.policy_ids = ids_of(&cx, &policy, |_| {
        SecretError::MalformedPolicy("This resource policy contains an unsupported principal.".to_owned())
    })
    .await?;
    secret.policy = Some(accounts_by_root(&input.resource_policy, cx.partition()));
    replication::sync(secrets, &mut tx, &cx, &mut secret).await?;
    tx.put(&SECRETS, &secret.key(), &secret);
    tx.commit(&permit).await?;
    Ok(api::PutResourcePolicyResponse { arn: Some(secret.arn), name: Some(secret.name), policy_name: None })
}
