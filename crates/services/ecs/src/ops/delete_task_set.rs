//! DeleteTaskSet: its tasks are stopped, and then it is gone.

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure};

use super::{service, shapes, task_set};
use crate::Ecs;
use crate::error::EcsError;

/// Begins the end of the task set.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::DeleteTaskSetRequest,
) -> Result<api::DeleteTaskSetResponse, Failure> {
    let mut tx = ecs.db.begin();
    let id = task_set::id_of(&input.task_set);
    let (mut row, permit) =
        task_set::service(&mut tx, &cx, "ecs:DeleteTaskSet", &input.cluster, &input.service, id).await?;
    let set = task_set::find(&mut row, &input.task_set)?;
    if set.percent > 0.0 && input.force != Some(true) {
        return Err(EcsError::invalid("The task set cannot be deleted while it is scaled above 0.").into());
    }
    set.draining = true;
    set.updated_at = cx.now;
    let set = set.clone();
    row.name.look(&mut tx);
    row.put(&mut tx);
    let shown = shapes::service::task_set(&row, &set, &service::tasks_of(&mut tx, &row.name).await?, true);
    tx.commit(&permit).await?;
    Ok(api::DeleteTaskSetResponse { task_set: Some(shown) })
}
