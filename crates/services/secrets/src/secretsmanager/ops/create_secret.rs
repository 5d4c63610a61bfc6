//! CreateSecret: a secret, and its first version where a value is given.

use std::collections::BTreeMap;

use gantry_api_secretsmanager as api;
use gantry_base::Arn;
use gantry_service::{Cx, Failure, Permission, Permit};

use super::{Plain, identity, tags, too_many, version_id};
use crate::Secrets;
use crate::secretsmanager::error::SecretError;
use crate::secretsmanager::name::{self, SUFFIX_ALPHABET, SUFFIX_LENGTH};
use crate::secretsmanager::table::{SECRETS, Secret, VALUES, secret_key};
use crate::secretsmanager::versions::{self, CURRENT};
use crate::secretsmanager::{answer, replication};

/// Makes a secret. The same request under the same token answers as it did the first time.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::CreateSecretRequest,
) -> Result<api::CreateSecretResponse, Failure> {
    let suffix = secrets.ids.text(SUFFIX_LENGTH, SUFFIX_ALPHABET);
    let arn = name::arn(&cx, &input.name, &suffix);
    let permit = authorize(&cx, &arn, &input)?;

    if !name::is_valid(&input.name) {
        return Err(SecretError::Validation(
            "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
        )
        .into());
    }
    refuse_unsupported(&input)?;
    let tags = tags(input.tags.unwrap_or_default())?;
    let plain = Plain::given(input.secret_string, input.secret_binary)?;
    let version = version_id(input.client_request_token, &*secrets.ids)?;

    let mut tx = secrets.db.begin();
    let key = secret_key(cx.account, &cx.region, &input.name);
    if let Some(existing) = tx.get(&SECRETS, &key).await? {
        let value = tx.get(&VALUES, &key.clone().with(&version)).await?;
        return again(secrets, &cx, existing, value, &version, plain).await;
    }
    let regions = replication::regions(&cx, input.add_replica_regions.unwrap_or_default())?;
    let mut secret = Secret {
        arn: arn.to_string(),
        name: input.name,
        description: input.description,
        kms_key_id: input.kms_key_id,
        created_at: cx.now,
        changed_at: cx.now,
        accessed_on: None,
        deletion: None,
        versions: BTreeMap::new(),
        policy: None,
        policy_ids: Default::default(),
        was_tagged: !tags.is_empty(),
        tags,
        replicas: Vec::new(),
        replica_of: None,
    };
    let version = match plain {
        None => None,
        Some(plain) => {
            versions::add(&mut secret.versions, &version, &[CURRENT.into()], cx.now).map_err(too_many)?;
            let value = plain.seal(&cx, &secret, &version).await?;
            secret.sealed(&version);
            tx.put(&VALUES, &key.clone().with(&version), &value);
            Some(version)
        }
    };
    let force = input.force_overwrite_replica_secret == Some(true);
    replication::add(secrets, &mut tx, &cx, &mut secret, regions, force).await?;
    tx.put(&SECRETS, &key, &secret);
    tx.commit(&permit).await?;
    let (arn, name) = identity(&arn, &secret.name);
    let replication_status = answer::replication(&secret);
    Ok(api::CreateSecretResponse { arn, name, version_id: version, replication_status })
}

fn authorize(cx: &Cx, arn: &Arn, input: &api::CreateSecretRequest) -> Result<Permit, Failure> {
    let given = input.tags.iter().flatten();
    let pairs: Vec<(&str, &str)> = given
        .map(|tag| (tag.key.as_deref().unwrap_or_default(), tag.value.as_deref().unwrap_or_default()))
        .collect();
    if !pairs.is_empty() {
        let tagging = Permission::on("secretsmanager:TagResource", arn).request_tags(pairs.iter().copied());
        cx.authorize(tagging)?;
    }
    cx.authorize(
        Permission::on("secretsmanager:CreateSecret", arn)
            .key("secretsmanager:Name", [&input.name])
            .key("secretsmanager:Description", input.description.as_ref())
            .key("secretsmanager:KmsKeyId", input.kms_key_id.as_ref())
            .request_tags(pairs),
    )
}

fn refuse_unsupported(input: &api::CreateSecretRequest) -> Result<(), SecretError> {
    for (given, what) in [
        (input.r#type.is_some(), "Managed external secrets are not supported by Gantry."),
        (input.cross_account_primary_arn.is_some(), "Replicas across accounts are not supported by Gantry."),
    ] {
        if given {
            return Err(SecretError::InvalidRequest(what));
        }
    }
    Ok(())
}

/// A secret of this name is there already: right only if this very request made it.
async fn again(
    secrets: &Secrets,
    cx: &Cx,
    existing: Secret,
    value: Option<crate::secretsmanager::table::Value>,
    version: &str,
    plain: Option<Plain>,
) -> Result<api::CreateSecretResponse, Failure> {
    if existing.deletion.is_some() {
        return Err(SecretError::InvalidRequest(
            "You can't create this secret because a secret with this name is already scheduled for deletion.",
        )
        .into());
    }
    let (Some(value), Some(plain)) = (value, plain) else {
        return Err(SecretError::Exists { name: existing.name }.into());
    };
    if !Plain::open(secrets, cx, &existing, version, &value).await?.same(&plain) {
        return Err(SecretError::TokenInUse { token: version.to_owned(), arn: existing.arn }.into());
    }
    Ok(api::CreateSecretResponse {
        version_id: Some(version.to_owned()),
        replication_status: answer::replication(&existing),
        arn: Some(existing.arn),
        name: Some(existing.name),
    })
}
