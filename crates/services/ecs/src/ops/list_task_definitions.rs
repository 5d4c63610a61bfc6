//! ListTaskDefinitions: the ARNs of revisions, by family and status.

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure, Permission};

use super::shared::{self, Listing};
use crate::Ecs;
use crate::error::EcsError;
use crate::tables::task_definition::{self, Status, TASK_DEFINITIONS};

/// One page. The prefix is the whole name of a family, as in AWS.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::ListTaskDefinitionsRequest,
) -> Result<api::ListTaskDefinitionsResponse, Failure> {
    cx.authorize(Permission::of("ecs:ListTaskDefinitions"))?;
    let place = shared::place(&cx);
    let status = match input.status.as_deref() {
        None | Some("ACTIVE") => Status::Active,
        Some("INACTIVE") => Status::Inactive,
        Some("DELETE_IN_PROGRESS") => Status::DeleteInProgress,
        Some(other) => return Err(EcsError::invalid(format!("Invalid status '{other}'.")).into()),
    };
    let reverse = input.sort.as_deref() == Some("DESC");
    let family = input.family_prefix.as_deref().filter(|family| !family.is_empty());
    let listing = Listing {
        scope: format!("ListTaskDefinitions/{}{family:?}/{status:?}/{reverse}", place.key()),
        prefix: family.map_or_else(|| place.key(), |family| task_definition::family_key(&place, family)),
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
        reverse,
    };
    let (arns, next_token) = listing
        .page(&mut ecs.db.begin(), &TASK_DEFINITIONS, |_, row| {
            (row.status() == status).then(|| place.task_definition_arn(&row.family, row.revision).to_string())
        })
        .await?;
    Ok(api::ListTaskDefinitionsResponse { task_definition_arns: Some(arns), next_token })
}
