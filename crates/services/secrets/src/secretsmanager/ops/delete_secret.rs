//! DeleteSecret: a secret goes when its recovery window ends, or at once where that is asked for.

use std::time::Duration;

use gantry_api_secretsmanager as api;
use gantry_base::{Arn, Timestamp};
use gantry_service::{Cx, Failure, Permit};
use gantry_store::Tx;

use super::on_secret;
use crate::Secrets;
use crate::loops::SECRET_DELETION;
use crate::secretsmanager::error::{ON_REPLICA, SecretError};
use crate::secretsmanager::name;
use crate::secretsmanager::table::{DELETIONS, Deletion, SECRETS, Scheduled, Secret, VALUES, deletion_key};

const DEFAULT_WINDOW_DAYS: i64 = 30;

/// Schedules a secret for deletion, or deletes it.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::DeleteSecretRequest,
) -> Result<api::DeleteSecretResponse, Failure> {
    let mut tx = secrets.db.begin();
    let found = name::find(&mut tx, &cx, &input.secret_id).await?;
    let forced = input.force_delete_without_recovery == Some(true);
    let permission = on_secret("secretsmanager:DeleteSecret", &found, &input.secret_id)
        .key("secretsmanager:ForceDeleteWithoutRecovery", [forced.to_string()])
        .key(
            "secretsmanager:RecoveryWindowInDays",
            input.recovery_window_in_days.map(|days| days.to_string()),
        );
    let permit = cx.authorize(permission)?;

    let window_days = validate(forced, input.recovery_window_in_days)?;
    let Some(secret) = found.secret else {
        return absent(&cx, forced, &found.arn);
    };
    if secret.replica_of.is_some() {
        return Err(SecretError::InvalidParameter(ON_REPLICA.into()).into());
    }
    if !secret.replicas.is_empty() {
        let regions: Vec<&str> = secret.replicas.iter().map(|replica| replica.region.as_str()).collect();
        return Err(SecretError::InvalidParameter(format!(
            "You can't delete secret {} that still has replica regions [{}]",
            secret.arn,
            regions.join(", ")
        ))
        .into());
    }
    if forced {
        delete(tx, &permit, &secret).await?;
        return Ok(answer(secret, cx.now));
    }
    if secret.deletion.is_some() {
        return Err(SecretError::InvalidRequest(
            "You can't perform this operation on the secret because it was already scheduled for deletion.",
        )
        .into());
    }
    let due = cx.now + Duration::from_secs(window_days * 24 * 60 * 60);
    let key = secret.key();
    let secret = Secret { deletion: Some(Scheduled { asked_at: cx.now, due }), ..secret };
    let deletion = Deletion { due, secret: key.as_str().to_owned(), arn: secret.arn.clone() };
    tx.put(&SECRETS, &key, &secret);
    tx.put(&DELETIONS, &deletion_key(&deletion), &deletion);
    tx.wake(SECRET_DELETION);
    tx.commit(&permit).await?;
    Ok(answer(secret, due))
}

fn validate(forced: bool, window_days: Option<i64>) -> Result<u64, SecretError> {
    match window_days {
        Some(days) if !(7..=30).contains(&days) => Err(SecretError::InvalidParameter(
            "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).".into(),
        )),
        Some(_) if forced => Err(SecretError::InvalidParameter(
            "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.".into(),
        )),
        days => Ok(days.unwrap_or(DEFAULT_WINDOW_DAYS).unsigned_abs()),
    }
}

/// AWS does not mind if what is to be deleted by force is not there.
fn absent(cx: &Cx, forced: bool, arn: &Arn) -> Result<api::DeleteSecretResponse, Failure> {
    if !forced {
        return Err(SecretError::NotFound.into());
    }
    let name = arn.resource().strip_prefix("secret:").unwrap_or(arn.resource());
    Ok(api::DeleteSecretResponse {
        arn: Some(arn.to_string()),
        name: Some(name.to_owned()),
        deletion_date: Some(cx.now),
    })
}

async fn delete(mut tx: Tx, permit: &Permit, secret: &Secret) -> Result<(), Failure> {
    let key = secret.key();
    for version in secret.versions.keys() {
        tx.delete(&VALUES, &key.clone().with(version));
    }
    tx.delete(&SECRETS, &key);
    tx.commit(permit).await?;
    Ok(())
}

fn answer(secret: Secret, deletion_date: Timestamp) -> api::DeleteSecretResponse {
    api::DeleteSecretResponse {
        arn: Some(secret.arn),
        name: Some(secret.name),
        deletion_date: Some(deletion_date),
    }
}
