//! From what is stored to AWS's shapes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use gantry_api_ssm as api;
use gantry_service::{Cx, Failure, Sealer};

use super::error::ParameterError;
use super::name;
use super::policy::Policy;
use super::public::Public;
use super::table::{Kind, Parameter, Version};
use crate::vault::{Under, Vault};

/// The key that parameters are shown with when they were given none.
pub const DEFAULT_KEY: &str = "alias/aws/ssm";

/// A parameter with the value of one version. Without decryption a SecureString shows its sealed form; with it
/// the caller needs the right to decrypt with the parameter's key.
pub async fn parameter(
    cx: &Cx,
    sealer: &Sealer,
    parameter: &Parameter,
    version: &Version,
    decrypt: bool,
) -> Result<api::Parameter, Failure> {
    Ok(api::Parameter {
        name: Some(parameter.name.clone()),
        r#type: Some(version.kind.as_str().into()),
        value: Some(value(cx, sealer, parameter, version, decrypt).await?),
        version: Some(i64::try_from(version.version).unwrap_or(i64::MAX)),
        last_modified_date: Some(version.modified_at),
        arn: Some(name::arn(cx, &parameter.name).to_string()),
        data_type: Some(version.data_type.clone()),
        ..Default::default()
    })
}

/// The value of a version.
pub async fn value(
    cx: &Cx,
    sealer: &Sealer,
    parameter: &Parameter,
    version: &Version,
    decrypt: bool,
) -> Result<String, Failure> {
    if version.kind == Kind::SecureString && !decrypt {
        return Ok(match version.under {
            Under::Key => version.value.as_str().to_owned(),
            _ => BASE64.encode(version.value.as_str()),
        });
    }
    let place = parameter.context(version.version);
    let key = key_arn(cx, parameter.key_id.as_deref());
    let vault = vault(cx, &parameter.name, &key);
    let opened = vault.open(cx, sealer, &version.value, &version.under, &place).await;
    let bytes = opened.map_err(|failure| unusable(&key, failure))?;
    String::from_utf8(bytes).map_err(|_| Failure::internal(format_args!("the value of {place} is not text")))
}

/// The key that a SecureString is sealed under, within AWS's
/// [encryption context](https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html).
pub fn vault<'a>(cx: &Cx, name: &str, key: &'a str) -> Vault<'a> {
    let arn = name::arn(cx, name).to_string();
    Vault { service: "ssm", key, context: [("PARAMETER_ARN".to_owned(), arn)].into() }
}

/// The ARN of the key, or of the alias, that a parameter names.
pub fn key_arn(cx: &Cx, given: Option<&str>) -> String {
    let given = given.unwrap_or(DEFAULT_KEY);
    match given {
        _ if given.starts_with("arn:") => given.to_owned(),
        _ if given.starts_with("alias/") => cx.arn("kms", given).to_string(),
        _ => cx.arn("kms", format_args!("key/{given}")).to_string(),
    }
}

/// What KMS answers in its own words is an unusable key here.
pub fn unusable(key: &str, failure: Failure) -> Failure {
    match failure {
        Failure::Answer(error) => {
            ParameterError::InvalidKey { key: key.to_owned(), why: error.message.to_string() }.into()
        }
        other => other,
    }
}

/// A public parameter.
pub fn public(cx: &Cx, public: Public) -> api::Parameter {
    api::Parameter {
        arn: Some(public.arn(cx)),
        name: Some(public.name),
        r#type: Some("String".into()),
        value: Some(public.value),
        version: Some(1),
        last_modified_date: Some(public.modified_at),
        data_type: Some(public.data_type.into()),
        ..Default::default()
    }
}

/// A parameter's policies.
pub fn policies(policies: &[Policy]) -> Vec<api::ParameterInlinePolicy> {
    let one = |policy: &Policy| api::ParameterInlinePolicy {
        policy_text: Some(policy.text.clone()),
        policy_type: Some(policy.kind.as_str().into()),
        policy_status: Some("Pending".into()),
    };
    policies.iter().map(one).collect()
}

/// All about a parameter but its value.
pub fn metadata(cx: &Cx, parameter: Parameter) -> api::ParameterMetadata {
    let Parameter { name, description, allowed_pattern, key_id, tier, current, policies, .. } = parameter;
    let secure = current.kind == Kind::SecureString;
    api::ParameterMetadata {
        arn: Some(name::arn(cx, &name).to_string()),
        name: Some(name),
        r#type: Some(current.kind.as_str().into()),
        key_id: if secure { Some(key_id.unwrap_or_else(|| DEFAULT_KEY.into())) } else { None },
        last_modified_date: Some(current.modified_at),
        last_modified_user: Some(current.modified_by),
        description,
        allowed_pattern,
        version: Some(i64::try_from(current.version).unwrap_or(i64::MAX)),
        tier: Some(tier.as_str().into()),
        policies: Some(self::policies(&policies)),
        data_type: Some(current.data_type),
    }
}
