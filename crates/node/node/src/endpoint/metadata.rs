//! Task metadata version 4, with the fields that AWS documents:
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate-response.html>

use gantry_base::Timestamp;
use gantry_node_proto::v1;
use serde_json::{Map, Value, json};

use crate::container::labels;
use crate::endpoint::{View, clock};
use crate::known::{Bound, Health, KnownContainer, Status};
use crate::wish::{Desired, Network, Task};

const MIB: u64 = 1024 * 1024;

/// What the ephemeral storage of a Fargate task holds at least.
const EPHEMERAL_BYTES: u64 = 20 << 30;

/// The metadata of a task. `used_bytes` is what its ephemeral storage holds, where that was counted.
pub fn task(view: &View, with_tags: bool, used_bytes: Option<u64>) -> Value {
    let sent = &view.task.sent;
    let known = &view.known;
    let none = v1::Metadata::default();
    let metadata = sent.metadata.as_ref().unwrap_or(&none);
    let mut out = Map::new();
    out.insert("Cluster".into(), json!(sent.cluster_arn));
    out.insert("TaskARN".into(), json!(sent.task_arn));
    out.insert("Family".into(), json!(sent.family));
    out.insert("Revision".into(), json!(sent.revision.to_string()));
    out.insert("DesiredStatus".into(), json!(desired(view)));
    out.insert("KnownStatus".into(), json!(task_status(view)));
    if sent.cpu_units > 0 || sent.memory_bytes > 0 {
        let mut limits = Map::new();
        if sent.cpu_units > 0 {
            limits.insert("CPU".into(), json!(f64::from(sent.cpu_units) / 1024.0));
        }
        if sent.memory_bytes > 0 {
            limits.insert("Memory".into(), json!(sent.memory_bytes / MIB));
        }
        out.insert("Limits".into(), Value::Object(limits));
    }
    time(&mut out, "PullStartedAt", known.pull_started_at);
    time(&mut out, "PullStoppedAt", known.pull_stopped_at);
    time(&mut out, "ExecutionStoppedAt", known.execution_stopped_at);
    text(&mut out, "AvailabilityZone", &metadata.availability_zone);
    text(&mut out, "LaunchType", &metadata.launch_type);
    text(&mut out, "ServiceName", &metadata.service_name);
    if metadata.launch_type != FARGATE {
        text(&mut out, "VPCID", &metadata.vpc_id);
    }
    if with_tags {
        out.insert("TaskTags".into(), json!(metadata.tags));
    }
    let containers: Vec<Value> =
        (0..view.task.containers.len()).map(|index| container(view, index)).collect();
    out.insert("Containers".into(), Value::Array(containers));
    if metadata.launch_type == FARGATE {
        out.insert("ClockDrift".into(), clock::drift());
        let reserved = sent.ephemeral_storage_bytes.max(EPHEMERAL_BYTES);
        if let Some(used) = used_bytes {
            let metrics = json!({"Utilized": used / MIB, "Reserved": reserved / MIB});
            out.insert("EphemeralStorageMetrics".into(), metrics);
        }
    }
    out.insert("FaultInjectionEnabled".into(), json!(false));
    Value::Object(out)
}

const FARGATE: &str = "FARGATE";

/// What version 3 does not have.
pub fn as_v3(mut value: Value) -> Value {
    const TASK: [&str; 5] = ["LaunchType", "ServiceName", "VPCID", "ClockDrift", "FaultInjectionEnabled"];
    const CONTAINER: [&str; 6] =
        ["LogDriver", "LogOptions", "ContainerARN", "Snapshotter", "RestartCount", "EphemeralStorageMetrics"];
    const NETWORK: [&str; 2] = ["NetworkMode", "IPv4Addresses"];
    let Some(out) = value.as_object_mut() else { return value };
    for name in TASK.iter().chain(&CONTAINER) {
        out.remove(*name);
    }
    if let Some(networks) = out.get_mut("Networks").and_then(Value::as_array_mut) {
        for network in networks.iter_mut().filter_map(Value::as_object_mut) {
            network.retain(|name, _| NETWORK.contains(&name.as_str()));
        }
    }
    if let Some(containers) = out.get_mut("Containers").and_then(Value::as_array_mut) {
        for container in containers {
            *container = as_v3(container.take());
        }
    }
    value
}

pub fn container(view: &View, index: usize) -> Value {
    let task = &view.task;
    let sent = task.container_as_sent(index);
    let known = &view.known.containers[index];
    let mut out = Map::new();
    out.insert("DockerId".into(), json!(task.containers[index].id.as_str()));
    out.insert("Name".into(), json!(sent.name));
    let fargate = task.sent.metadata.as_ref().is_some_and(|it| it.launch_type == FARGATE);
    out.insert("DockerName".into(), json!(docker_name(task, index)));
    let image = sent.image.as_ref().map_or("", |image| &image.reference);
    out.insert("Image".into(), json!(image));
    // Of the manifest on Fargate; elsewhere Docker's own, which is that of the configuration.
    let image_id =
        if fargate && !known.image_digest.is_empty() { &known.image_digest } else { &known.image_id };
    out.insert("ImageID".into(), json!(image_id));
    out.insert("Labels".into(), json!(labels(task, sent)));
    out.insert("DesiredStatus".into(), json!(desired(view)));
    let between = view.known.stop.is_none() && known.is_between_runs(&task.containers[index]);
    let status = if between { "RUNNING" } else { container_status(known.status) };
    out.insert("KnownStatus".into(), json!(status));
    out.insert("Limits".into(), json!({"CPU": sent.cpu_units, "Memory": sent.memory_bytes / MIB}));
    if let Some(code) = known.exit_code.filter(|_| !between) {
        out.insert("ExitCode".into(), json!(code));
    }
    time(&mut out, "CreatedAt", known.created_at);
    time(&mut out, "StartedAt", known.started_at);
    time(&mut out, "FinishedAt", known.finished_at);
    out.insert("Type".into(), json!("NORMAL"));
    if task.containers[index].health_check.is_some() {
        out.insert("Health".into(), health(known));
    }
    if sent.restart_policy.is_some() {
        out.insert("RestartCount".into(), json!(known.restarts));
    }
    if let Some(log) = &sent.log_configuration
        && !log.driver.is_empty()
    {
        out.insert("LogDriver".into(), json!(log.driver));
        let mut options = Map::new();
        text(&mut options, "awslogs-group", &log.group);
        text(&mut options, "awslogs-region", &log.region);
        text(&mut options, "awslogs-stream", &log.stream);
        for (name, value) in &log.options {
            text(&mut options, name, value);
        }
        out.insert("LogOptions".into(), Value::Object(options));
    }
    text(&mut out, "ContainerARN", &sent.container_arn);
    let ports: Vec<Value> = match task.network {
        Network::Bridge => known.ports.iter().flat_map(bound).collect(),
        Network::Awsvpc(_) | Network::Host | Network::None => sent.port_mappings.iter().map(port).collect(),
    };
    if !ports.is_empty() {
        out.insert("Ports".into(), Value::Array(ports));
    }
    out.insert("Networks".into(), json!([network(view, index)]));
    if fargate {
        out.insert("Snapshotter".into(), json!("overlayfs"));
    }
    Value::Object(out)
}

/// On instances, AWS's agent gives Docker a name that no other container has.
pub fn docker_name(task: &Task, index: usize) -> String {
    let (sent, name) = (&task.sent, &task.containers[index].name);
    if sent.metadata.as_ref().is_some_and(|it| it.launch_type == FARGATE) {
        return name.clone();
    }
    let unique: String = task.containers[index].id.as_str().chars().filter(char::is_ascii_hexdigit).collect();
    let unique = unique.get(unique.len().saturating_sub(20)..).unwrap_or_default();
    format!("ecs-{}-{}-{name}-{unique}", sent.family, sent.revision)
}

fn health(known: &KnownContainer) -> Value {
    let status = match known.health {
        Health::Unknown | Health::Starting => "UNKNOWN",
        Health::Healthy => "HEALTHY",
        Health::Unhealthy => "UNHEALTHY",
    };
    let mut health = Map::new();
    health.insert("status".into(), json!(status));
    time(&mut health, "statusSince", known.health_since);
    if let Some(code) = known.health_exit_code {
        health.insert("exitCode".into(), json!(code));
    }
    text(&mut health, "output", &known.health_output);
    Value::Object(health)
}

fn port(mapping: &v1::PortMapping) -> Value {
    let protocol = match mapping.protocol() {
        v1::Protocol::Tcp => "tcp",
        v1::Protocol::Udp => "udp",
    };
    json!({
        "ContainerPort": mapping.container_port,
        "HostPort": mapping.host_port,
        "Protocol": protocol,
    })
}

/// A port that the host has for the container, or each of a range.
fn bound(it: &Bound) -> Vec<Value> {
    let protocol = if it.udp { "udp" } else { "tcp" };
    let one = |at: u16| {
        json!({
            "ContainerPort": it.container_port + at,
            "Protocol": protocol,
            "HostPort": it.host_port + at,
            "HostIp": "0.0.0.0",
        })
    };
    (0..it.count).map(one).collect()
}

fn network(view: &View, index: usize) -> Value {
    let interface = match &view.task.network {
        Network::Host => return json!({"NetworkMode": "host"}),
        Network::None => return json!({"NetworkMode": "none"}),
        Network::Bridge => {
            let address = view.known.containers[index].address;
            return json!({"NetworkMode": "bridge", "IPv4Addresses": Vec::from_iter(address)});
        }
        Network::Awsvpc(interface) => interface,
    };
    let attachment = &interface.attachment;
    let servers = match interface.dns_servers.as_slice() {
        [] => vec![attachment.vpc.resolver()],
        servers => servers.to_vec(),
    };
    json!({
        "NetworkMode": "awsvpc",
        "IPv4Addresses": [attachment.private_ipv4],
        "AttachmentIndex": 0,
        "MACAddress": attachment.mac.to_string(),
        "IPv4SubnetCIDRBlock": attachment.subnet.to_string(),
        "DomainNameServers": servers,
        "DomainNameSearchList": interface.search_domains,
        "PrivateDNSName": interface.hostname,
        "SubnetGatewayIpv4Address":
            format!("{}/{}", attachment.gateway, attachment.subnet.prefix()),
    })
}

fn desired(view: &View) -> &'static str {
    match (view.task.desired, &view.known.stop) {
        (Desired::Running, None) => "RUNNING",
        _ => "STOPPED",
    }
}

fn task_status(view: &View) -> &'static str {
    let known = &view.known;
    match (&known.stop, known.started_at) {
        _ if known.stopped_at.is_some() => "STOPPED",
        (Some(_), _) if known.any_running() => "STOPPING",
        (Some(_), _) => "DEPROVISIONING",
        (None, Some(_)) => "RUNNING",
        (None, None) => "PENDING",
    }
}

fn container_status(status: Status) -> &'static str {
    match status {
        Status::Pending => "NONE",
        Status::Pulled => "PULLED",
        Status::Created => "CREATED",
        Status::Running => "RUNNING",
        Status::Stopped => "STOPPED",
    }
}

fn time(out: &mut Map<String, Value>, name: &str, at: Option<Timestamp>) {
    if let Some(at) = at {
        out.insert(name.to_owned(), json!(at.to_rfc3339()));
    }
}

fn text(out: &mut Map<String, Value>, name: &str, value: &str) {
    if !value.is_empty() {
        out.insert(name.to_owned(), json!(value));
    }
}
