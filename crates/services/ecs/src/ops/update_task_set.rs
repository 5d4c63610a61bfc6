//! UpdateTaskSet: another share of the service.

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure};

use super::{service, shapes, task_set};
use crate::Ecs;

/// Sets the scale; the loop follows.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::UpdateTaskSetRequest,
) -> Result<api::UpdateTaskSetResponse, Failure> {
    let mut tx = ecs.db.begin();
    let id = task_set::id_of(&input.task_set);
    let (mut row, permit) =
        task_set::service(&mut tx, &cx, "ecs:UpdateTaskSet", &input.cluster, &input.service, id).await?;
    let percent = task_set::percent(Some(&input.scale))?;
    let set = task_set::find(&mut row, &input.task_set)?;
    set.percent = percent;
    set.steady = false;
    set.steady_at = cx.now;
    set.updated_at = cx.now;
    let set = set.clone();
    row.steady = false;
    row.name.look(&mut tx);
    row.put(&mut tx);
    let shown = shapes::service::task_set(&row, &set, &service::tasks_of(&mut tx, &row.name).await?, true);
    tx.commit(&permit).await?;
    Ok(api::UpdateTaskSetResponse { task_set: Some(shown) })
}
