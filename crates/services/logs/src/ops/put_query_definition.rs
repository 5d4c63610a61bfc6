//! PutQueryDefinition: keeps a query under a name.

use std::collections::BTreeMap;

use gantry_api_logs as api;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::Scan;

use crate::Logs;
use crate::error::LogsError;
use crate::tables::{QUERY_DEFINITIONS, QueryDefinition, query_definition_key, query_definitions_key};

/// How many definitions an account may have in a region.
const LIMIT: usize = 1000;

/// Makes a definition, or changes the one with the given id.
pub async fn run(
    logs: &Logs,
    cx: Cx,
    input: api::PutQueryDefinitionRequest,
) -> Result<api::PutQueryDefinitionResponse, Failure> {
    let permit = cx.authorize(Permission::of("logs:PutQueryDefinition"))?;

    if let Some(language) = input.query_language.as_deref().filter(|language| *language != "CWLI") {
        let message = format!("The query language {language} is not supported by Gantry.");
        return Err(LogsError::invalid(message).into());
    }
    let mut tx = logs.db.begin();
    let prefix = query_definitions_key(cx.account, &cx.region);
    let known = tx.scan(&QUERY_DEFINITIONS, &prefix, Scan::all()).await?;
    let id = match (input.query_definition_id, &input.client_token) {
        (Some(id), _) => {
            if !known.iter().any(|(_, other)| other.id == id) {
                return Err(LogsError::definition_not_found().into());
            }
            id
        }
        // The same token makes the same definition.
        (None, Some(token)) => {
            let made = known.iter().find(|(_, other)| other.token.as_ref() == Some(token));
            made.map_or_else(|| logs.ids.uuid(), |(_, made)| made.id.clone())
        }
        (None, None) => logs.ids.uuid(),
    };
    if known.len() >= LIMIT && !known.iter().any(|(_, other)| other.id == id) {
        return Err(LogsError::limit("Resource limit exceeded.").into());
    }
    let definition = QueryDefinition {
        id: id.clone(),
        name: input.name,
        text: input.query_string,
        groups: input.log_group_names.unwrap_or_default(),
        modified_at: cx.now,
        token: input.client_token,
        parameters: input.parameters.unwrap_or_default().into_iter().map(parameter).collect(),
    };
    tx.put(&QUERY_DEFINITIONS, &query_definition_key(cx.account, &cx.region, &id), &definition);
    tx.commit(&permit).await?;
    Ok(api::PutQueryDefinitionResponse { query_definition_id: Some(id) })
}

fn parameter(given: api::QueryParameter) -> BTreeMap<String, String> {
    let name = Some(("name".to_owned(), given.name));
    let default = given.default_value.map(|value| ("defaultValue".to_owned(), value));
    let description = given.description.map(|text| ("description".to_owned(), text));
    [name, default, description].into_iter().flatten().collect()
}
