//! UpdateSecretVersionStage: a label moves from one version to another.

use gantry_api_secretsmanager as api;
use gantry_service::{Cx, Failure};

use super::{alive_primary, on_secret};
use crate::Secrets;
use crate::secretsmanager::error::SecretError;
use crate::secretsmanager::table::SECRETS;
use crate::secretsmanager::versions::{BadMove, relabel};
use crate::secretsmanager::{name, replication};

/// Moves, adds or removes a label.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::UpdateSecretVersionStageRequest,
) -> Result<api::UpdateSecretVersionStageResponse, Failure> {
    let mut tx = secrets.db.begin();
    let found = name::find(&mut tx, &cx, &input.secret_id).await?;
    let stage = input.version_stage;
    let permission = on_secret("secretsmanager:UpdateSecretVersionStage", &found, &input.secret_id)
        .key("secretsmanager:VersionStage", [&stage]);
    let permit = cx.authorize(permission)?;
    let mut secret = alive_primary(found)?;
    let (from, to) = (input.remove_from_version_id, input.move_to_version_id);
    if from.is_none() && to.is_none() {
        let what = "You must provide RemoveFromVersionId, MoveToVersionId or both.";
        return Err(SecretError::InvalidParameter(what.into()).into());
    }
    relabel(&mut secret.versions, &stage, from.as_deref(), to.as_deref())
        .map_err(|bad| refusal(bad, &stage, from.as_deref().or(to.as_deref()).unwrap_or_default()))?;
    secret.changed_at = cx.now;
    replication::sync(secrets, &mut tx, &cx, &mut secret).await?;
    tx.put(&SECRETS, &secret.key(), &secret);
    tx.commit(&permit).await?;
    Ok(api::UpdateSecretVersionStageResponse { arn: Some(secret.arn), name: Some(secret.name) })
}

fn refusal(bad: BadMove, stage: &str, version: &str) -> SecretError {
    match bad {
        BadMove::From { attached } => SecretError::InvalidParameter(format!(
            "The parameter RemoveFromVersionId can't be empty. Staging label {stage} is currently attached to version \
             {attached}, so you must explicitly reference that version in RemoveFromVersionId."
        )),
        BadMove::NotThere => SecretError::InvalidParameter(format!(
            "Staging label {stage} is not attached to version {version}."
        )),
        BadMove::NoVersion => SecretError::VersionNotFound { which: format!("VersionId: {version}") },
        BadMove::Current => SecretError::InvalidParameter(
            "You can't remove the staging label AWSCURRENT, only move it to another version.".into(),
        ),
        BadMove::TooMany => {
            SecretError::LimitExceeded("The versions of a secret can have at most 20 staging labels.")
        }
    }
}
