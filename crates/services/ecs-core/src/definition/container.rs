//! One container of a definition.

use std::collections::HashSet;

use super::Invalid;
use super::document;
use crate::spec::{
    Condition, ContainerSpec, Dependency, HealthCheck, LinuxParameters, LogConfiguration, Mount, NetworkMode,
    PortMapping, Protocol, Tmpfs, Ulimit, VolumeSpec, VolumesFrom,
};

/// What of the task matters to its containers.
pub(super) struct Context<'a> {
    pub network_mode: NetworkMode,
    pub task_has_memory: bool,
    pub for_fargate: bool,
    pub volumes: &'a [VolumeSpec],
}

/// Longest stop timeout on Fargate, in seconds.
const FARGATE_STOP_TIMEOUT_SECS: u32 = 120;

pub(super) fn parse(
    given: &document::Container,
    context: &Context<'_>,
    unsupported: &mut Vec<String>,
) -> Result<ContainerSpec, Invalid> {
    let name = check_name(given.name.as_deref())?;
    let image = match given.image.as_deref() {
        Some(image) if !image.is_empty() => image.to_owned(),
        _ => return Err(Invalid::new("Container.image should not be null or empty.")),
    };
    if image.len() > 255 || crate::image::parse(&image).is_none() {
        return Err(Invalid::new(format!(
            "Invalid setting for container '{name}'. The image '{image}' is not valid."
        )));
    }
    refuse_unsupported(given, &name)?;
    note_unsupported(given, &name, unsupported);
    let number = |field: &str, value: Option<i64>, least: u32| whole(&name, field, value, least);
    let memory_mib = number("memory", given.memory, 4)?;
    let memory_reservation_mib = number("memoryReservation", given.memory_reservation, 4)?;
    if memory_mib.is_none()
        && memory_reservation_mib.is_none()
        && !context.task_has_memory
        && !context.for_fargate
    {
        return Err(Invalid::new(format!(
            "Invalid setting for container '{name}'. At least one of 'memory' or 'memoryReservation' must be specified."
        )));
    }
    if let (Some(hard), Some(soft)) = (memory_mib, memory_reservation_mib)
        && soft > hard
    {
        return Err(Invalid::new(format!(
            "Invalid setting for container '{name}'. The 'memory' must be greater than or equal to \
             'memoryReservation'."
        )));
    }
    let stop_timeout_secs = number("stopTimeout", given.stop_timeout, 0)?;
    let longest = if context.for_fargate { FARGATE_STOP_TIMEOUT_SECS } else { u32::MAX };
    if stop_timeout_secs.is_some_and(|secs| secs > longest) {
        return Err(Invalid::new(format!(
            "Invalid setting for container '{name}'. The 'stopTimeout' must be at most {longest} seconds."
        )));
    }
    Ok(ContainerSpec {
        image,
        repository_credentials: given
            .repository_credentials
            .as_ref()
            .map(|one| one.credentials_parameter.clone()),
        essential: given.essential.unwrap_or(true),
        entry_point: given.entry_point.clone(),
        command: given.command.clone(),
        environment: environment(&name, &given.environment)?,
        secrets: secrets(&name, given)?,
        working_directory: given.working_directory.clone().filter(|text| !text.is_empty()),
        user: given.user.clone().filter(|text| !text.is_empty()),
        hostname: hostname(&name, given, context)?,
        cpu_units: number("cpu", given.cpu, 0)?.unwrap_or(0),
        memory_mib,
        memory_reservation_mib,
        ulimits: ulimits(&name, &given.ulimits)?,
        depends_on: depends_on(&name, &given.depends_on)?,
        readonly_root_filesystem: given.readonly_root_filesystem.unwrap_or(false),
        privileged: given.privileged.unwrap_or(false),
        linux: linux(&name, given.linux_parameters.as_ref())?,
        port_mappings: port_mappings(&name, &given.port_mappings, context)?,
        mounts: mounts(&name, &given.mount_points, context)?,
        volumes_from: volumes_from(&name, &given.volumes_from)?,
        links: links(&name, &given.links, context)?,
        start_timeout_secs: number("startTimeout", given.start_timeout, 2)?,
        stop_timeout_secs,
        health_check: given.health_check.as_ref().map(|check| health_check(&name, check)).transpose()?,
        docker_labels: given.docker_labels.clone(),
        log: given.log_configuration.as_ref().map(|log| log_configuration(&name, log)).transpose()?,
        sysctls: sysctls(&name, given, context)?,
        extra_hosts: extra_hosts(&name, given, context)?,
        dns_servers: dns(&name, "dnsServers", &given.dns_servers, context)?,
        dns_search_domains: dns(&name, "dnsSearchDomains", &given.dns_search_domains, context)?,
        interactive: given.interactive.unwrap_or(false),
        pseudo_terminal: given.pseudo_terminal.unwrap_or(false),
        version_consistency: given.version_consistency.as_deref() != Some("disabled"),
        name,
    })
}

fn wrong(container: &str, why: impl std::fmt::Display) -> Invalid {
    Invalid::new(format!("Invalid setting for container '{container}'. {why}"))
}

fn check_name(name: Option<&str>) -> Result<String, Invalid> {
    let name = name.unwrap_or_default();
    if name.is_empty() {
        return Err(Invalid::new("Container.name should not be null or empty."));
    }
    let fits = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if !fits || name.len() > 255 {
        return Err(Invalid::new("Container.name contains invalid characters."));
    }
    Ok(name.to_owned())
}

fn whole(container: &str, field: &str, value: Option<i64>, least: u32) -> Result<Option<u32>, Invalid> {
    let Some(value) = value else { return Ok(None) };
    match u32::try_from(value) {
        Ok(value) if value >= least => Ok(Some(value)),
        _ => Err(wrong(container, format_args!("The '{field}' must be at least {least}, and is {value}."))),
    }
}

/// What would change how the container runs, and Gantry does not do: it is refused before anything counts on it.
fn refuse_unsupported(given: &document::Container, name: &str) -> Result<(), Invalid> {
    let restarts = given.restart_policy.as_ref().is_some_and(|policy| policy.enabled);
    for (wanted, field) in
        [(restarts, "restartPolicy"), (given.pseudo_terminal == Some(true), "pseudoTerminal")]
    {
        if wanted {
            return Err(wrong(name, format_args!("Gantry does not support '{field}' yet.")));
        }
    }
    Ok(())
}

/// What is valid and Gantry does not run, each with its path.
fn note_unsupported(given: &document::Container, name: &str, unsupported: &mut Vec<String>) {
    let mut note = |wanted: bool, field: &str| {
        if wanted {
            unsupported.push(format!("containerDefinitions[{name}].{field}"));
        }
    };
    note(given.repository_credentials.is_some(), "repositoryCredentials");
    note(!given.environment_files.is_empty(), "environmentFiles");
    note(given.disable_networking == Some(true), "disableNetworking");
    note(!given.docker_security_options.is_empty(), "dockerSecurityOptions");
    note(!given.resource_requirements.is_empty(), "resourceRequirements");
    note(given.firelens_configuration.is_some(), "firelensConfiguration");
    note(!given.credential_specs.is_empty(), "credentialSpecs");
    note(
        given.port_mappings.iter().any(|one| one.container_port_range.is_some()),
        "portMappings.containerPortRange",
    );
    if let Some(log) = &given.log_configuration {
        note(!["awslogs", "json-file"].contains(&log.log_driver.as_str()), "logConfiguration.logDriver");
        note(!log.secret_options.is_empty(), "logConfiguration.secretOptions");
    }
    if let Some(linux) = &given.linux_parameters {
        note(!linux.devices.is_empty(), "linuxParameters.devices");
        note(linux.swappiness.is_some(), "linuxParameters.swappiness");
    }
}

fn environment(container: &str, pairs: &[document::Pair]) -> Result<Vec<(String, String)>, Invalid> {
    let mut all = Vec::with_capacity(pairs.len());
    for pair in pairs {
        match pair.name.as_deref() {
            Some(name) if !name.is_empty() && !name.contains(['=', '\0']) => {
                all.push((name.to_owned(), pair.value.clone().unwrap_or_default()));
            }
            _ => return Err(wrong(container, "An environment variable needs a name without '='.")),
        }
    }
    Ok(all)
}

fn secrets(container: &str, given: &document::Container) -> Result<Vec<(String, String)>, Invalid> {
    let mut seen: HashSet<&str> = given.environment.iter().filter_map(|pair| pair.name.as_deref()).collect();
    let mut all = Vec::with_capacity(given.secrets.len());
    for secret in &given.secrets {
        if secret.name.is_empty() || secret.value_from.is_empty() {
            return Err(wrong(container, "A secret needs a name and a valueFrom."));
        }
        if !seen.insert(&secret.name) {
            return Err(Invalid::new(format!(
                "The secret name must be unique and not shared with any new or existing environment variables set on \
                 the container, such as '{}'.",
                secret.name
            )));
        }
        all.push((secret.name.clone(), secret.value_from.clone()));
    }
    Ok(all)
}

fn hostname(
    container: &str,
    given: &document::Container,
    context: &Context<'_>,
) -> Result<Option<String>, Invalid> {
    match given.hostname.as_deref() {
        None | Some("") => Ok(None),
        Some(_) if context.network_mode == NetworkMode::Awsvpc => {
            Err(wrong(container, "The 'hostname' parameter is not supported with networkMode awsvpc."))
        }
        Some(name) => Ok(Some(name.to_owned())),
    }
}

fn ulimits(container: &str, given: &[document::Ulimit]) -> Result<Vec<Ulimit>, Invalid> {
    let mut seen = HashSet::new();
    for one in given {
        if !seen.insert(&one.name) {
            return Err(wrong(container, format_args!("The ulimit '{}' is given more than once.", one.name)));
        }
        let (soft, hard) = (one.soft_limit, one.hard_limit);
        // -1 is "unlimited", above every number.
        if hard != -1 && (soft == -1 || soft > hard) {
            return Err(wrong(
                container,
                format_args!("The soft limit of ulimit '{}' is above its hard one.", one.name),
            ));
        }
    }
    let of = |one: &document::Ulimit| Ulimit {
        name: one.name.clone(),
        soft: one.soft_limit,
        hard: one.hard_limit,
    };
    Ok(given.iter().map(of).collect())
}

fn depends_on(container: &str, given: &[document::Dependency]) -> Result<Vec<Dependency>, Invalid> {
    let mut all = Vec::with_capacity(given.len());
    for one in given {
        let condition = match one.condition.as_str() {
            "START" => Condition::Start,
            "COMPLETE" => Condition::Complete,
            "SUCCESS" => Condition::Success,
            "HEALTHY" => Condition::Healthy,
            other => {
                return Err(wrong(
                    container,
                    format_args!("The dependsOn condition '{other}' is not known."),
                ));
            }
        };
        all.push(Dependency { container: one.container_name.clone(), condition });
    }
    Ok(all)
}

fn linux(container: &str, given: Option<&document::LinuxParameters>) -> Result<LinuxParameters, Invalid> {
    let Some(given) = given else { return Ok(LinuxParameters::default()) };
    let mut tmpfs = Vec::with_capacity(given.tmpfs.len());
    for one in &given.tmpfs {
        let size_mib = whole(container, "tmpfs size", Some(one.size), 1)?.unwrap_or(1);
        if !one.container_path.starts_with('/') {
            return Err(wrong(
                container,
                format_args!("The tmpfs path '{}' is not absolute.", one.container_path),
            ));
        }
        tmpfs.push(Tmpfs {
            container_path: one.container_path.clone(),
            size_mib,
            options: one.mount_options.clone(),
        });
    }
    let capabilities = given.capabilities.clone().unwrap_or_default();
    Ok(LinuxParameters {
        capabilities_add: capabilities.add,
        capabilities_drop: capabilities.drop,
        init_process: given.init_process_enabled.unwrap_or(false),
        shared_memory_mib: whole(container, "sharedMemorySize", given.shared_memory_size, 0)?,
        tmpfs,
        max_swap_mib: whole(container, "maxSwap", given.max_swap, 0)?,
    })
}

fn port_mappings(
    container: &str,
    given: &[document::PortMapping],
    context: &Context<'_>,
) -> Result<Vec<PortMapping>, Invalid> {
    let mut all: Vec<PortMapping> = Vec::with_capacity(given.len());
    for one in given {
        if one.container_port_range.is_some() {
            continue;
        }
        let port = |value: i64| u16::try_from(value).ok();
        let container_port = match one.container_port.and_then(port) {
            Some(number) if number > 0 => number,
            _ => return Err(wrong(container, "The 'containerPort' must be between 1 and 65535.")),
        };
        let protocol = match one.protocol.as_deref() {
            None | Some("tcp") => Protocol::Tcp,
            Some("udp") => Protocol::Udp,
            Some(other) => {
                return Err(wrong(container, format_args!("The protocol '{other}' is not valid.")));
            }
        };
        let host_port = match one.host_port {
            Some(value) => {
                port(value).ok_or_else(|| wrong(container, "The 'hostPort' must be between 0 and 65535."))?
            }
            None => 0,
        };
        let host_port = match context.network_mode {
            NetworkMode::Awsvpc | NetworkMode::Host if host_port == 0 => container_port,
            NetworkMode::Awsvpc | NetworkMode::Host if host_port != container_port => {
                return Err(Invalid::new(format!(
                    "When networkMode={}, the host ports and container ports in port mappings must match.",
                    context.network_mode.as_str()
                )));
            }
            NetworkMode::None => {
                return Err(Invalid::new("Port mappings are not supported with networkMode none."));
            }
            _ => host_port,
        };
        if one.name.is_some() && all.iter().any(|other| other.name == one.name) {
            return Err(wrong(container, "The names of port mappings must be unique."));
        }
        all.push(PortMapping { container_port, host_port, protocol, name: one.name.clone() });
    }
    Ok(all)
}

fn mounts(
    container: &str,
    given: &[document::MountPoint],
    context: &Context<'_>,
) -> Result<Vec<Mount>, Invalid> {
    let mut all = Vec::with_capacity(given.len());
    for one in given {
        let volume = one.source_volume.clone().unwrap_or_default();
        if !context.volumes.iter().any(|known| known.name == volume) {
            return Err(wrong(container, format_args!("Unknown volume '{volume}'.")));
        }
        let container_path = one.container_path.clone().unwrap_or_default();
        if !container_path.starts_with('/') {
            return Err(wrong(
                container,
                format_args!("The containerPath '{container_path}' is not absolute."),
            ));
        }
        all.push(Mount { volume, container_path, read_only: one.read_only.unwrap_or(false) });
    }
    Ok(all)
}

fn volumes_from(container: &str, given: &[document::VolumeFrom]) -> Result<Vec<VolumesFrom>, Invalid> {
    let mut all = Vec::with_capacity(given.len());
    for one in given {
        match one.source_container.clone() {
            Some(source) if !source.is_empty() => {
                all.push(VolumesFrom { container: source, read_only: one.read_only.unwrap_or(false) });
            }
            _ => return Err(wrong(container, "A volumesFrom needs a sourceContainer.")),
        }
    }
    Ok(all)
}

fn links(container: &str, given: &[String], context: &Context<'_>) -> Result<Vec<String>, Invalid> {
    if !given.is_empty() && context.network_mode != NetworkMode::Bridge {
        return Err(wrong(container, "Links are only supported with networkMode bridge."));
    }
    Ok(given.to_vec())
}

fn health_check(container: &str, given: &document::HealthCheck) -> Result<HealthCheck, Invalid> {
    let bounded = |field: &str, value: Option<i64>, default: u32, least: i64, most: i64| match value {
        None => Ok(default),
        Some(value) if (least..=most).contains(&value) => Ok(value as u32),
        Some(value) => Err(wrong(
            container,
            format_args!("The health check's {field} must be between {least} and {most}, and is {value}."),
        )),
    };
    // `NONE` stands alone and switches the image's own check off.
    match given.command.first().map(String::as_str) {
        Some("CMD" | "CMD-SHELL") if given.command.len() > 1 => {}
        Some("NONE") if given.command.len() == 1 => {}
        _ => {
            return Err(wrong(
                container,
                "The health check's command must begin with CMD or CMD-SHELL, and name a command.",
            ));
        }
    }
    Ok(HealthCheck {
        command: given.command.clone(),
        interval_secs: bounded("interval", given.interval, 30, 5, 300)?,
        timeout_secs: bounded("timeout", given.timeout, 5, 2, 120)?,
        retries: bounded("retries", given.retries, 3, 1, 10)?,
        start_period_secs: bounded("startPeriod", given.start_period, 0, 0, 300)?,
    })
}

fn log_configuration(
    container: &str,
    given: &document::LogConfiguration,
) -> Result<LogConfiguration, Invalid> {
    if given.log_driver == "awslogs" {
        for option in ["awslogs-group", "awslogs-region"] {
            if given.options.get(option).is_none_or(String::is_empty) {
                return Err(Invalid::new(format!("Log driver awslogs requires options: {option}")));
            }
        }
        if let Some(unknown) = given.options.keys().find(|key| !crate::logs::OPTIONS.contains(&key.as_str()))
        {
            return Err(wrong(
                container,
                format_args!("The log option '{unknown}' is not known to awslogs."),
            ));
        }
    }
    Ok(LogConfiguration { driver: given.log_driver.clone(), options: given.options.clone() })
}

fn sysctls(
    container: &str,
    given: &document::Container,
    context: &Context<'_>,
) -> Result<Vec<(String, String)>, Invalid> {
    let mut all = Vec::with_capacity(given.system_controls.len());
    for one in &given.system_controls {
        let (Some(name), Some(value)) = (one.namespace.clone(), one.value.clone()) else {
            return Err(wrong(container, "A systemControl needs a namespace and a value."));
        };
        if name.starts_with("net.") && context.network_mode == NetworkMode::Host {
            return Err(wrong(
                container,
                format_args!("The system control '{name}' needs a network of its own."),
            ));
        }
        all.push((name, value));
    }
    Ok(all)
}

fn extra_hosts(
    container: &str,
    given: &document::Container,
    context: &Context<'_>,
) -> Result<Vec<(String, String)>, Invalid> {
    if !given.extra_hosts.is_empty() && context.network_mode == NetworkMode::Awsvpc {
        return Err(wrong(container, "The 'extraHosts' parameter is not supported with networkMode awsvpc."));
    }
    Ok(given.extra_hosts.iter().map(|one| (one.hostname.clone(), one.ip_address.clone())).collect())
}

fn dns(
    container: &str,
    field: &str,
    given: &[String],
    context: &Context<'_>,
) -> Result<Vec<String>, Invalid> {
    if !given.is_empty() && context.network_mode == NetworkMode::Awsvpc {
        return Err(wrong(
            container,
            format_args!("The '{field}' parameter is not supported with networkMode awsvpc."),
        ));
    }
    Ok(given.to_vec())
}
