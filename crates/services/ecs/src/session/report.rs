//! What a node knows, taken in: one transaction for each report.

use std::collections::HashSet;

use gantry_base::Timestamp;
use gantry_ecs_core::lifecycle::{Binding, ContainerReport, NodePhase, Outcome, TaskReport};
use gantry_ecs_core::spec::Protocol;
use gantry_ecs_core::stop::{NodeReason, Stop};
use gantry_ecs_core::{ContainerStatus, HealthStatus, TaskStatus};
use gantry_node_proto::v1;
use gantry_store::{Scan, StoreError, Tx, key};

use super::{NodeAuthority, SESSION_WAKE};
use crate::names::TaskName;
use crate::tables::node::ASSIGNMENTS;
use crate::tables::task::{TASKS, Task};
use crate::{Ecs, ending, events};

/// How often a report that lost a race is taken in again at once.
const ATTEMPTS: u32 = 32;
/// Most tasks in one transaction.
const BATCH: usize = 200;

/// Takes a report in. Twice is as good as once.
pub(super) async fn take_in(ecs: &Ecs, node: &str, report: v1::Report) -> Result<(), StoreError> {
    for some in report.tasks.chunks(BATCH) {
        let mut attempts = 1;
        while let Err(error) = tasks(ecs, node, some).await {
            again_after(error, &mut attempts)?;
        }
    }
    let mut attempts = 1;
    while report.complete
        && let Err(error) = lost(ecs, node, &report).await
    {
        again_after(error, &mut attempts)?;
    }
    Ok(())
}

/// A lost race is run again at once, a bounded number of times.
fn again_after(error: StoreError, attempts: &mut u32) -> Result<(), StoreError> {
    *attempts += 1;
    if error.is_conflict() && *attempts <= ATTEMPTS { Ok(()) } else { Err(error) }
}

async fn tasks(ecs: &Ecs, node: &str, reports: &[v1::TaskReport]) -> Result<(), StoreError> {
    let now = ecs.clock.now();
    let mut tx = ecs.db.begin();
    for said in reports {
        let Some(name) = TaskName::of_arn(&said.task_arn) else { continue };
        let Some(mut task) = tx.get(&TASKS, &name.key()).await? else { continue };
        if task.node.as_deref() != Some(node) {
            tracing::warn!(node, task_arn = said.task_arn, "a node reports a task that is not its own");
            continue;
        }
        let first = !task.seen_on_node;
        task.seen_on_node = true;
        let outcome = observe(&mut tx, &mut task, &read(said), now).await?;
        if outcome == Outcome::Unchanged && first {
            tx.put(&TASKS, &name.key(), &task);
        }
    }
    tx.commit(&NodeAuthority(node)).await.map(|_| ())
}

/// Takes in what is said of one task, whoever says it.
pub(crate) async fn observe(
    tx: &mut Tx,
    task: &mut Task,
    report: &TaskReport,
    now: Timestamp,
) -> Result<Outcome, StoreError> {
    let outcome = task.life.observe(report, now);
    match outcome {
        Outcome::LeftNode => ending::left_node(tx, task, now),
        Outcome::Changed => {
            tx.put(&TASKS, &task.name.key(), task);
            events::task_changed(tx, task, now);
            withdraw_if_stopping(tx, task).await?;
        }
        Outcome::Unchanged => {}
    }
    Ok(outcome)
}

/// A task that stops by itself is desired STOPPED from then on, so that a node which restarts does not start it anew.
async fn withdraw_if_stopping(tx: &mut Tx, task: &Task) -> Result<(), StoreError> {
    let Some(node) = &task.node else { return Ok(()) };
    if task.life.status() == TaskStatus::Deactivating {
        // Its service takes away first what leads to it.
        return Ok(());
    }
    let key = task.name.key_under(node);
    if let Some(mut row) = tx.get(&ASSIGNMENTS, &key).await?
        && row.desired != task.life.desired()
    {
        row.desired = task.life.desired();
        tx.put(&ASSIGNMENTS, &key, &row);
        tx.wake(SESSION_WAKE);
    }
    Ok(())
}

/// Ends the tasks that the node once had and no longer has. One that it never told of is on its way to it.
async fn lost(ecs: &Ecs, node: &str, report: &v1::Report) -> Result<(), StoreError> {
    let now = ecs.clock.now();
    let told: HashSet<&str> = report.tasks.iter().map(|one| one.task_arn.as_str()).collect();
    let mut tx = ecs.db.begin();
    for (key, _) in tx.peek_scan(&ASSIGNMENTS, &key!(node), Scan::all()).await? {
        let Some(name) = TaskName::of_key(&key) else { continue };
        if told.contains(name.arn().as_str()) {
            continue;
        }
        let Some(mut task) = tx.get(&TASKS, &name.key()).await? else { continue };
        if task.seen_on_node {
            let had_started = task.life.times().started.is_some();
            tracing::warn!(node, task_arn = %name.arn(), "the node no longer has the task");
            ending::fail(&mut tx, &mut task, Stop::lost_by_node(had_started), now);
        }
    }
    tx.commit(&NodeAuthority(node)).await.map(|_| ())
}

fn time(millis: i64) -> Option<Timestamp> {
    (millis > 0).then(|| Timestamp::from_millis(millis))
}

fn read(said: &v1::TaskReport) -> TaskReport {
    TaskReport {
        phase: match said.status() {
            v1::TaskStatus::Unspecified | v1::TaskStatus::Pending => NodePhase::Pending,
            v1::TaskStatus::Running => NodePhase::Running,
            v1::TaskStatus::Stopping => NodePhase::Stopping,
            v1::TaskStatus::Deprovisioning => NodePhase::Deprovisioning,
            v1::TaskStatus::Stopped => NodePhase::Stopped,
        },
        containers: said.containers.iter().map(read_container).collect(),
        reason: said.reason.as_ref().and_then(read_reason),
        health: read_health(said.health()),
        pull_started: time(said.pull_started_at_ms),
        pull_stopped: time(said.pull_stopped_at_ms),
        started: time(said.started_at_ms),
        execution_stopped: time(said.execution_stopped_at_ms),
        stopping: time(said.stopping_at_ms),
        stopped: time(said.stopped_at_ms),
    }
}

fn read_container(said: &v1::ContainerReport) -> ContainerReport {
    ContainerReport {
        name: said.name.clone(),
        status: match said.status() {
            v1::ContainerStatus::Unspecified | v1::ContainerStatus::Pending => ContainerStatus::Pending,
            v1::ContainerStatus::Pulling => ContainerStatus::Pulling,
            v1::ContainerStatus::Pulled => ContainerStatus::Pulled,
            v1::ContainerStatus::Created => ContainerStatus::Created,
            v1::ContainerStatus::Running => ContainerStatus::Running,
            v1::ContainerStatus::Stopped => ContainerStatus::Stopped,
        },
        runtime_id: said.runtime_id.clone(),
        image_digest: said.image_digest.clone(),
        exit_code: said.exit_code,
        reason: said.reason.as_ref().and_then(read_reason),
        health: read_health(said.health()),
        started: time(said.started_at_ms),
        bindings: said.network_bindings.iter().filter_map(read_binding).collect(),
    }
}

fn read_binding(said: &v1::NetworkBinding) -> Option<Binding> {
    Some(Binding {
        bind_ip: said.bind_ip.clone(),
        container_port: u16::try_from(said.container_port).ok()?,
        host_port: u16::try_from(said.host_port).ok()?,
        range_ends: match (said.container_port_end, said.host_port_end) {
            (0, _) | (_, 0) => None,
            (container, host) => Some((u16::try_from(container).ok()?, u16::try_from(host).ok()?)),
        },
        protocol: match said.protocol() {
            v1::Protocol::Tcp => Protocol::Tcp,
            v1::Protocol::Udp => Protocol::Udp,
        },
    })
}

fn read_health(said: v1::HealthStatus) -> HealthStatus {
    match said {
        v1::HealthStatus::Unknown | v1::HealthStatus::Starting => HealthStatus::Unknown,
        v1::HealthStatus::Healthy => HealthStatus::Healthy,
        v1::HealthStatus::Unhealthy => HealthStatus::Unhealthy,
    }
}

fn read_reason(said: &v1::Reason) -> Option<(NodeReason, String)> {
    use v1::ReasonCode as Code;
    let reason = match said.code() {
        Code::Unspecified => return None,
        Code::StopDesired => NodeReason::StopDesired,
        Code::EssentialContainerExited => NodeReason::EssentialContainerExited,
        Code::HealthCheckFailed => NodeReason::HealthCheckFailed,
        Code::CannotPullContainer => NodeReason::CannotPullContainer,
        Code::CannotCreateContainer => NodeReason::CannotCreateContainer,
        Code::CannotStartContainer => NodeReason::CannotStartContainer,
        Code::CannotStopContainer => NodeReason::CannotStopContainer,
        Code::ResourceInitialization => NodeReason::ResourceInitialization,
        Code::OutOfMemory => NodeReason::OutOfMemory,
        Code::DependencyFailed => NodeReason::DependencyFailed,
        Code::ContainerLost => NodeReason::ContainerLost,
        Code::NotSupported => NodeReason::NotSupported,
        Code::RuntimeTimeout => NodeReason::RuntimeTimeout,
    };
    Some((reason, said.detail.clone()))
}
