//! Task sets of a service with the EXTERNAL controller.

use gantry_service::{Cx, Failure, Permission, Permit};
use gantry_store::Tx;

use super::service::{cluster_of, named};
use super::shared;
use crate::error::EcsError;
use crate::tables::service::{Controller, SERVICES, Service, Status, TaskSet};

/// Most task sets of a service, as in AWS.
pub(super) const MOST: usize = 5;

/// The id in a task set's id or ARN.
pub(super) fn id_of(text: &str) -> &str {
    match text.find("ecs-svc/") {
        Some(at) => &text[at..],
        None => text,
    }
}

/// An active service whose deployments are the user's, guarded, and the permission to change its task sets.
pub(super) async fn service(
    tx: &mut Tx,
    cx: &Cx,
    action: &'static str,
    cluster: &str,
    text: &str,
    set: &str,
) -> Result<(Service, Permit), Failure> {
    let place = shared::place(cx);
    let cluster = cluster_of(&place, Some(cluster), text)?;
    let name = named(&place, &cluster, text)?;
    let row = tx.get(&SERVICES, &name.key()).await?;
    let arn = if action == "ecs:UpdateServicePrimaryTaskSet" { name.arn() } else { name.task_set_arn(set) };
    let permission = Permission::on(action, &arn).key("ecs:service", [name.arn().to_string()]);
    let permit = cx.authorize(shared::in_cluster(permission, &place, &cluster))?;
    shared::active_cluster(tx, &place, &cluster).await?;
    let row = row.ok_or(EcsError::ServiceNotFound)?;
    if row.status != Status::Active {
        return Err(EcsError::ServiceNotActive.into());
    }
    if row.controller != Controller::External {
        return Err(EcsError::invalid(
            "Task sets can only be used with services that have the EXTERNAL deployment controller.",
        )
        .into());
    }
    Ok((row, permit))
}

/// The task set of that id or ARN.
pub(super) fn find<'a>(row: &'a mut Service, text: &str) -> Result<&'a mut TaskSet, EcsError> {
    let id = id_of(text);
    row.task_sets.iter_mut().find(|set| set.id == id).ok_or(EcsError::TaskSetNotFound)
}

/// A scale in percent: nothing without one, and nothing of one without a value, which is how AWS's SDKs say zero
/// ([AWS](https://docs.aws.amazon.com/cli/latest/reference/ecs/create-task-set.html#examples)).
pub(super) fn percent(scale: Option<&gantry_api_ecs::Scale>) -> Result<f64, EcsError> {
    let value = scale.and_then(|scale| scale.value).unwrap_or(0.0);
    if !(0.0..=100.0).contains(&value) {
        return Err(EcsError::invalid("The scale value must be between 0.0 and 100.0."));
    }
    Ok(value)
}
