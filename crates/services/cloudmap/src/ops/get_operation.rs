//! GetOperation: what came of what was asked for.

use std::collections::BTreeMap;

use gantry_api_servicediscovery as api;
use gantry_service::{Cx, Failure, Permission};

use crate::CloudMap;
use crate::error::CloudMapError;
use crate::tables::{OPERATIONS, Outcome, Target, operation_key};

/// Shows the operation.
pub async fn run(
    service: &CloudMap,
    cx: Cx,
    input: api::GetOperationRequest,
) -> Result<api::GetOperationResponse, Failure> {
    cx.authorize(Permission::of("servicediscovery:GetOperation"))?;
    let owner = input.owner_account.as_deref().is_none_or(|owner| owner == cx.account.as_str());
    let key = operation_key(cx.account, &cx.region, &input.operation_id);
    let row = service.db.begin().peek(&OPERATIONS, &key).await?.filter(|_| owner);
    let row = row.ok_or(CloudMapError::OperationNotFound(input.operation_id))?;
    let status = row.outcome.as_str().to_owned();
    let (error_code, error_message) = match row.outcome {
        Outcome::Success => (None, None),
        Outcome::Failed { code, message } => (Some(code), Some(message)),
    };
    let targets: BTreeMap<String, String> = match row.target {
        Target::Namespace(id) => [("NAMESPACE".to_owned(), id)].into(),
        Target::Service(id) => [("SERVICE".to_owned(), id)].into(),
        Target::Instance { service, instance } => {
            [("INSTANCE".to_owned(), instance), ("SERVICE".to_owned(), service)].into()
        }
    };
    let operation = api::Operation {
        id: Some(row.id),
        owner_account: Some(cx.account.to_string()),
        r#type: Some(row.kind),
        status: Some(status),
        error_message,
        error_code,
        create_date: Some(row.at),
        update_date: Some(row.at),
        targets: Some(targets),
    };
    Ok(api::GetOperationResponse { operation: Some(operation) })
}
