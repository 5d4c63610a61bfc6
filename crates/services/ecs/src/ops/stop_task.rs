//! StopTask: the task shall stop. One that no node has stops at once.

use gantry_api_ecs as api;
use gantry_ecs_core::stop::Stop;
use gantry_service::{Cx, Failure, Permission};

use super::describe_tasks::name;
use super::shapes::task::answer;
use super::shared::{self, Having};
use crate::error::EcsError;
use crate::tables::task::TASKS;
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

    if ending::stop(&mut tx, &mut task, Stop::by_user(input.reason.as_deref()), cx.now).await? {
        tx.commit(&permit).await?;
    }
    Ok(api::StopTaskResponse { task: Some(answer(&task, false)) })
}
