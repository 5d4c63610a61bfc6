//! RotateSecret: AWS has a Lambda function make a new version. There is no Lambda here, so what is right is
//! refused in the end; what is wrong is told as AWS tells it.

use gantry_api_secretsmanager as api;
use gantry_service::{Cx, Failure};
use gantry_wire::ApiError;

use super::{alive_primary, on_secret, version_id};
use crate::Secrets;
use crate::secretsmanager::error::SecretError;
use crate::secretsmanager::name;

/// Checks the request, and refuses it.
pub async fn run(
    secrets: &Secrets,
    cx: Cx,
    input: api::RotateSecretRequest,
) -> Result<api::RotateSecretResponse, Failure> {
    let mut tx = secrets.db.begin();
    let found = name::find(&mut tx, &cx, &input.secret_id).await?;
    let permission = on_secret("secretsmanager:RotateSecret", &found, &input.secret_id)
        .key("secretsmanager:RotationLambdaARN", input.rotation_lambda_arn.as_ref());
    cx.authorize(permission)?;
    version_id(input.client_request_token, &*secrets.ids)?;
    alive_primary(found)?;
    if let Some(rules) = input.rotation_rules {
        match (rules.automatically_after_days, rules.schedule_expression) {
            (Some(_), Some(_)) => {
                let what = "You can't specify both AutomaticallyAfterDays and ScheduleExpression.";
                return Err(SecretError::InvalidParameter(what.into()).into());
            }
            (Some(days), None) if !(1..=1000).contains(&days) => {
                let what = "RotationRules.AutomaticallyAfterDays must be within 1-1000.";
                return Err(SecretError::InvalidParameter(what.into()).into());
            }
            _ => {}
        }
    }
    if input.rotation_lambda_arn.is_none() {
        let what = "No Lambda rotation function ARN is associated with this secret.";
        return Err(SecretError::InvalidRequest(what).into());
    }
    Err(ApiError::not_implemented("secretsmanager", "RotateSecret").into())
}
