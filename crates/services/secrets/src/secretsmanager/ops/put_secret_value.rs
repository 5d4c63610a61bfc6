//! PutSecretValue: a new version of a secret.

use gantry_api_secretsmanager as api;
use gantry_service::{Cx, Failure};
use gantry_store::Tx;

use super::{Plain, alive_primary, on_secret, too_many, version_id};
use crate::Secrets;
use crate::secretsmanager::error::SecretError;
use crate::secretsmanager::table::{SECRETS, Secret, VALUES};
use crate::secretsmanager::versions::{self, CURRENT};
use crate::secretsmanager::{name, replication};

/// Makes a version. The same value under the same token answers as it did the first time.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::PutSecretValueRequest,
) -> Result<api::PutSecretValueResponse, Failure> {
    let mut tx = secrets.db.begin();
    let found = name::find(&mut tx, &cx, &input.secret_id).await?;
    let permit = cx.authorize(on_secret("secretsmanager:PutSecretValue", &found, &input.secret_id))?;

    let plain = Plain::given(input.secret_string, input.secret_binary)?;
    let plain =
        plain.ok_or(SecretError::InvalidRequest("You must provide either SecretString or SecretBinary."))?;
    let mut secret = alive_primary(found)?;
    let version = version_id(input.client_request_token, &*secrets.ids)?;
    let stages = input.version_stages.unwrap_or_else(|| vec![CURRENT.into()]);

    if put(secrets, &mut tx, &cx, &mut secret, &version, &plain, &stages).await? {
        replication::sync(secrets, &mut tx, &cx, &mut secret).await?;
        tx.put(&SECRETS, &secret.key(), &secret);
        tx.commit(&permit).await?;
    }
    let stages = secret.versions.get(&version).map(|version| version.stages.clone());
    Ok(api::PutSecretValueResponse {
        arn: Some(secret.arn),
        name: Some(secret.name),
        version_id: Some(version),
        version_stages: stages,
    })
}

/// Writes a new version; false where the very same one is there already.
pub(super) async fn put(
    secrets: &Secrets,
    tx: &mut Tx,
    cx: &Cx,
    secret: &mut Secret,
    version: &str,
    plain: &Plain,
    stages: &[String],
) -> Result<bool, Failure> {
    let key = secret.key();
    let value_key = key.clone().with(version);
    if let Some(value) = tx.get(&VALUES, &value_key).await? {
        if !Plain::open(secrets, cx, secret, version, &value).await?.same(plain) {
            let (token, arn) = (version.to_owned(), secret.arn.clone());
            return Err(SecretError::TokenInUse { token, arn }.into());
        }
        return Ok(false);
    }
    for old in versions::add(&mut secret.versions, version, stages, cx.now).map_err(too_many)? {
        tx.delete(&VALUES, &key.clone().with(&old));
    }
    let value = plain.seal(cx, secret, version).await?;
    secret.sealed(version);
    secret.changed_at = cx.now;
    tx.put(&VALUES, &value_key, &value);
    tx.put(&SECRETS, &key, secret);
    Ok(true)
}
