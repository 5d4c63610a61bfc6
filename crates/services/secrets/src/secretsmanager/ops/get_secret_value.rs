//! GetSecretValue: a version's value, the current one unless another is named.

use gantry_api_secretsmanager as api;
use gantry_service::{Cx, Failure};

use super::{Plain, alive, on_secret};
use crate::Secrets;
use crate::secretsmanager::answer::day;
use crate::secretsmanager::error::SecretError;
use crate::secretsmanager::name;
use crate::secretsmanager::table::{SECRETS, Secret, VALUES};
use crate::secretsmanager::versions::CURRENT;

/// Reads a value, and notes the day on which it was read.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::GetSecretValueRequest,
) -> Result<api::GetSecretValueResponse, Failure> {
    let mut tx = secrets.db.begin();
    let found = name::find(&mut tx, &cx, &input.secret_id).await?;
    let permission = on_secret("secretsmanager:GetSecretValue", &found, &input.secret_id)
        .key("secretsmanager:VersionId", input.version_id.as_ref())
        .key("secretsmanager:VersionStage", input.version_stage.as_deref().or(Some(CURRENT)));
    let permit = cx.authorize(permission)?;

    let mut secret = alive(found)?;
    let id = choose(&secret, input.version_id, input.version_stage)?;
    let key = secret.key();
    if let Some(account) = cx.caller.principal.account()
        && secret.is_under_default_key_of_another(account)
    {
        return Err(SecretError::ForeignDefaultKey.into());
    }
    let value = tx.get(&VALUES, &key.clone().with(&id)).await?;
    let value =
        value.ok_or_else(|| Failure::internal(format_args!("{} has lost version {id}", secret.arn)))?;
    let plain = Plain::open(secrets, &cx, &secret, &id, &value).await?;

    let today = day(cx.now);
    if secret.accessed_on != Some(today) {
        secret.accessed_on = Some(today);
        tx.put(&SECRETS, &key, &secret);
        tx.commit(&permit).await?;
    }
    let version = secret.versions.get(&id);
    let (secret_string, secret_binary) = plain.into_parts();
    Ok(api::GetSecretValueResponse {
        version_stages: version.map(|version| version.stages.clone()).filter(|stages| !stages.is_empty()),
        created_date: version.map(|version| version.created_at),
        arn: Some(secret.arn),
        name: Some(secret.name),
        version_id: Some(id),
        secret_binary,
        secret_string,
    })
}

/// The version that a request means.
fn choose(secret: &Secret, id: Option<String>, stage: Option<String>) -> Result<String, SecretError> {
    if let Some(id) = id {
        let version = secret.versions.get(&id);
        let version =
            version.ok_or_else(|| SecretError::VersionNotFound { which: format!("VersionId: {id}") })?;
        return match stage {
            Some(stage) if !version.stages.contains(&stage) => Err(SecretError::InvalidRequest(
                "You provided a VersionStage that is not associated to the provided VersionId.",
            )),
            _ => Ok(id),
        };
    }
    let stage = stage.unwrap_or_else(|| CURRENT.into());
    let labelled = secret.versions.iter().find(|(_, version)| version.stages.contains(&stage));
    let labelled = labelled.map(|(id, _)| id.clone());
    labelled.ok_or_else(|| SecretError::VersionNotFound { which: format!("staging label: {stage}") })
}
