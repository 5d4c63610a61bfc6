//! What the operations share by which an agent tells of a task. They are believed as a node's own report is, and what
//! a node shall run follows.

use gantry_api_ecs as api;
use gantry_ecs_core::lifecycle::{Binding, ContainerReport, NodePhase, TaskReport};
use gantry_ecs_core::spec::Protocol;
use gantry_ecs_core::stop::NodeReason;
use gantry_ecs_core::{ContainerStatus, TaskStatus};
use gantry_service::{Cx, Failure, Permission, Permit};
use gantry_store::Tx;

use super::describe_tasks::name;
use super::shared::{self, Having};
use crate::error::EcsError;
use crate::tables::task::{TASKS, Task};

/// What AWS answers.
pub(super) const ACKNOWLEDGED: &str = "ACK";

/// Authorizes an agent of the cluster.
pub(super) async fn authorize(
    tx: &mut Tx,
    cx: &Cx,
    action: &'static str,
    cluster: Option<&str>,
) -> Result<Permit, Failure> {
    let place = shared::place(cx);
    let asked = shared::asked_cluster(&place, cluster)?;
    let arn = place.cluster_arn(&asked);
    let tags = shared::cluster_tags(tx, &place, &asked).await?;
    let permit = cx.authorize(Permission::on(action, &arn).having(tags.iter()))?;
    match shared::known_cluster(tx, cx, cluster).await {
        Ok(_) => Ok(permit),
        // AWS's model gives these operations no error of their own for a cluster.
        Err(EcsError::ClusterNotFound) => Err(EcsError::client(EcsError::ClusterNotFound.to_string()).into()),
        Err(other) => Err(other.into()),
    }
}

/// The task that is told of.
pub(super) async fn task(
    tx: &mut Tx,
    cx: &Cx,
    cluster: Option<&str>,
    named: Option<&str>,
) -> Result<Task, Failure> {
    let place = shared::place(cx);
    let asked = shared::asked_cluster(&place, cluster)?;
    let text = named.ok_or_else(|| EcsError::client("Task Identifier is empty."))?;
    let name = name(&place, &asked, text)?;
    let found = tx.get(&TASKS, &name.key()).await?;
    Ok(found.ok_or_else(|| EcsError::client("The referenced task was not found."))?)
}

/// A report that says nothing yet of the task, but what is known already.
pub(super) fn nothing_new(task: &Task) -> TaskReport {
    let phase = match task.life.status() {
        TaskStatus::Provisioning | TaskStatus::Pending | TaskStatus::Activating => NodePhase::Pending,
        TaskStatus::Running => NodePhase::Running,
        TaskStatus::Deactivating | TaskStatus::Stopping => NodePhase::Stopping,
        TaskStatus::Deprovisioning | TaskStatus::Stopped => NodePhase::Deprovisioning,
    };
    TaskReport {
        phase,
        containers: Vec::new(),
        reason: None,
        health: task.life.health(),
        pull_started: None,
        pull_stopped: None,
        started: None,
        execution_stopped: None,
        stopping: None,
        stopped: None,
    }
}

/// AWS's status of a task, as an agent says it.
pub(super) fn phase(text: &str) -> Result<NodePhase, EcsError> {
    match text {
        "PENDING" | "CREATED" | "MANIFEST_PULLED" => Ok(NodePhase::Pending),
        "RUNNING" => Ok(NodePhase::Running),
        "STOPPED" => Ok(NodePhase::Stopped),
        other => Err(EcsError::client(format!("Invalid task status: {other}"))),
    }
}

/// What an agent says of one container.
pub(super) fn container(
    task: &Task,
    name: Option<&str>,
    status: Option<&str>,
    change: &api::ContainerStateChange,
) -> Result<ContainerReport, EcsError> {
    let name = name.unwrap_or_default();
    let known = task.life.containers().iter().find(|one| one.name == name);
    let known = known.ok_or_else(|| EcsError::client(format!("The task has no container named {name}.")))?;
    let status = match status {
        None => known.status,
        Some("PENDING" | "PULLED" | "CREATED" | "MANIFEST_PULLED" | "RESOURCES_PROVISIONED") => {
            ContainerStatus::Pending
        }
        Some("RUNNING") => ContainerStatus::Running,
        Some("STOPPED") => ContainerStatus::Stopped,
        Some(other) => return Err(EcsError::client(format!("Invalid container status: {other}"))),
    };
    Ok(ContainerReport {
        name: name.to_owned(),
        status,
        runtime_id: change.runtime_id.clone().unwrap_or_default(),
        image_digest: change.image_digest.clone().unwrap_or_default(),
        exit_code: change.exit_code,
        reason: change.reason.clone().filter(|text| !text.is_empty()).map(reason),
        health: known.health,
        started: None,
        bindings: change.network_bindings.iter().flatten().filter_map(binding).collect(),
    })
}

/// An agent's reason begins with the name of the error.
pub(super) fn reason(text: String) -> (NodeReason, String) {
    const NAMES: [(&str, NodeReason); 5] = [
        ("CannotPullContainerError", NodeReason::CannotPullContainer),
        ("CannotCreateContainerError", NodeReason::CannotCreateContainer),
        ("CannotStartContainerError", NodeReason::CannotStartContainer),
        ("ResourceInitializationError", NodeReason::ResourceInitialization),
        ("OutOfMemoryError", NodeReason::OutOfMemory),
    ];
    let named = NAMES.iter().find_map(|(name, reason)| Some((*reason, text.strip_prefix(name)?)));
    match named {
        Some((reason, rest)) => (reason, rest.trim_start_matches([':', ' ']).to_owned()),
        None => (NodeReason::EssentialContainerExited, text),
    }
}

fn binding(one: &api::NetworkBinding) -> Option<Binding> {
    let port = |port: Option<i32>| u16::try_from(port?).ok();
    let range = |text: &Option<String>| {
        let (first, last) = text.as_deref()?.split_once('-')?;
        Some((first.parse::<u16>().ok()?, last.parse::<u16>().ok()?))
    };
    let ranges = range(&one.container_port_range).zip(range(&one.host_port_range));
    let (container_port, host_port) = match ranges {
        Some(((container, _), (host, _))) => (container, host),
        None => (port(one.container_port)?, port(one.host_port)?),
    };
    Some(Binding {
        bind_ip: one.bind_ip.clone().unwrap_or_default(),
        container_port,
        host_port,
        range_ends: ranges.map(|((_, container), (_, host))| (container, host)),
        protocol: if one.protocol.as_deref() == Some("udp") { Protocol::Udp } else { Protocol::Tcp },
    })
}
