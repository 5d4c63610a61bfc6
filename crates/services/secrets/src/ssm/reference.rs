//! Parameters that stand for secrets of Secrets Manager: `/aws/reference/secretsmanager/NAME`, with a version's id or
//! label behind a colon. See
//! <https://docs.aws.amazon.com/systems-manager/latest/userguide/integration-ps-secretsmanager.html>.

use gantry_api_secretsmanager as secrets;
use gantry_api_ssm as api;
use gantry_base::Timestamp;
use gantry_service::{Cx, Failure};
use serde_json::json;

use super::error::ParameterError;
use super::name;
use super::ops::on_parameter;

const PREFIX: &str = "/aws/reference/secretsmanager/";

/// Whether a name stands for a secret.
pub fn is_reference(name: &str) -> bool {
    name.starts_with(PREFIX)
}

/// Reads the secret that a name stands for, under the caller's own permissions.
pub async fn read(
    cx: &Cx,
    action: &'static str,
    given: &str,
    decrypt: bool,
) -> Result<api::Parameter, Failure> {
    let (name, selector) = given.split_once(':').map_or((given, None), |(name, rest)| (name, Some(rest)));
    cx.authorize(on_parameter(action, &name::arn(cx, name), None))?;
    if !decrypt {
        let message = "WithDecryption flag must be True for retrieving a Secret Manager secret.";
        return Err(ParameterError::Validation(message.into()).into());
    }
    let id = name.strip_prefix(PREFIX).unwrap_or(name);
    let is_version = selector.is_some_and(|text| text.len() >= 32 && text.contains('-'));
    let input = secrets::GetSecretValueRequest {
        secret_id: id.to_owned(),
        version_id: selector.filter(|_| is_version).map(str::to_owned),
        version_stage: selector.filter(|_| !is_version).map(str::to_owned),
    };
    let read = cx.siblings.call::<secrets::GetSecretValue>(&cx.via("ssm"), input).await;
    let read = read.map_err(|failure| match failure {
        Failure::Answer(error) if error.code == "ResourceNotFoundException" => {
            ParameterError::SecretNotFound { name: given.to_owned() }.into()
        }
        other => other,
    })?;
    let created = read.created_date;
    let source = json!({
        "ARN": read.arn,
        "Name": read.name,
        "VersionId": read.version_id,
        "SecretString": read.secret_string,
        "VersionStages": read.version_stages,
        "CreatedDate": created.map(Timestamp::as_secs_f64),
    });
    Ok(api::Parameter {
        name: Some(name.to_owned()),
        r#type: Some("SecureString".into()),
        value: read.secret_string,
        version: Some(0),
        selector: selector.map(|selector| format!(":{selector}")),
        source_result: Some(source.to_string()),
        last_modified_date: created,
        arn: read.arn,
        data_type: Some("text".into()),
    })
}
