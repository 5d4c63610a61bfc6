//! What the operations on task protection share.

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure, Permission, Permit};
use gantry_store::Tx;

use super::describe_tasks::name;
use super::shared::{self, Having};
use crate::error::EcsError;
use crate::names::TaskName;
use crate::tables::task::{TASKS, Task};

/// Most tasks in one request.
const MOST: usize = 10;

/// The tasks of a request: those of services, and why the others have no protection.
pub(super) struct Asked {
    pub tasks: Vec<Task>,
    pub failures: Vec<api::Failure>,
    pub permit: Permit,
}

/// Reads the tasks. Only what a service started can be protected.
pub(super) async fn read(
    tx: &mut Tx,
    cx: &Cx,
    action: &'static str,
    cluster: &str,
    texts: &[String],
) -> Result<Asked, Failure> {
    let place = shared::place(cx);
    let asked = shared::asked_cluster(&place, Some(cluster))?;
    let names: Result<Vec<TaskName>, _> = texts.iter().map(|text| name(&place, &asked, text)).collect();
    let names = match names {
        Ok(names) => names,
        Err(error) => return Err(shared::misnamed(tx, cx, Some(cluster), error).await.into()),
    };
    let (mut tasks, mut failures, mut permit) = (Vec::new(), Vec::new(), None);
    for name in &names {
        let arn = name.arn();
        let task = tx.get(&TASKS, &name.key()).await?;
        let tags = task.as_ref().map(|task| task.tags.clone()).unwrap_or_default();
        let permission = Permission::on(action, &arn).having(tags.iter());
        permit = Some(cx.authorize(shared::in_cluster(permission, &place, &asked))?);
        match task {
            Some(task) if task.life.is_stopped() => failures.push(shared::missing(&arn)),
            Some(task) if task.group.starts_with("service:") => tasks.push(task),
            Some(_) => failures.push(api::Failure {
                reason: Some("TASK_NOT_VALID".to_owned()),
                detail: Some(
                    "The specified task isn't part of an Amazon ECS service. Only service-managed tasks can be \
                     protected."
                        .to_owned(),
                ),
                ..shared::missing(&arn)
            }),
            None => failures.push(shared::missing(&arn)),
        }
    }
    shared::known_cluster(tx, cx, Some(cluster)).await?;
    if texts.len() > MOST {
        return Err(EcsError::invalid(format!("Tasks can have at most {MOST} items.")).into());
    }
    let permit = permit.ok_or_else(|| EcsError::invalid("Tasks cannot be empty."))?;
    Ok(Asked { tasks, failures, permit })
}

/// A task's protection as AWS shows it; one that has run out is none.
pub(super) fn answer(task: &Task, cx: &Cx) -> api::ProtectedTask {
    let until = task.protected_until.filter(|until| *until > cx.now);
    api::ProtectedTask {
        task_arn: Some(task.name.arn().to_string()),
        protection_enabled: Some(until.is_some()),
        expiration_date: until,
    }
}
