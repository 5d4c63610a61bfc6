//! The operations, one file each, and what several of them share.

pub mod batch_get_secret_value;
pub mod cancel_rotate_secret;
pub mod create_secret;
pub mod delete_resource_policy;
pub mod delete_secret;
pub mod describe_secret;
pub mod get_random_password;
pub mod get_resource_policy;
pub mod get_secret_value;
pub mod list_secret_version_ids;
pub mod list_secrets;
pub mod put_resource_policy;
pub mod put_secret_value;
pub mod remove_regions_from_replication;
pub mod replicate_secret_to_regions;
pub mod restore_secret;
pub mod rotate_secret;
pub mod stop_replication_to_replica;
pub mod tag_resource;
pub mod untag_resource;
pub mod update_secret;
pub mod update_secret_version_stage;
pub mod validate_resource_policy;

use bytes::Bytes;
use gantry_api_secretsmanager as api;
use gantry_base::tags::TagError;
use gantry_base::{Arn, Tags};
use gantry_service::{Cx, Failure, Permission};

use super::error::{MARKED_FOR_DELETION, ON_REPLICA, SecretError};
use super::name::Found;
use super::table::{Secret, Value};
use super::versions::TooMany;
use crate::Secrets;
use crate::vault::Vault;

/// The permission for an action on a secret that may not be there.
fn on_secret<'a>(action: &'static str, found: &'a Found, given: &str) -> Permission<'a> {
    let permission = Permission::on(action, &found.arn)
        .key("secretsmanager:SecretId", [given])
        .resource_policy(found.policy.as_ref());
    let Some(secret) = &found.secret else { return permission };
    let tagged = permission.resource_tags(secret.tags.iter());
    let keyed = secret.tags.iter().fold(tagged, |permission, (tag, value)| {
        permission.key(format!("secretsmanager:ResourceTag/{tag}"), [value])
    });
    keyed.key("secretsmanager:KmsKeyId", secret.kms_key_id.as_ref())
}

/// The key that a version is sealed under, within AWS's
/// [encryption context](https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html).
fn vault<'a>(secret: &Secret, key: &'a str, version: &str) -> Vault<'a> {
    let context = [("SecretARN", secret.arn.as_str()), ("SecretVersionId", version)];
    let context = context.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Vault { service: "secretsmanager", key, context }
}

/// What a value is sealed for: one version of one secret.
fn context(arn: &str, version: &str) -> String {
    format!("secretsmanager/{arn}/{version}")
}

/// A value in the clear, on its way in or out. It has no debug text.
pub(super) enum Plain {
    Text(String),
    Binary(Bytes),
}

impl Plain {
    /// The value that a request gives; at most one of the two.
    fn given(text: Option<String>, binary: Option<Bytes>) -> Result<Option<Plain>, SecretError> {
        match (text, binary) {
            (Some(_), Some(_)) => Err(SecretError::InvalidParameter(
                "You can't specify both a binary secret value and a string secret value in the same secret."
                    .into(),
            )),
            (Some(text), None) => Ok(Some(Plain::Text(text))),
            (None, Some(binary)) => Ok(Some(Plain::Binary(binary))),
            (None, None) => Ok(None),
        }
    }

    /// Seals the value as one version of the secret, under the secret's key.
    pub(super) async fn seal(&self, cx: &Cx, secret: &Secret, version: &str) -> Result<Value, Failure> {
        let key = secret.sealed_under();
        let bytes = match self {
            Plain::Text(text) => text.as_bytes(),
            Plain::Binary(binary) => binary,
        };
        let sealed = vault(secret, &key, version).seal(cx, bytes, &context(&secret.arn, version)).await;
        let (sealed, under) = sealed.map_err(|failure| match failure {
            Failure::Answer(error) => SecretError::Encryption { why: error.message.to_string() }.into(),
            other => other,
        })?;
        Ok(match self {
            Plain::Text(_) => Value::Text { sealed, under },
            Plain::Binary(_) => Value::Binary { sealed, under },
        })
    }

    /// Opens a version's value; the caller needs the right to decrypt with its key.
    pub(super) async fn open(
        secrets: &Secrets,
        cx: &Cx,
        secret: &Secret,
        version: &str,
        value: &Value,
    ) -> Result<Plain, Failure> {
        let (Value::Text { sealed, under } | Value::Binary { sealed, under }) = value;
        let (key, place) = (secret.sealed_under(), context(&secret.arn, version));
        let opened = vault(secret, &key, version).open(cx, &secrets.sealer, sealed, under, &place).await;
        let bytes = opened.map_err(|failure| match failure {
            Failure::Answer(error) => SecretError::Decryption { why: error.message.to_string() }.into(),
            other => other,
        })?;
        Ok(match value {
            Value::Binary { .. } => Plain::Binary(bytes.into()),
            Value::Text { .. } => Plain::Text(
                String::from_utf8(bytes)
                    .map_err(|_| Failure::internal(format_args!("the value of {place} is not text")))?,
            ),
        })
    }

    fn same(&self, other: &Plain) -> bool {
        match (self, other) {
            (Plain::Text(one), Plain::Text(other)) => one == other,
            (Plain::Binary(one), Plain::Binary(other)) => one == other,
            _ => false,
        }
    }

    fn into_parts(self) -> (Option<String>, Option<Bytes>) {
        match self {
            Plain::Text(text) => (Some(text), None),
            Plain::Binary(binary) => (None, Some(binary)),
        }
    }
}

/// The version that a request makes: its token, or a new one.
fn version_id(token: Option<String>, ids: &dyn gantry_base::Ids) -> Result<String, SecretError> {
    match token {
        None => Ok(ids.uuid()),
        Some(token) if (32..=64).contains(&token.chars().count()) => Ok(token),
        Some(_) => {
            Err(SecretError::InvalidParameter("ClientRequestToken must be 32-64 characters long.".into()))
        }
    }
}

fn too_many(which: TooMany) -> SecretError {
    SecretError::LimitExceeded(match which {
        TooMany::Versions => "The secret has too many versions with staging labels.",
        TooMany::Stages => "The versions of a secret can have at most 20 staging labels.",
    })
}

/// The ARN and name that most answers begin with.
fn identity(arn: &Arn, name: &str) -> (Option<String>, Option<String>) {
    (Some(arn.to_string()), Some(name.to_owned()))
}

/// The secret, if it is there.
fn present(found: Found) -> Result<Secret, SecretError> {
    found.secret.ok_or(SecretError::NotFound)
}

/// The secret, if it is there and not about to go.
fn alive(found: Found) -> Result<Secret, SecretError> {
    let secret = present(found)?;
    if secret.deletion.is_some() { Err(MARKED_FOR_DELETION) } else { Ok(secret) }
}

/// The secret, if it is there and not a replica.
fn primary(found: Found) -> Result<Secret, SecretError> {
    let secret = present(found)?;
    if secret.replica_of.is_some() {
        return Err(SecretError::InvalidParameter(ON_REPLICA.into()));
    }
    Ok(secret)
}

/// The secret, if it is there, not about to go, and not a replica.
fn alive_primary(found: Found) -> Result<Secret, SecretError> {
    let secret = primary(found)?;
    if secret.deletion.is_some() { Err(MARKED_FOR_DELETION) } else { Ok(secret) }
}

/// Tags as a request gives them.
fn tags(given: Vec<api::Tag>) -> Result<Tags, SecretError> {
    let pairs = given.into_iter().map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()));
    Tags::parse(pairs).map_err(tag_error)
}

fn tag_error(error: TagError) -> SecretError {
    match error {
        TagError::TooMany { .. } => {
            SecretError::InvalidParameter("A secret can have at most 50 tags.".into())
        }
        other => SecretError::InvalidParameter(other.to_string()),
    }
}

/// A secret has one resource policy, under this name.
const POLICY_NAME: &str = "default";

fn check_policy_name(name: Option<&str>) -> Result<(), SecretError> {
    match name {
        None | Some(POLICY_NAME) => Ok(()),
        Some(_) => {
            Err(SecretError::InvalidRequest("Gantry keeps one resource policy of each secret: \"default\"."))
        }
    }
}
