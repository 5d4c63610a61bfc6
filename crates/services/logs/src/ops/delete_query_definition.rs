//! DeleteQueryDefinition: a query is kept no longer.

use gantry_api_logs as api;
use gantry_service::{Cx, Failure, Permission};

use crate::Logs;
use crate::error::LogsError;
use crate::tables::{QUERY_DEFINITIONS, query_definition_key};

/// Deletes a definition.
pub async fn run(
    logs: &Logs,
    cx: Cx,
    input: api::DeleteQueryDefinitionRequest,
) -> Result<api::DeleteQueryDefinitionResponse, Failure> {
    let permit = cx.authorize(Permission::of("logs:DeleteQueryDefinition"))?;

    let key = query_definition_key(cx.account, &cx.region, &input.query_definition_id);
    let mut tx = logs.db.begin();
    if tx.get(&QUERY_DEFINITIONS, &key).await?.is_none() {
        return Err(LogsError::definition_not_found().into());
    }
    tx.delete(&QUERY_DEFINITIONS, &key);
    tx.commit(&permit).await?;
    Ok(api::DeleteQueryDefinitionResponse { success: Some(true) })
}
