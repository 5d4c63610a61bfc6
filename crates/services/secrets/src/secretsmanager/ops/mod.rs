//! The operations, one file each, and what several of them share.

pub mod create_secret;
pub mod delete_secret;
pub mod describe_secret;
pub mod get_secret_value;
pub mod list_secrets;
pub mod put_secret_value;

use bytes::Bytes;
use gantry_base::Arn;
use gantry_service::{Failure, Permission, Sealer};

use super::error::SecretError;
use super::name::Found;
use super::table::Value;
use super::versions::TooMany;
use crate::sealed::Sealed;

/// The permission for an action on a secret that may not be there.
fn on_secret<'a>(action: &'static str, found: &'a Found, given: &str) -> Permission<'a> {
    let permission = Permission::on(action, &found.arn).key("secretsmanager:SecretId", [given]);
    let Some(secret) = &found.secret else { return permission };
    let tagged = permission.resource_tags(secret.tags.iter());
    let keyed = secret.tags.iter().fold(tagged, |permission, (tag, value)| {
        permission.key(format!("secretsmanager:ResourceTag/{tag}"), [value])
    });
    keyed.key("secretsmanager:KmsKeyId", secret.kms_key_id.as_ref())
}

/// What a value is sealed for: one version of one secret.
fn context(arn: &str, version: &str) -> String {
    format!("secretsmanager/{arn}/{version}")
}

/// A value in the clear, on its way in or out. It has no debug text.
enum Plain {
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

    fn seal(&self, sealer: &Sealer, context: &str) -> Value {
        match self {
            Plain::Text(text) => Value::Text { sealed: Sealed::seal(sealer, text.as_bytes(), context) },
            Plain::Binary(binary) => Value::Binary { sealed: Sealed::seal(sealer, binary, context) },
        }
    }

    fn open(value: &Value, sealer: &Sealer, context: &str) -> Result<Plain, Failure> {
        match value {
            Value::Text { sealed } => Ok(Plain::Text(sealed.open_text(sealer, context)?)),
            Value::Binary { sealed } => Ok(Plain::Binary(sealed.open(sealer, context)?.into())),
        }
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
