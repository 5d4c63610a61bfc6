//! From what is known to what is told the control plane.

use gantry_base::Timestamp;
use gantry_node_proto::v1;

use crate::known::{Bound, Health, Known, KnownContainer, Reason, Status};
use crate::wish::{Container, Network, Task};

pub fn report(task: &Task, known: &Known) -> v1::TaskReport {
    let containers = task
        .containers
        .iter()
        .zip(&known.containers)
        .zip(&task.sent.containers)
        .map(|((wanted, state), sent)| container(wanted, sent, state, known, task.network == Network::Host))
        .collect();
    let checked: Vec<Health> = task
        .containers
        .iter()
        .zip(&known.containers)
        .filter(|(wanted, _)| wanted.essential && wanted.health_check.is_some())
        .map(|(_, state)| state.health)
        .collect();
    v1::TaskReport {
        task_arn: task.arn.clone(),
        status: status(known).into(),
        containers,
        network: network(task, known),
        reason: known.stop.as_ref().map(|stop| reason(&stop.reason)),
        pull_started_at_ms: millis(known.pull_started_at),
        pull_stopped_at_ms: millis(known.pull_stopped_at),
        started_at_ms: millis(known.started_at),
        execution_stopped_at_ms: millis(known.execution_stopped_at),
        stopping_at_ms: millis(known.stop.as_ref().map(|stop| stop.at)),
        stopped_at_ms: millis(known.stopped_at),
        health: worst(&checked).into(),
    }
}

/// Of a task that cannot even be begun.
pub fn refusal(arn: &str, why: &Reason, at: Timestamp) -> v1::TaskReport {
    v1::TaskReport {
        task_arn: arn.to_owned(),
        status: v1::TaskStatus::Stopped.into(),
        reason: Some(reason(why)),
        stopping_at_ms: at.as_millis(),
        stopped_at_ms: at.as_millis(),
        ..v1::TaskReport::default()
    }
}

fn status(known: &Known) -> v1::TaskStatus {
    match (&known.stop, known.stopped_at, known.started_at) {
        (_, Some(_), _) => v1::TaskStatus::Stopped,
        (Some(_), None, _) if known.any_running() => v1::TaskStatus::Stopping,
        (Some(_), None, _) => v1::TaskStatus::Deprovisioning,
        (None, None, Some(_)) => v1::TaskStatus::Running,
        (None, None, None) => v1::TaskStatus::Pending,
    }
}

fn container(
    wanted: &Container,
    sent: &v1::Container,
    state: &KnownContainer,
    known: &Known,
    host: bool,
) -> v1::ContainerReport {
    let between = known.stop.is_none() && state.is_between_runs(wanted);
    let status = match state.status {
        // It will never run.
        _ if known.stopped_at.is_some() => v1::ContainerStatus::Stopped,
        _ if between => v1::ContainerStatus::Running,
        Status::Pending if known.pull_started_at.is_some() => v1::ContainerStatus::Pulling,
        Status::Pending => v1::ContainerStatus::Pending,
        Status::Pulled => v1::ContainerStatus::Pulled,
        Status::Created => v1::ContainerStatus::Created,
        Status::Running => v1::ContainerStatus::Running,
        Status::Stopped => v1::ContainerStatus::Stopped,
    };
    let made = state.created_at.is_some();
    v1::ContainerReport {
        name: wanted.name.clone(),
        status: status.into(),
        runtime_id: if made { wanted.id.to_string() } else { String::new() },
        image_digest: state.image_digest.clone(),
        exit_code: state.exit_code.filter(|_| !between),
        reason: state.reason.as_ref().filter(|_| !between).map(reason),
        health: health(state.health).into(),
        created_at_ms: millis(state.created_at),
        started_at_ms: millis(state.started_at),
        finished_at_ms: millis(state.finished_at),
        network_bindings: bindings(sent, state, host),
        restart_count: state.restarts,
    }
}

/// The ports of this host that lead to a container, once it has run.
fn bindings(sent: &v1::Container, state: &KnownContainer, host: bool) -> Vec<v1::NetworkBinding> {
    const ANY: &str = "0.0.0.0";
    if !state.has_started() {
        return Vec::new();
    }
    if host {
        let own = |it: &v1::PortMapping| v1::NetworkBinding {
            bind_ip: ANY.to_owned(),
            container_port: it.container_port,
            host_port: it.container_port,
            protocol: it.protocol,
            ..v1::NetworkBinding::default()
        };
        return sent.port_mappings.iter().map(own).collect();
    }
    let bound = |it: &Bound| {
        let end = |first: u16| if it.range { u32::from(first) + u32::from(it.count) - 1 } else { 0 };
        v1::NetworkBinding {
            bind_ip: ANY.to_owned(),
            container_port: it.container_port.into(),
            host_port: it.host_port.into(),
            protocol: if it.udp { v1::Protocol::Udp } else { v1::Protocol::Tcp }.into(),
            container_port_end: end(it.container_port),
            host_port_end: end(it.host_port),
        }
    };
    state.ports.iter().map(bound).collect()
}

fn network(task: &Task, known: &Known) -> Option<v1::NetworkReport> {
    let Network::Awsvpc(interface) = &task.network else {
        return None;
    };
    let attached = known.network_attached_at?;
    let sent = task.sent.network.as_ref()?.interface.as_ref()?;
    let attachment = &interface.attachment;
    Some(v1::NetworkReport {
        eni_id: sent.eni_id.clone(),
        mac: attachment.mac.to_string(),
        private_ipv4: attachment.private_ipv4.to_string(),
        public_ipv4: sent.public_ipv4.clone(),
        attached_at_ms: attached.as_millis(),
    })
}

fn reason(reason: &Reason) -> v1::Reason {
    v1::Reason {
        code: v1::ReasonCode::from(reason.code).into(),
        detail: reason.detail.clone(),
        container: reason.container.clone().unwrap_or_default(),
    }
}

pub fn health(health: Health) -> v1::HealthStatus {
    match health {
        Health::Unknown => v1::HealthStatus::Unknown,
        Health::Starting => v1::HealthStatus::Starting,
        Health::Healthy => v1::HealthStatus::Healthy,
        Health::Unhealthy => v1::HealthStatus::Unhealthy,
    }
}

fn worst(checked: &[Health]) -> v1::HealthStatus {
    for one in [Health::Unhealthy, Health::Unknown, Health::Starting] {
        if checked.contains(&one) {
            return health(one);
        }
    }
    match checked {
        [] => v1::HealthStatus::Unknown,
        _ => v1::HealthStatus::Healthy,
    }
}

fn millis(at: Option<Timestamp>) -> i64 {
    at.map_or(0, Timestamp::as_millis)
}
