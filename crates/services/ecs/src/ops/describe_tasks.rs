//! DescribeTasks: up to 100 tasks of a cluster; what is not there is a failure in the answer.

use gantry_api_ecs as api;
use gantry_ecs_core::placement::SILENCE;
use gantry_ecs_core::reference;
use gantry_service::{Cx, Failure, Permission};

use super::shapes::task::answer;
use super::shared::{self, Having};
use crate::Ecs;
use crate::error::EcsError;
use crate::names::{Place, TaskName};
use crate::tables::task::{TASKS, Task};

/// Most tasks in one request.
const MOST: usize = 100;

/// Reads the tasks in the order of the request.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::DescribeTasksRequest,
) -> Result<api::DescribeTasksResponse, Failure> {
    let place = shared::place(&cx);
    let mut tx = ecs.db.begin();
    let cluster = shared::known_cluster(&mut tx, &cx, input.cluster.as_deref()).await?;
    if input.tasks.is_empty() {
        return Err(EcsError::invalid("Tasks cannot be empty.").into());
    }
    if input.tasks.len() > MOST {
        return Err(EcsError::invalid(format!("Tasks can have at most {MOST} items.")).into());
    }
    let with_tags = input.include.unwrap_or_default().iter().any(|one| one == "TAGS");
    let names: Vec<TaskName> =
        input.tasks.iter().map(|text| name(&place, &cluster, text)).collect::<Result<_, _>>()?;
    let keys: Vec<_> = names.iter().map(TaskName::key).collect();
    let found = tx.peek_many(&TASKS, &keys).await?;

    let (mut tasks, mut failures) = (Vec::with_capacity(found.len()), Vec::new());
    for (name, task) in names.iter().zip(found) {
        let arn = name.arn();
        let tags = task.as_ref().map(|task| &task.tags);
        let permission = Permission::on("ecs:DescribeTasks", &arn)
            .having(tags.into_iter().flat_map(gantry_base::Tags::iter));
        cx.authorize(shared::in_cluster(permission, &place, &cluster))?;
        match task {
            Some(task) => tasks.push(with_connectivity(ecs, &cx, &task, answer(&task, with_tags))),
            None => failures.push(shared::missing(&arn)),
        }
    }
    Ok(api::DescribeTasksResponse { tasks: Some(tasks), failures: Some(failures) })
}

/// A task whose node has not been heard for a while is shown as cut off, since it was heard last.
fn with_connectivity(ecs: &Ecs, cx: &Cx, task: &Task, shown: api::Task) -> api::Task {
    let Some(node) = task.node.as_ref().filter(|_| !task.life.is_stopped()) else { return shown };
    let last_heard = ecs.connected().last_heard(node);
    if shown.connectivity.is_none() || cx.now.since(last_heard) <= SILENCE {
        return shown;
    }
    api::Task { connectivity: Some("DISCONNECTED".to_owned()), connectivity_at: Some(last_heard), ..shown }
}

/// A task by id or ARN.
pub(crate) fn name(place: &Place, cluster: &str, text: &str) -> Result<TaskName, EcsError> {
    let (named_cluster, id) = reference::task(text, place.as_reference())?;
    shared::in_that_cluster(named_cluster.as_deref(), cluster)?;
    Ok(TaskName { place: place.clone(), cluster: cluster.to_owned(), id })
}
