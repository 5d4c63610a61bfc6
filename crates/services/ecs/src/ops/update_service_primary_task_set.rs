//! UpdateServicePrimaryTaskSet: which task set is the service's first. What the service shows of its tasks is that
//! one's.

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure};

use super::{service, shapes, task_set};
use crate::Ecs;

/// Makes it the primary one, and no other.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::UpdateServicePrimaryTaskSetRequest,
) -> Result<api::UpdateServicePrimaryTaskSetResponse, Failure> {
    let mut tx = ecs.db.begin();
    let id = task_set::id_of(&input.primary_task_set);
    let action = "ecs:UpdateServicePrimaryTaskSet";
    let (mut row, permit) =
        task_set::service(&mut tx, &cx, action, &input.cluster, &input.service, id).await?;
    let set = task_set::find(&mut row, &input.primary_task_set)?;
    set.updated_at = cx.now;
    let revision = set.revision.clone();
    for set in &mut row.task_sets {
        set.primary = set.id == id;
    }
    row.revision = Some(revision);
    row.name.look(&mut tx);
    row.put(&mut tx);
    let tasks = service::tasks_of(&mut tx, &row.name).await?;
    let shown = row.task_sets.iter().find(|set| set.primary);
    let shown = shown.map(|set| shapes::service::task_set(&row, set, &tasks, true));
    tx.commit(&permit).await?;
    Ok(api::UpdateServicePrimaryTaskSetResponse { task_set: shown })
}
