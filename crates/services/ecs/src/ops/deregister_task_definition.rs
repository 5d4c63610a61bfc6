//! DeregisterTaskDefinition: a revision becomes INACTIVE; what runs of it goes on.

use gantry_api_ecs as api;
use gantry_ecs_core::reference;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::Scan;

use super::shapes::task_definition::answer;
use super::shared;
use crate::Ecs;
use crate::error::EcsError;
use crate::tables::task_definition::{self, FAMILIES, Status, TASK_DEFINITIONS};

/// Deregisters one revision, which must be named with its number.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::DeregisterTaskDefinitionRequest,
) -> Result<api::DeregisterTaskDefinitionResponse, Failure> {
    let permit = cx.authorize(Permission::of("ecs:DeregisterTaskDefinition"))?;
    let place = shared::place(&cx);
    let named =
        reference::task_definition(&input.task_definition, place.as_reference()).map_err(EcsError::from)?;
    let revision = named.revision.ok_or_else(|| EcsError::client("Revision is missing."))?;
    let key = task_definition::key(&place, &named.family, revision);
    let mut tx = ecs.db.begin();
    let found = tx.get(&TASK_DEFINITIONS, &key).await?;
    let mut row = found.ok_or_else(|| EcsError::client("Unable to deregister task definition."))?;
    if row.status() == Status::DeleteInProgress {
        return Err(EcsError::client(
            "The task definition could not be deregistered because it is in the process of being deleted.",
        )
        .into());
    }
    if row.active {
        row.active = false;
        row.deregistered_at = Some(cx.now);
        tx.put(&TASK_DEFINITIONS, &key, &row);
        let family_key = task_definition::family_key(&place, &named.family);
        let mut family = tx.get(&FAMILIES, &family_key).await?.unwrap_or_default();
        let revisions = tx.scan(&TASK_DEFINITIONS, &family_key, Scan::all().reversed()).await?;
        family.latest_active = revisions.iter().find(|(_, row)| row.active).map(|(_, row)| row.revision);
        tx.put(&FAMILIES, &family_key, &family);
        tx.commit(&permit).await?;
    }
    Ok(api::DeregisterTaskDefinitionResponse { task_definition: Some(answer(&place, &row)?) })
}
