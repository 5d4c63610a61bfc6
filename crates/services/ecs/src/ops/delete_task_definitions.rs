//! DeleteTaskDefinitions: up to ten deregistered revisions go, once nothing runs of them.

use gantry_api_ecs as api;
use gantry_base::Arn;
use gantry_ecs_core::reference::{self, TaskDefinitionReference};
use gantry_service::{Cx, Failure, Permission};

use super::shapes::task_definition::answer;
use super::shared;
use crate::Ecs;
use crate::error::EcsError;
use crate::loops::DELETION_LOOP;
use crate::names::Place;
use crate::tables::task_definition::{self, DELETING, Deleting, Status, TASK_DEFINITIONS};

/// Most revisions in one request.
const MOST: usize = 10;

/// Marks the revisions, and says of the others why not.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::DeleteTaskDefinitionsRequest,
) -> Result<api::DeleteTaskDefinitionsResponse, Failure> {
    let place = shared::place(&cx);
    if input.task_definitions.len() > MOST {
        return Err(EcsError::invalid(format!("taskDefinitions can have at most {MOST} items.")).into());
    }
    let mut named = Vec::with_capacity(input.task_definitions.len());
    for text in &input.task_definitions {
        let reference = reference::task_definition(text, place.as_reference()).map_err(EcsError::from)?;
        named.push((text, arn(&place, &reference), reference));
    }
    let mut permit = None;
    for (_, arn, _) in &named {
        permit = Some(cx.authorize(Permission::on("ecs:DeleteTaskDefinitions", arn))?);
    }
    let permit = permit.ok_or_else(|| EcsError::invalid("Task definitions can not be empty."))?;

    let mut tx = ecs.db.begin();
    let (mut deleted, mut failures) = (Vec::new(), Vec::new());
    for (text, _, reference) in named {
        let Some(revision) = reference.revision else {
            failures.push(api::Failure {
                arn: Some(text.clone()),
                reason: Some(
                    "The specified task definition identifier is invalid. Specify a valid name or ARN and try again."
                        .to_owned(),
                ),
                detail: None,
            });
            continue;
        };
        let key = task_definition::key(&place, &reference.family, revision);
        // AWS names it as the request does.
        let failed = |reason: &str| api::Failure {
            arn: Some(text.clone()),
            reason: Some(reason.to_owned()),
            detail: None,
        };
        let Some(mut row) = tx.get(&TASK_DEFINITIONS, &key).await? else {
            failures.push(failed(
                "The specified task definition does not exist. Specify a valid account, family, revision and try again.",
            ));
            continue;
        };
        match row.status() {
            Status::Active => failures.push(failed(
                "The specified task definition is still in ACTIVE status. Please deregister the target and try again.",
            )),
            Status::Inactive => {
                row.delete_requested_at = Some(cx.now);
                tx.put(&TASK_DEFINITIONS, &key, &row);
                tx.put(&DELETING, &key, &Deleting { since: cx.now });
                tx.wake(DELETION_LOOP);
                deleted.push(answer(&place, &row)?);
            }
            Status::DeleteInProgress => deleted.push(answer(&place, &row)?),
        }
    }
    tx.commit(&permit).await?;
    Ok(api::DeleteTaskDefinitionsResponse { task_definitions: Some(deleted), failures: Some(failures) })
}

/// What the permission is about; a name without its number means all of the family.
fn arn(place: &Place, reference: &TaskDefinitionReference) -> Arn {
    match reference.revision {
        Some(revision) => place.task_definition_arn(&reference.family, revision),
        None => place.arn(format_args!("task-definition/{}:*", reference.family)),
    }
}
