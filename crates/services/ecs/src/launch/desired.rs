//! A task as its node gets it.

use std::collections::HashMap;

use gantry_ecs_core::TaskSpec;
use gantry_ecs_core::logs::destination;
use gantry_ecs_core::spec::{
    Condition, ContainerSpec, HealthCheck, IpcMode, NetworkMode, PidMode, Protocol, VolumeSource, VolumeSpec,
};
use gantry_node_proto::v1;

use super::environment_files::Variables;
use super::network::Interface;
use super::secrets::Values;
use crate::Ecs;
use crate::tables::task::{LaunchType, Task};

/// What was made for the task.
pub(super) struct Made {
    pub values: Values,
    /// What each container has from files of variables, in order.
    pub files: Vec<Variables>,
    /// One for each container, in order.
    pub access: Vec<v1::Image>,
    pub role: Option<v1::Credentials>,
    pub interface: Option<Interface>,
    /// One for each volume that is a file system's, in the place of the volume.
    pub mounts: Vec<Option<v1::SharedDirectory>>,
    /// What it reaches by Service Connect.
    pub upstreams: Vec<v1::Upstream>,
}

const MIB: u64 = 1024 * 1024;
const GIB: u64 = 1024 * MIB;

/// The message. Security groups are named only: their rules are added whenever it is sent.
pub(super) fn message(ecs: &Ecs, task: &Task, spec: &TaskSpec, made: Made) -> v1::DesiredTask {
    let place = task.place();
    let zone = made.interface.as_ref().map(|one| one.zone.clone()).or_else(|| task.zone.clone());
    let metadata = v1::Metadata {
        availability_zone: zone.unwrap_or_default(),
        launch_type: task.launch.as_str().to_owned(),
        task_definition_arn: place.task_definition_arn(&task.family, task.revision).to_string(),
        service_name: String::new(),
        container_instance_arn: task.container_instance_arn().unwrap_or_default(),
        tags: task.tags.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
        region: place.region.to_string(),
        account_id: place.account.to_string(),
        platform_version: task.platform_version.clone().unwrap_or_default(),
        vpc_id: made.interface.as_ref().map(|one| one.vpc_id.clone()).unwrap_or_default(),
        created_at_ms: task.created_at.as_millis(),
        group: task.group.clone(),
    };
    let containers = spec.containers.iter().zip(made.access).zip(made.files).enumerate();
    let containers = containers.map(|(at, ((one, image), files))| {
        let environment = environment(ecs, task, spec.network_mode, one, files, &made.values);
        let arn = task.containers.get(at).map(|facts| task.name.container_arn(&facts.id).to_string());
        container(task, one, image, environment, arn.unwrap_or_default(), &made.values)
    });
    v1::DesiredTask {
        task_arn: task.name.arn().to_string(),
        task_id: task.name.id.clone(),
        cluster_arn: place.cluster_arn(&task.name.cluster).to_string(),
        cluster_name: task.name.cluster.clone(),
        family: task.family.clone(),
        revision: task.revision,
        desired_status: v1::DesiredStatus::Running.into(),
        containers: containers.collect(),
        cpu_units: spec.cpu_units.unwrap_or(0),
        memory_bytes: u64::from(spec.memory_mib.unwrap_or(0)) * MIB,
        network: Some(network(spec, made.interface)),
        volumes: spec.volumes.iter().zip(made.mounts).map(|(one, mount)| volume(one, mount)).collect(),
        task_role: made.role,
        execution_role: None,
        metadata: Some(metadata),
        oci_runtime: String::new(),
        pid_mode: match spec.pid_mode {
            PidMode::Private => v1::PidMode::Unspecified,
            PidMode::Task => v1::PidMode::Task,
            PidMode::Host => v1::PidMode::Host,
        }
        .into(),
        ipc_mode: match spec.ipc_mode {
            IpcMode::Default => v1::IpcMode::Unspecified,
            IpcMode::Task => v1::IpcMode::Task,
            IpcMode::Host => v1::IpcMode::Host,
            IpcMode::None => v1::IpcMode::None,
        }
        .into(),
        ephemeral_storage_bytes: u64::from(spec.ephemeral_storage_gib.unwrap_or(0)) * GIB,
        user_namespace: task.launch == LaunchType::Fargate,
        upstreams: made.upstreams,
    }
}

/// What AWS's SDKs need comes first, so that the user's own wins; then what files say, and secrets last. What only the
/// node knows (the paths of metadata and credentials) it adds itself.
fn environment(
    ecs: &Ecs,
    task: &Task,
    mode: NetworkMode,
    container: &ContainerSpec,
    files: Variables,
    values: &Values,
) -> Vec<v1::EnvVar> {
    let region = task.place().region.to_string();
    let host = match task.launch {
        LaunchType::Fargate => "AWS_ECS_FARGATE",
        LaunchType::Ec2 => "AWS_ECS_EC2",
        LaunchType::External => "AWS_ECS_EXTERNAL",
    };
    let endpoint = match mode {
        // Such a task is in the host's network, where the address of the tasks' endpoint leads nowhere.
        NetworkMode::Host => &ecs.config.registry_url,
        NetworkMode::Awsvpc | NetworkMode::Bridge | NetworkMode::None => &ecs.config.task_endpoint_url,
    };
    let mut all = vec![
        ("AWS_EXECUTION_ENV".to_owned(), host.to_owned()),
        ("AWS_REGION".to_owned(), region.clone()),
        ("AWS_DEFAULT_REGION".to_owned(), region),
        ("AWS_ENDPOINT_URL".to_owned(), endpoint.clone()),
        // No name of the endpoint's own leads to Gantry with `data-` before it.
        ("AWS_DISABLE_HOST_PREFIX_INJECTION".to_owned(), "true".to_owned()),
    ];
    all.extend(files);
    all.extend(container.environment.iter().cloned());
    let secrets = container.secrets.iter();
    all.extend(secrets.filter_map(|(name, from)| Some((name.clone(), values.get(from)?.clone()))));
    // One value for each name, the last one, at the place of the first.
    let mut place_of: HashMap<String, usize> = HashMap::with_capacity(all.len());
    let mut once: Vec<v1::EnvVar> = Vec::with_capacity(all.len());
    for (name, value) in all {
        match place_of.get(&name) {
            Some(&at) => once[at].value = value,
            None => {
                place_of.insert(name.clone(), once.len());
                once.push(v1::EnvVar { name, value });
            }
        }
    }
    once
}

fn container(
    task: &Task,
    spec: &ContainerSpec,
    image: v1::Image,
    environment: Vec<v1::EnvVar>,
    container_arn: String,
    values: &Values,
) -> v1::Container {
    let mib = |value: Option<u32>| u64::from(value.unwrap_or(0)) * MIB;
    let own_mounts = spec.mounts.iter().map(|one| v1::Mount {
        volume: one.volume.clone(),
        container_path: one.container_path.clone(),
        read_only: one.read_only,
        volumes_from: String::new(),
    });
    let from_others = spec.volumes_from.iter().map(|one| v1::Mount {
        read_only: one.read_only,
        volumes_from: one.container.clone(),
        ..Default::default()
    });
    v1::Container {
        name: spec.name.clone(),
        image: Some(image),
        essential: spec.essential,
        entry_point: spec.entry_point.clone(),
        command: spec.command.clone(),
        environment,
        working_directory: spec.working_directory.clone().unwrap_or_default(),
        user: spec.user.clone().unwrap_or_default(),
        cpu_units: spec.cpu_units,
        memory_bytes: mib(spec.memory_mib),
        memory_reservation_bytes: mib(spec.memory_reservation_mib),
        ulimits: spec
            .ulimits
            .iter()
            .map(|one| v1::Ulimit { name: one.name.clone(), soft: one.soft, hard: one.hard })
            .collect(),
        depends_on: spec.depends_on.iter().map(dependency).collect(),
        readonly_root_filesystem: spec.readonly_root_filesystem,
        privileged: spec.privileged,
        capabilities_add: spec.linux.capabilities_add.clone(),
        capabilities_drop: spec.linux.capabilities_drop.clone(),
        port_mappings: spec.port_mappings.iter().map(port_mapping).collect(),
        mounts: own_mounts.chain(from_others).collect(),
        tmpfs: spec.linux.tmpfs.iter().map(tmpfs).collect(),
        stop_timeout_seconds: task.stop_timeout_secs.or(spec.stop_timeout_secs),
        start_timeout_seconds: spec.start_timeout_secs,
        health_check: spec.health_check.as_ref().map(health_check),
        docker_labels: spec.docker_labels.clone().into_iter().collect(),
        log_configuration: spec.log.as_ref().map(|log| log_configuration(log, &spec.name, task, values)),
        sysctls: spec.sysctls.iter().cloned().collect(),
        init_process: spec.linux.init_process,
        shared_memory_bytes: mib(spec.linux.shared_memory_mib),
        extra_hosts: spec
            .extra_hosts
            .iter()
            .map(|(hostname, ip)| v1::HostEntry { hostname: hostname.clone(), ip: ip.clone() })
            .collect(),
        dns_servers: spec.dns_servers.clone(),
        dns_search_domains: spec.dns_search_domains.clone(),
        hostname: spec.hostname.clone().unwrap_or_default(),
        interactive: spec.interactive,
        pseudo_terminal: spec.pseudo_terminal,
        container_arn,
        links: spec.links.clone(),
        swap_bytes: spec.linux.max_swap_mib.map(|mib| i64::from(mib) * MIB as i64),
        restart_policy: spec.restart.as_ref().map(|one| v1::RestartPolicy {
            ignored_exit_codes: one.ignored_exit_codes.clone(),
            attempt_period_seconds: one.attempt_period_secs,
        }),
        no_new_privileges: spec.security_options.no_new_privileges,
        apparmor_profile: spec.security_options.apparmor.clone().unwrap_or_default(),
        selinux_labels: spec.security_options.labels.clone(),
        devices: spec
            .linux
            .devices
            .iter()
            .map(|one| v1::Device {
                host_path: one.host_path.clone(),
                container_path: one.container_path.clone(),
                permissions: one.permissions.clone(),
            })
            .collect(),
        swappiness: spec.linux.swappiness,
        disable_networking: spec.disable_networking,
        gpus: spec.gpus,
    }
}

fn dependency(one: &gantry_ecs_core::spec::Dependency) -> v1::Dependency {
    use v1::dependency::Condition as Wire;
    let condition = match one.condition {
        Condition::Start => Wire::Start,
        Condition::Complete => Wire::Complete,
        Condition::Success => Wire::Success,
        Condition::Healthy => Wire::Healthy,
    };
    v1::Dependency { container: one.container.clone(), condition: condition.into() }
}

fn port_mapping(one: &gantry_ecs_core::spec::PortMapping) -> v1::PortMapping {
    let protocol = match one.protocol {
        Protocol::Tcp => v1::Protocol::Tcp,
        Protocol::Udp => v1::Protocol::Udp,
    };
    v1::PortMapping {
        container_port: one.container_port.into(),
        container_port_end: one.range_end.unwrap_or(0).into(),
        host_port: one.host_port.into(),
        protocol: protocol.into(),
        name: one.name.clone().unwrap_or_default(),
    }
}

fn tmpfs(one: &gantry_ecs_core::spec::Tmpfs) -> v1::Tmpfs {
    v1::Tmpfs {
        container_path: one.container_path.clone(),
        size_bytes: u64::from(one.size_mib) * MIB,
        options: one.options.clone(),
    }
}

fn health_check(one: &HealthCheck) -> v1::HealthCheck {
    v1::HealthCheck {
        command: one.command.clone(),
        interval_seconds: one.interval_secs,
        timeout_seconds: one.timeout_secs,
        retries: one.retries,
        start_period_seconds: one.start_period_secs,
    }
}

fn log_configuration(
    log: &gantry_ecs_core::spec::LogConfiguration,
    container: &str,
    task: &Task,
    values: &Values,
) -> v1::LogConfiguration {
    let mut log = log.clone();
    let secrets = std::mem::take(&mut log.secret_options).into_iter();
    log.options.extend(secrets.filter_map(|(name, from)| Some((name, values.get(&from)?.clone()))));
    match destination(&log, container, &task.name.id) {
        Some(to) => v1::LogConfiguration {
            driver: "awslogs".to_owned(),
            group: to.group,
            stream: to.stream,
            region: to.region,
            options: to.options.into_iter().collect(),
        },
        None => v1::LogConfiguration {
            driver: log.driver,
            options: log.options.into_iter().collect(),
            ..v1::LogConfiguration::default()
        },
    }
}

fn volume(one: &VolumeSpec, mount: Option<v1::SharedDirectory>) -> v1::Volume {
    use v1::volume::Source;
    let source = match &one.source {
        VolumeSource::Scratch => Some(Source::Scratch(v1::Scratch {})),
        VolumeSource::Host(path) => Some(Source::HostPath(path.clone())),
        VolumeSource::Docker { shared, autoprovision, driver, driver_opts, labels } => {
            Some(Source::Docker(v1::DockerVolume {
                shared: *shared,
                autoprovision: *autoprovision,
                labels: labels.clone().into_iter().collect(),
                driver: driver.clone(),
                driver_opts: driver_opts.clone().into_iter().collect(),
            }))
        }
        VolumeSource::Efs { .. } => mount.map(Source::Shared),
        // A run of such a definition is refused.
        VolumeSource::Unsupported => None,
    };
    v1::Volume { name: one.name.clone(), source }
}

fn network(spec: &TaskSpec, interface: Option<Interface>) -> v1::Network {
    let mode = match spec.network_mode {
        NetworkMode::Awsvpc => v1::NetworkMode::Awsvpc,
        NetworkMode::Bridge => v1::NetworkMode::Bridge,
        NetworkMode::Host => v1::NetworkMode::Host,
        NetworkMode::None => v1::NetworkMode::None,
    };
    let interface = interface.map(|one| v1::Interface {
        vpc_id: one.vpc_id,
        vpc_cidr: one.vpc_cidr,
        subnet_id: one.attachment.subnet_id,
        subnet_cidr: one.subnet_cidr,
        gateway: one.gateway,
        eni_id: one.attachment.eni_id,
        mac: one.attachment.mac,
        private_ipv4: one.attachment.private_ipv4,
        public_ipv4: one.attachment.public_ipv4.unwrap_or_default(),
        dns_servers: vec![one.dns_server],
        search_domains: vec![one.search_domain],
        hostname: one.attachment.private_dns_name,
        security_groups: one
            .security_groups
            .into_iter()
            .map(|id| v1::SecurityGroup { id, ..Default::default() })
            .collect(),
        // Filled in as they are when the node is told.
        ..Default::default()
    });
    v1::Network { mode: mode.into(), interface }
}
