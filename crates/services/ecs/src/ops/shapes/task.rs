//! A task as AWS shows it.

use gantry_api_ecs as api;
use gantry_ecs_core::definition::document::{EnvironmentFile, Pair, ResourceRequirement};
use gantry_ecs_core::lifecycle::{Binding, ContainerLife};
use gantry_ecs_core::overrides::ContainerOverride;
use gantry_ecs_core::status::ContainerStatus;

use crate::ops::shared;
use crate::tables::task::{Attachment, AttachmentStatus, ContainerFacts, LaunchType, NetworkRequest, Task};

/// Ephemeral storage of a Fargate task that asked for none, in GiB.
const FARGATE_STORAGE_GIB: u32 = 20;

/// The task's shape; tags only where they were asked for.
pub(crate) fn answer(task: &Task, with_tags: bool) -> api::Task {
    let arn = task.name.arn().to_string();
    let life = &task.life;
    let times = life.times();
    let fargate = task.launch == LaunchType::Fargate;
    let containers = task.containers.iter().zip(life.containers());
    let storage = task.ephemeral_storage_gib.or(fargate.then_some(FARGATE_STORAGE_GIB));
    let launched = times.connected.is_some();
    api::Task {
        attachments: Some(match &task.attachment {
            Some(made) => vec![attachment(made)],
            None => task.network.iter().map(|wanted| wanted_attachment(task, wanted)).collect(),
        }),
        attributes: Some(task.architecture.iter().map(|value| architecture(value)).collect()),
        availability_zone: task.zone.clone(),
        capacity_provider_name: task.capacity_provider.clone(),
        cluster_arn: Some(task.place().cluster_arn(&task.name.cluster).to_string()),
        connectivity: launched.then(|| "CONNECTED".to_owned()),
        connectivity_at: times.connected,
        container_instance_arn: task.container_instance_arn(),
        containers: Some(containers.map(|(facts, life)| container(task, facts, life)).collect()),
        cpu: Some(task.cpu_units.unwrap_or_else(|| sum(task, |one| Some(one.cpu_units))).to_string()),
        created_at: Some(task.created_at),
        desired_status: Some(life.desired().as_str().to_owned()),
        enable_execute_command: Some(task.enable_execute_command),
        execution_stopped_at: times.execution_stopped,
        group: Some(task.group.clone()),
        health_status: Some(life.health().as_str().to_owned()),
        inference_accelerators: Some(Vec::new()),
        last_status: Some(life.status().as_str().to_owned()),
        launch_type: Some(task.launch.as_str().to_owned()),
        memory: Some(
            task.memory_mib
                .unwrap_or_else(|| sum(task, |one| one.memory_mib.or(one.memory_reservation_mib)))
                .to_string(),
        ),
        overrides: Some(overrides(task)),
        platform_version: task.platform_version.clone(),
        platform_family: fargate.then(|| "Linux".to_owned()),
        pull_started_at: times.pull_started,
        pull_stopped_at: times.pull_stopped,
        started_at: times.started,
        started_by: task.started_by.clone(),
        stop_code: life.stop_reason().map(|stop| stop.code.as_str().to_owned()),
        stopped_at: times.stopped,
        stopped_reason: life.stop_reason().map(|stop| stop.reason.clone()),
        stopping_at: times.stopping,
        tags: Some(if with_tags { shared::api_tags(&task.tags) } else { Vec::new() }),
        task_arn: Some(arn),
        task_definition_arn: Some(task.place().task_definition_arn(&task.family, task.revision).to_string()),
        version: i64::try_from(life.version()).ok(),
        ephemeral_storage: storage.map(|gib| api::EphemeralStorage { size_in_gi_b: gib as i32 }),
        fargate_ephemeral_storage: storage
            .filter(|_| fargate)
            .map(|gib| api::TaskEphemeralStorage { size_in_gi_b: Some(gib as i32), kms_key_id: None }),
        trusted_execution_summary: None,
    }
}

/// The run's overrides. AWS names every container, whether it was overridden or not.
fn overrides(task: &Task) -> api::TaskOverride {
    let given = &task.overrides;
    let mut containers: Vec<_> = given.container_overrides.iter().map(container_override).collect();
    for life in task.life.containers() {
        if !given.container_overrides.iter().any(|one| one.name.as_ref() == Some(&life.name)) {
            containers.push(api::ContainerOverride { name: Some(life.name.clone()), ..Default::default() });
        }
    }
    let storage = given.ephemeral_storage.as_ref();
    api::TaskOverride {
        container_overrides: Some(containers),
        cpu: given.cpu.clone(),
        memory: given.memory.clone(),
        execution_role_arn: given.execution_role_arn.clone(),
        task_role_arn: given.task_role_arn.clone(),
        ephemeral_storage: storage.map(|one| api::EphemeralStorage { size_in_gi_b: one.size_in_gib as i32 }),
        inference_accelerator_overrides: Some(Vec::new()),
    }
}

fn container_override(one: &ContainerOverride) -> api::ContainerOverride {
    let pair = |pair: &Pair| api::KeyValuePair { name: pair.name.clone(), value: pair.value.clone() };
    let file = |file: &EnvironmentFile| api::EnvironmentFile {
        value: file.value.clone().unwrap_or_default(),
        r#type: file.kind.clone().unwrap_or_default(),
    };
    let requirement = |one: &ResourceRequirement| api::ResourceRequirement {
        value: one.value.clone(),
        r#type: one.kind.clone(),
        ..Default::default()
    };
    let number = |value: Option<i64>| value.and_then(|value| i32::try_from(value).ok());
    api::ContainerOverride {
        name: one.name.clone(),
        command: one.command.clone(),
        environment: given(one.environment.iter().map(pair).collect()),
        cpu: number(one.cpu),
        memory: number(one.memory),
        memory_reservation: number(one.memory_reservation),
        environment_files: given(one.environment_files.iter().map(file).collect()),
        resource_requirements: given(one.resource_requirements.iter().map(requirement).collect()),
    }
}

/// A list that has something.
fn given<T>(all: Vec<T>) -> Option<Vec<T>> {
    Some(all).filter(|all| !all.is_empty())
}

fn sum(task: &Task, of: impl Fn(&ContainerFacts) -> Option<u32>) -> u32 {
    task.containers.iter().filter_map(of).fold(0, u32::saturating_add)
}

fn architecture(value: &str) -> api::Attribute {
    api::Attribute {
        name: "ecs.cpu-architecture".to_owned(),
        value: Some(value.to_owned()),
        ..api::Attribute::default()
    }
}

/// The interface of a task that has none yet, or never had one: what AWS knows of it then is its subnet.
fn wanted_attachment(task: &Task, wanted: &NetworkRequest) -> api::Attachment {
    let status = match task.life.is_stopped() {
        true => AttachmentStatus::Deleted,
        false => AttachmentStatus::Precreated,
    };
    let subnet = wanted
        .subnets
        .first()
        .map(|subnet| api::KeyValuePair { name: Some("subnetId".to_owned()), value: Some(subnet.clone()) });
    api::Attachment {
        id: Some(task.attachment_id()),
        r#type: Some("ElasticNetworkInterface".to_owned()),
        status: Some(status.as_str().to_owned()),
        details: Some(subnet.into_iter().collect()),
    }
}

fn attachment(one: &Attachment) -> api::Attachment {
    let details = [
        ("subnetId", &one.subnet_id),
        ("networkInterfaceId", &one.eni_id),
        ("macAddress", &one.mac),
        ("privateDnsName", &one.private_dns_name),
        ("privateIPv4Address", &one.private_ipv4),
    ];
    let pair = |(name, value): (&str, &String)| api::KeyValuePair {
        name: Some(name.to_owned()),
        value: Some(value.clone()),
    };
    api::Attachment {
        id: Some(one.id.clone()),
        r#type: Some("ElasticNetworkInterface".to_owned()),
        status: Some(one.status.as_str().to_owned()),
        details: Some(details.into_iter().map(pair).collect()),
    }
}

fn container(task: &Task, facts: &ContainerFacts, life: &ContainerLife) -> api::Container {
    let text = |value: &String| Some(value.clone()).filter(|text| !text.is_empty());
    let interface = |one: &Attachment| api::NetworkInterface {
        attachment_id: Some(one.id.clone()),
        private_ipv4_address: Some(one.private_ipv4.clone()),
        ipv6_address: None,
    };
    api::Container {
        container_arn: Some(task.name.container_arn(&facts.id).to_string()),
        task_arn: Some(task.name.arn().to_string()),
        name: Some(life.name.clone()),
        image: Some(facts.image.clone()),
        image_digest: text(&life.image_digest),
        runtime_id: text(&life.runtime_id),
        last_status: Some(life.status.as_str().to_owned()),
        exit_code: life.exit_code,
        reason: life.reason.clone(),
        network_bindings: Some(life.bindings.iter().map(binding).collect()),
        network_interfaces: Some(task.attachment.iter().map(interface).collect()),
        health_status: Some(life.health.as_str().to_owned()),
        cpu: Some(facts.cpu_units.to_string()),
        memory: facts.memory_mib.map(|mib| mib.to_string()),
        memory_reservation: facts.memory_reservation_mib.map(|mib| mib.to_string()),
        managed_agents: task.enable_execute_command.then(|| vec![execute_command_agent(life)]),
        ..api::Container::default()
    }
}

/// What looks into the container for people. Here the node's agent does, from when the container runs on.
fn execute_command_agent(life: &ContainerLife) -> api::ManagedAgent {
    let status = match life.status {
        ContainerStatus::Running => "RUNNING",
        ContainerStatus::Stopped => "STOPPED",
        _ => "PENDING",
    };
    api::ManagedAgent {
        name: Some("ExecuteCommandAgent".to_owned()),
        last_status: Some(status.to_owned()),
        last_started_at: life.started.filter(|_| status != "PENDING"),
        reason: None,
    }
}

fn binding(one: &Binding) -> api::NetworkBinding {
    api::NetworkBinding {
        bind_ip: Some(one.bind_ip.clone()),
        // A range is told as such and has no single port.
        container_port: one.range_ends.is_none().then(|| one.container_port.into()),
        host_port: one.range_ends.is_none().then(|| one.host_port.into()),
        protocol: Some(one.protocol.as_str().to_owned()),
        container_port_range: one.range_ends.map(|(last, _)| format!("{}-{last}", one.container_port)),
        host_port_range: one.range_ends.map(|(_, last)| format!("{}-{last}", one.host_port)),
    }
}
