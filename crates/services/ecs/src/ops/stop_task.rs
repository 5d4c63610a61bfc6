//! StopTask: the task shall stop. One that no node has stops at once; one behind a load balancer once it is drained.

use gantry_api_ecs as api;
use gantry_ecs_core::TaskStatus;
use gantry_ecs_core::stop::Stop;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::{StoreError, Tx};

use super::describe_tasks::name;
use super::shapes::task::answer;
use super::shared::{self, Having};
use crate::error::EcsError;
use crate::tables::service::SERVICE_TASKS;
use crate::tables::task::{TASKS, Task};
use crate::{Ecs, ending};

/// The longest reason that AWS takes, in characters.
const MAX_REASON: usize = 255;

/// Wants the task stopped, and gives it as it is then.
pub async fn run(ecs: &Ecs, cx: Cx, input: api::StopTaskRequest) -> Result<api::StopTaskResponse, Failure> {
    if input.reason.as_ref().is_some_and(|reason| reason.chars().count() > MAX_REASON) {
        return Err(EcsError::invalid(format!("Reason must be at most {MAX_REASON} characters long.")).into());
    }
    let place = shared::place(&cx);
    let mut tx = ecs.db.begin();
    let cluster = shared::known_cluster(&mut tx, &cx, input.cluster.as_deref()).await?;
    let name = name(&place, &cluster, &input.task)?;
    let key = name.key();
    let found = tx.get(&TASKS, &key).await?;
    let arn = name.arn();
    let tags = found.as_ref().map(|task| &task.tags);
    let permission =
        Permission::on("ecs:StopTask", &arn).having(tags.into_iter().flat_map(gantry_base::Tags::iter));
    let permit = cx.authorize(shared::in_cluster(permission, &place, &cluster))?;
    let mut task = found.ok_or_else(|| EcsError::invalid("The referenced task was not found."))?;

    let stop = Stop::by_user(input.reason.as_deref());
    if is_target(&mut tx, &task).await? {
        // Its service takes away first what leads to it.
        if task.life.status() == TaskStatus::Running {
            ending::deactivate(&mut tx, &mut task, stop, cx.now).await?;
            tx.commit(&permit).await?;
        }
    } else if ending::stop(&mut tx, &mut task, stop, cx.now).await? {
        tx.commit(&permit).await?;
    }
    Ok(api::StopTaskResponse { task: Some(answer(&task, false)) })
}

/// Whether load balancers lead to the running task, or did until it was asked to stop.
async fn is_target(tx: &mut Tx, task: &Task) -> Result<bool, StoreError> {
    let Some(service) = task.service() else { return Ok(false) };
    if !matches!(task.life.status(), TaskStatus::Running | TaskStatus::Deactivating) {
        return Ok(false);
    }
    let row = tx.get(&SERVICE_TASKS, &service.key().with(&task.name.id)).await?;
    Ok(row.is_some_and(|row| !row.targets.is_empty()))
}
