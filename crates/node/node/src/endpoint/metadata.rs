//! Task metadata version 4, with the fields that AWS documents:
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate-response.html>

use gantry_base::Timestamp;
use gantry_node_proto::v1;
use serde_json::{Map, Value, json};

use crate::container::labels;
use crate::endpoint::View;
use crate::known::{Health, Status};
use crate::wish::{Desired, Network};

const MIB: u64 = 1024 * 1024;

pub fn task(view: &View, with_tags: bool) -> Value {
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
    text(&mut out, "VPCID", &metadata.vpc_id);
    if with_tags {
        out.insert("TaskTags".into(), json!(metadata.tags));
    }
    let containers: Vec<Value> =
        (0..view.task.containers.len()).map(|index| container(view, index)).collect();
    out.insert("Containers".into(), Value::Array(containers));
    Value::Object(out)
}

pub fn container(view: &View, index: usize) -> Value {
    let task = &view.task;
    let sent = task.container_as_sent(index);
    let known = &view.known.containers[index];
    let mut out = Map::new();
    out.insert("DockerId".into(), json!(task.containers[index].id.as_str()));
    out.insert("Name".into(), json!(sent.name));
    out.insert("DockerName".into(), json!(sent.name));
    let image = sent.image.as_ref().map_or("", |image| &image.reference);
    out.insert("Image".into(), json!(image));
    out.insert("ImageID".into(), json!(known.image_id));
    out.insert("Labels".into(), json!(labels(task, sent)));
    out.insert("DesiredStatus".into(), json!(desired(view)));
    out.insert("KnownStatus".into(), json!(container_status(known.status)));
    out.insert("Limits".into(), json!({"CPU": sent.cpu_units, "Memory": sent.memory_bytes / MIB}));
    if let Some(code) = known.exit_code {
        out.insert("ExitCode".into(), json!(code));
    }
    time(&mut out, "CreatedAt", known.created_at);
    time(&mut out, "StartedAt", known.started_at);
    time(&mut out, "FinishedAt", known.finished_at);
    out.insert("Type".into(), json!("NORMAL"));
    if task.containers[index].health_check.is_some() {
        let status = match known.health {
            Health::Unknown => "UNKNOWN",
            Health::Starting => "UNKNOWN",
            Health::Healthy => "HEALTHY",
            Health::Unhealthy => "UNHEALTHY",
        };
        out.insert("Health".into(), json!({"status": status}));
    }
    if let Some(log) = &sent.log_configuration
        && !log.driver.is_empty()
    {
        out.insert("LogDriver".into(), json!(log.driver));
        let mut options = Map::new();
        text(&mut options, "awslogs-group", &log.group);
        text(&mut options, "awslogs-region", &log.region);
        text(&mut options, "awslogs-stream", &log.stream);
        out.insert("LogOptions".into(), Value::Object(options));
    }
    text(&mut out, "ContainerARN", &sent.container_arn);
    if !sent.port_mappings.is_empty() {
        let ports: Vec<Value> = sent.port_mappings.iter().map(port).collect();
        out.insert("Ports".into(), Value::Array(ports));
    }
    out.insert("Networks".into(), json!([network(view)]));
    Value::Object(out)
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

fn network(view: &View) -> Value {
    let interface = match &view.task.network {
        Network::Host => return json!({"NetworkMode": "host"}),
        Network::None => return json!({"NetworkMode": "none"}),
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
