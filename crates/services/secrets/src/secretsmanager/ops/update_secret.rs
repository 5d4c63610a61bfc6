//! UpdateSecret: another description, key or value.

use gantry_api_secretsmanager as api;
use gantry_service::{Cx, Failure};
use gantry_store::Tx;

use super::put_secret_value::put;
use super::{Plain, alive_primary, on_secret, version_id};
use crate::Secrets;
use crate::secretsmanager::error::SecretError;
use crate::secretsmanager::table::{SECRETS, Secret, VALUES};
use crate::secretsmanager::versions::CURRENT;
use crate::secretsmanager::{name, replication};

/// Changes what is given, and leaves the rest.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::UpdateSecretRequest,
) -> Result<api::UpdateSecretResponse, Failure> {
    let mut tx = secrets.db.begin();
    let found = name::find(&mut tx, &cx, &input.secret_id).await?;
    let permission = on_secret("secretsmanager:UpdateSecret", &found, &input.secret_id)
        .key("secretsmanager:Description", input.description.as_ref())
        .key("secretsmanager:KmsKeyId", input.kms_key_id.as_ref());
    let permit = cx.authorize(permission)?;
    let mut secret = alive_primary(found)?;
    if input.r#type.is_some() {
        let what = "Managed external secrets are not supported by Gantry.";
        return Err(SecretError::InvalidRequest(what).into());
    }
    let plain = Plain::given(input.secret_string, input.secret_binary)?;
    if let Some(description) = input.description {
        secret.description = Some(description).filter(|text| !text.is_empty());
    }
    if let Some(key) = input.kms_key_id
        && secret.kms_key_id.as_ref() != Some(&key)
    {
        let before = secret.clone();
        secret.kms_key_id = Some(key).filter(|key| !key.is_empty());
        seal_anew(secrets, &mut tx, &cx, &before, &mut secret).await?;
    }
    let version = match plain {
        None => None,
        Some(plain) => {
            let version = version_id(input.client_request_token, &*secrets.ids)?;
            put(secrets, &mut tx, &cx, &mut secret, &version, &plain, &[CURRENT.into()]).await?;
            Some(version)
        }
    };
    secret.changed_at = cx.now;
    replication::sync(secrets, &mut tx, &cx, &mut secret).await?;
    tx.put(&SECRETS, &secret.key(), &secret);
    tx.commit(&permit).await?;
    Ok(api::UpdateSecretResponse { arn: Some(secret.arn), name: Some(secret.name), version_id: version })
}

/// What is in use is sealed under the new key; the caller must be able to use both.
async fn seal_anew(
    secrets: &Secrets,
    tx: &mut Tx,
    cx: &Cx,
    before: &Secret,
    secret: &mut Secret,
) -> Result<(), Failure> {
    for (version, _) in before.versions.iter().filter(|(_, version)| !version.stages.is_empty()) {
        let at = secret.key().with(version);
        let Some(value) = tx.get(&VALUES, &at).await? else { continue };
        let plain = Plain::open(secrets, cx, before, version, &value).await?;
        let value = plain.seal(cx, secret, version).await?;
        secret.sealed(version);
        tx.put(&VALUES, &at, &value);
    }
    Ok(())
}
