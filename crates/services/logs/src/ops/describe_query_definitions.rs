//! DescribeQueryDefinitions: the queries that are kept, by name.

use std::collections::BTreeMap;

use gantry_api_logs as api;
use gantry_base::PageToken;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::Scan;

use crate::Logs;
use crate::error::LogsError;
use crate::tables::{QUERY_DEFINITIONS, QueryDefinition, query_definitions_key};

const LARGEST_PAGE: usize = 1000;

/// Lists definitions whose names begin so.
pub async fn run(
    logs: &Logs,
    cx: Cx,
    input: api::DescribeQueryDefinitionsRequest,
) -> Result<api::DescribeQueryDefinitionsResponse, Failure> {
    cx.authorize(Permission::of("logs:DescribeQueryDefinitions"))?;

    let scope = format!("DescribeQueryDefinitions/{}/{}", cx.account, cx.region);
    let after = input.next_token.map(|token| PageToken::decode(&scope, &token)).transpose();
    let after = after.map_err(|_| LogsError::invalid("The specified nextToken is invalid."))?;
    let prefix = query_definitions_key(cx.account, &cx.region);
    let rows = logs.db.begin().peek_scan(&QUERY_DEFINITIONS, &prefix, Scan::all()).await?;
    let begin = input.query_definition_name_prefix.unwrap_or_default();
    let wanted = |definition: &QueryDefinition| {
        definition.name.starts_with(&begin)
            && input.query_language.as_deref().is_none_or(|language| language == "CWLI")
    };
    let mut found: Vec<_> = rows.into_iter().map(|(_, definition)| definition).filter(wanted).collect();
    let place = |definition: &QueryDefinition| format!("{}\n{}", definition.name, definition.id);
    found.sort_by_cached_key(place);
    if let Some(after) = after {
        found.retain(|definition| place(definition) > after);
    }
    let size = input.max_results.and_then(|size| usize::try_from(size).ok()).unwrap_or(LARGEST_PAGE);
    let more = found.len() > size;
    found.truncate(size);
    let next_token = found.last().filter(|_| more).map(|last| PageToken::encode(&scope, &place(last)));
    Ok(api::DescribeQueryDefinitionsResponse {
        query_definitions: Some(found.into_iter().map(answer).collect()),
        next_token,
    })
}

fn answer(definition: QueryDefinition) -> api::QueryDefinition {
    let parameters: Vec<_> = definition.parameters.into_iter().map(parameter).collect();
    api::QueryDefinition {
        query_language: Some("CWLI".into()),
        query_definition_id: Some(definition.id),
        name: Some(definition.name),
        query_string: Some(definition.text),
        last_modified: Some(definition.modified_at.as_millis()),
        log_group_names: Some(definition.groups),
        parameters: Some(parameters).filter(|parameters| !parameters.is_empty()),
    }
}

fn parameter(mut kept: BTreeMap<String, String>) -> api::QueryParameter {
    api::QueryParameter {
        name: kept.remove("name").unwrap_or_default(),
        default_value: kept.remove("defaultValue"),
        description: kept.remove("description"),
    }
}
