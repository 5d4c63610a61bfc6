//! DeregisterContainerInstance: a machine is no container instance of the cluster any more.

use gantry_api_ecs as api;
use gantry_ecs_core::stop::Stop;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::{Scan, Tx};

use super::shapes::container_instance::show;
use super::shared::{self, Having};
use crate::error::EcsError;
use crate::tables::cluster;
use crate::tables::container_instance::{ContainerInstance, Status};
use crate::tables::task::{TASKS, Task};
use crate::{Ecs, ending, members};

/// Deregisters the instance. One that has tasks is left as it is, unless it is forced: its tasks stop then, as nobody
/// would watch over them.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::DeregisterContainerInstanceRequest,
) -> Result<api::DeregisterContainerInstanceResponse, Failure> {
    let place = shared::place(&cx);
    let asked = shared::asked_cluster(&place, input.cluster.as_deref())?;
    let mut tx = ecs.db.begin();
    let action = "ecs:DeregisterContainerInstance";
    let tags = shared::cluster_tags(&mut tx, &place, &asked).await?;
    let arn = place.cluster_arn(&asked);
    let permit = cx.authorize(Permission::on(action, &arn).having(tags.iter()))?;
    shared::known_cluster(&mut tx, &cx, input.cluster.as_deref()).await?;
    let named = shared::instance(&place, &asked, &input.container_instance)?;
    let found = members::find(&mut tx, &place, &asked, &named.id).await?;
    let mut instance =
        found.filter(ContainerInstance::is_registered).ok_or_else(|| shared::no_instance(&named.id))?;

    let tasks = live_tasks(&mut tx, &instance, &cluster::key(&place, &asked)).await?;
    if !tasks.is_empty() && input.force != Some(true) {
        return Err(EcsError::invalid("Found running tasks on the instance.").into());
    }
    for mut task in tasks {
        ending::stop(&mut tx, &mut task, Stop::deregistered(), cx.now).await?;
    }
    instance.status = Status::Inactive;
    members::write(&mut tx, &place, &mut instance);
    let shown = show(ecs, &mut tx, &place, instance, cx.now).await?;
    tx.commit(&permit).await?;
    Ok(api::DeregisterContainerInstanceResponse { container_instance: Some(shown) })
}

/// The instance's tasks that have not stopped; guarded, so that none is placed meanwhile.
async fn live_tasks(
    tx: &mut Tx,
    instance: &ContainerInstance,
    cluster: &gantry_store::Key,
) -> Result<Vec<Task>, Failure> {
    let all = tx.scan(&TASKS, cluster, Scan::all()).await?;
    let of = |task: &Task| task.instance_id.as_ref() == Some(&instance.id) && !task.life.is_stopped();
    Ok(all.into_iter().map(|(_, task)| task).filter(of).collect())
}
