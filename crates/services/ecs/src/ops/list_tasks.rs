//! ListTasks: the ARNs of a cluster's tasks, by family, starter, node, launch type and desired status.

use gantry_api_ecs as api;
use gantry_ecs_core::{DesiredStatus, reference};
use gantry_service::{Cx, Failure, Permission};

use super::service;
use super::shared::{self, Listing};
use crate::Ecs;
use crate::error::EcsError;
use crate::tables::cluster;
use crate::tables::service::SERVICES;
use crate::tables::task::{TASKS, Task};

/// One page.
pub async fn run(ecs: &Ecs, cx: Cx, input: api::ListTasksRequest) -> Result<api::ListTasksResponse, Failure> {
    let place = shared::place(&cx);
    let mut tx = ecs.db.begin();
    let cluster = shared::known_cluster(&mut tx, &cx, input.cluster.as_deref()).await?;
    cx.authorize(shared::in_cluster(Permission::of("ecs:ListTasks"), &place, &cluster))?;
    let service = match input.service_name.as_deref().filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => {
            let name = service::named(&place, &cluster, text)?;
            tx.peek(&SERVICES, &name.key()).await?.ok_or(EcsError::ServiceNotFound)?;
            Some(name)
        }
    };
    if input.started_by.is_some() && input.family.is_some() {
        return Err(EcsError::invalid("cannot specify family and startedBy together").into());
    }
    let filter = Filter { group: service.map(|name| name.group()), ..Filter::of(&input)? };
    let listing = Listing {
        scope: format!("ListTasks/{}{cluster}/{filter:?}", place.key()),
        prefix: cluster::key(&place, &cluster),
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
        reverse: false,
    };
    let (arns, next_token) = listing
        .page(&mut tx, &TASKS, |_, task| filter.fits(&task).then(|| task.name.arn().to_string()))
        .await?;
    Ok(api::ListTasksResponse { task_arns: Some(arns), next_token })
}

#[derive(Debug)]
struct Filter {
    desired: DesiredStatus,
    family: Option<String>,
    /// Of a service.
    group: Option<String>,
    started_by: Option<String>,
    launch: Option<String>,
    /// The last part of the container instance's ARN.
    instance: Option<String>,
    /// A kind of task that Gantry has none of.
    nothing: bool,
}

impl Filter {
    fn of(input: &api::ListTasksRequest) -> Result<Filter, EcsError> {
        let desired = match input.desired_status.as_deref() {
            None | Some("RUNNING") => DesiredStatus::Running,
            Some("STOPPED") => DesiredStatus::Stopped,
            // AWS: no task is ever desired to be PENDING.
            Some("PENDING") => DesiredStatus::Running,
            Some(other) => return Err(EcsError::invalid(format!("Invalid desired status '{other}'."))),
        };
        if input.family.as_deref().is_some_and(|family| !reference::is_cluster_name(family)) {
            return Err(EcsError::invalid(r"family must match ^[a-zA-Z0-9\-_]+$"));
        }
        let instance = input.container_instance.as_deref();
        Ok(Filter {
            desired,
            family: input.family.clone(),
            group: None,
            started_by: input.started_by.clone(),
            launch: input.launch_type.clone(),
            instance: instance.and_then(|text| text.rsplit('/').next()).map(str::to_owned),
            nothing: input.desired_status.as_deref() == Some("PENDING") || input.daemon_name.is_some(),
        })
    }

    fn fits(&self, task: &Task) -> bool {
        let of_instance =
            |id: &String| task.container_instance_arn().is_some_and(|arn| arn.ends_with(id.as_str()));
        !self.nothing
            && task.life.desired() == self.desired
            && self.family.as_ref().is_none_or(|family| *family == task.family)
            && self.group.as_ref().is_none_or(|group| *group == task.group)
            && self.started_by.as_ref().is_none_or(|by| Some(by) == task.started_by.as_ref())
            && self.launch.as_ref().is_none_or(|launch| launch == task.launch.as_str())
            && self.instance.as_ref().is_none_or(of_instance)
    }
}
