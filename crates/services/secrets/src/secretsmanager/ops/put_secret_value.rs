//! PutSecretValue: a new version of a secret.

use gantry_api_secretsmanager as api;
use gantry_service::{Cx, Failure};

use super::{Plain, context, on_secret, too_many, version_id};
use crate::Secrets;
use crate::secretsmanager::error::{MARKED_FOR_DELETION, SecretError};
use crate::secretsmanager::name;
use crate::secretsmanager::table::{SECRETS, VALUES, secret_key};
use crate::secretsmanager::versions::{self, CURRENT};

/// Makes a version. The same value under the same token answers as it did the first time.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::PutSecretValueRequest,
) -> Result<api::PutSecretValueResponse, Failure> {
    let mut tx = secrets.db.begin();
    let found = name::find(&mut tx, &cx, &input.secret_id).await?;
    let permit = cx.authorize(on_secret("secretsmanager:PutSecretValue", &found, &input.secret_id))?;

    let mut secret = found.secret.ok_or(SecretError::NotFound)?;
    if secret.deletion.is_some() {
        return Err(MARKED_FOR_DELETION.into());
    }
    let plain = Plain::given(input.secret_string, input.secret_binary)?;
    let plain =
        plain.ok_or(SecretError::InvalidRequest("You must provide either SecretString or SecretBinary."))?;
    let version = version_id(input.client_request_token, &*secrets.ids)?;
    let stages = input.version_stages.unwrap_or_else(|| vec![CURRENT.into()]);

    let key = secret_key(cx.account, &cx.region, &secret.name);
    let value_key = key.clone().with(&version);
    match tx.get(&VALUES, &value_key).await? {
        Some(value) => {
            if !Plain::open(&value, &secrets.sealer, &context(&secret.arn, &version))?.same(&plain) {
                return Err(SecretError::TokenInUse { token: version, arn: secret.arn }.into());
            }
        }
        None => {
            let forgotten =
                versions::add(&mut secret.versions, &version, &stages, cx.now).map_err(too_many)?;
            for old in forgotten {
                tx.delete(&VALUES, &key.clone().with(&old));
            }
            secret.changed_at = cx.now;
            tx.put(&VALUES, &value_key, &plain.seal(&secrets.sealer, &context(&secret.arn, &version)));
            tx.put(&SECRETS, &key, &secret);
            tx.commit(&permit).await?;
        }
    }
    let stages = secret.versions.get(&version).map(|version| version.stages.clone());
    Ok(api::PutSecretValueResponse {
        arn: Some(secret.arn),
        name: Some(secret.name),
        version_id: Some(version),
        version_stages: stages,
    })
}
