//! DeleteResourcePolicy: a secret has no policy any more.

use gantry_api_secretsmanager as api;
use gantry_service::{Cx, Failure};

use super::{alive_primary, check_policy_name, on_secret};
use crate::Secrets;
use crate::secretsmanager::table::SECRETS;
use crate::secretsmanager::{name, replication};

/// Deletes the policy.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::DeleteResourcePolicyRequest,
) -> Result<api::DeleteResourcePolicyResponse, Failure> {
    let mut tx = secrets.db.begin();
    let found = name::find(&mut tx, &cx, &input.secret_id).await?;
    let permit = cx.authorize(on_secret("secretsmanager:DeleteResourcePolicy", &found, &input.secret_id))?;
    check_policy_name(input.policy_name.as_deref())?;
    let mut secret = alive_primary(found)?;
    secret.policy = None;
    replication::sync(secrets, &mut tx, &cx, &mut secret).await?;
    tx.put(&SECRETS, &secret.key(), &secret);
    tx.commit(&permit).await?;
    Ok(api::DeleteResourcePolicyResponse {
        arn: Some(secret.arn),
        name: Some(secret.name),
        policy_name: None,
    })
}
