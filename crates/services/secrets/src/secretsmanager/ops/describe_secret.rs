//! DescribeSecret: all about a secret but its values.

use gantry_api_secretsmanager as api;
use gantry_service::{Cx, Failure};

use super::on_secret;
use crate::Secrets;
use crate::secretsmanager::error::SecretError;
use crate::secretsmanager::{answer, name};

/// Describes a secret, also one that is scheduled for deletion.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::DescribeSecretRequest,
) -> Result<api::DescribeSecretResponse, Failure> {
    let mut tx = secrets.db.begin();
    let found = name::find(&mut tx, &cx, &input.secret_id).await?;
    cx.authorize(on_secret("secretsmanager:DescribeSecret", &found, &input.secret_id))?;
    let secret = found.secret.ok_or(SecretError::NotFound)?;
    Ok(api::DescribeSecretResponse {
        version_ids_to_stages: answer::stages(&secret),
        tags: answer::tags(&secret),
        primary_region: secret.primary_region().map(|region| region.to_string()),
        replication_status: answer::replication(&secret),
        arn: Some(secret.arn),
        name: Some(secret.name),
        description: secret.description,
        kms_key_id: secret.kms_key_id,
        last_changed_date: Some(secret.changed_at),
        last_accessed_date: secret.accessed_on,
        deleted_date: secret.deletion.map(|scheduled| scheduled.due),
        created_date: Some(secret.created_at),
        ..Default::default()
    })
}
