//! From what is stored to AWS's shapes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use gantry_api_ssm as api;
use gantry_service::{Cx, Failure, Sealer};

use super::name;
use super::table::{Kind, Parameter, Version};

/// The key that parameters are shown with when they were given none.
pub const DEFAULT_KEY: &str = "alias/aws/ssm";

/// A parameter with the value of one version. Without decryption a SecureString shows its sealed form.
pub fn parameter(
    cx: &Cx,
    sealer: &Sealer,
    parameter: &Parameter,
    version: &Version,
    decrypt: bool,
) -> Result<api::Parameter, Failure> {
    let value = match version.kind {
        Kind::SecureString if !decrypt => BASE64.encode(version.value.as_str()),
        _ => version.value.open_text(sealer, &parameter.context(version.version))?,
    };
    Ok(api::Parameter {
        name: Some(parameter.name.clone()),
        r#type: Some(version.kind.as_str().into()),
        value: Some(value),
        version: Some(i64::try_from(version.version).unwrap_or(i64::MAX)),
        last_modified_date: Some(version.modified_at),
        arn: Some(name::arn(cx, &parameter.name).to_string()),
        data_type: Some(version.data_type.clone()),
        ..Default::default()
    })
}

/// All about a parameter but its value.
pub fn metadata(cx: &Cx, parameter: Parameter) -> api::ParameterMetadata {
    let Parameter { name, description, allowed_pattern, key_id, tier, current, .. } = parameter;
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
        policies: Some(Vec::new()),
        data_type: Some(current.data_type),
    }
}
