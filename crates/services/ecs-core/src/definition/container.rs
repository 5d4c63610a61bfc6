//! One container of a definition.

use super::{Invalid, document, environment, health, linux, logging, ports};
use crate::spec::{
    Condition, ContainerSpec, Dependency, IpcMode, Mount, NetworkMode, RestartPolicy, VolumeSpec, VolumesFrom,
};

/// What of the task matters to its containers.
pub(super) struct Context<'a> {
    pub network_mode: NetworkMode,
    pub ipc_mode: IpcMode,
    pub task_has_memory: bool,
    pub for_fargate: bool,
    pub volumes: &'a [VolumeSpec],
}

/// Longest stop timeout on Fargate, and the shortest timeouts, in seconds.
const FARGATE_STOP_TIMEOUT_SECS: u32 = 120;
const LEAST_TIMEOUT_SECS: u32 = 2;
/// How long a container has run at least before it is started again, unless told otherwise, and its bounds.
const RESTART_ATTEMPT_PERIOD_SECS: u32 = 300;
const RESTART_ATTEMPT_PERIODS_SECS: std::ops::RangeInclusive<i64> = 60..=1800;
const MAX_IGNORED_EXIT_CODES: usize = 50;

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
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-_:./#@+".contains(&b);
    if image.len() > 255 || !image.bytes().all(fits) {
        return Err(Invalid::new("Container.image contains invalid characters."));
    }
    if crate::image::parse(&image).is_none() {
        // AWS registers it, and no task of it can pull.
        unsupported.push(format!("containerDefinitions[{name}].image {image}"));
    }
    check_firelens(&name, given.firelens_configuration.as_ref())?;
    check_credential_specs(&name, &given.credential_specs)?;
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
    let stop_timeout_secs = timeout(&name, "stop", given.stop_timeout)?;
    if context.for_fargate && stop_timeout_secs.is_some_and(|secs| secs > FARGATE_STOP_TIMEOUT_SECS) {
        // As AWS words it; 120 itself is taken.
        return Err(Invalid::new(format!(
            "Tasks using the Fargate launch type must have a container stop timeout of less than \
             {FARGATE_STOP_TIMEOUT_SECS} seconds."
        )));
    }
    // AWS documents 120 seconds at most, and takes more.
    let start_timeout_secs = timeout(&name, "start", given.start_timeout)?;
    Ok(ContainerSpec {
        image,
        repository_credentials: given
            .repository_credentials
            .as_ref()
            .map(|one| one.credentials_parameter.clone()),
        essential: given.essential.unwrap_or(true),
        entry_point: given.entry_point.clone(),
        command: given.command.clone(),
        restart: restart_policy(&name, given)?,
        environment: environment::variables(&name, &given.environment)?,
        environment_files: environment::files(&name, &given.environment_files)?,
        secrets: environment::secrets(&name, given)?,
        working_directory: given.working_directory.clone().filter(|text| !text.is_empty()),
        user: given.user.clone().filter(|text| !text.is_empty()),
        hostname: hostname(given, context)?,
        cpu_units: number("cpu", given.cpu, 0)?.unwrap_or(0),
        memory_mib,
        memory_reservation_mib,
        ulimits: linux::ulimits(&name, &given.ulimits)?,
        depends_on: depends_on(&name, &given.depends_on)?,
        readonly_root_filesystem: given.readonly_root_filesystem.unwrap_or(false),
        privileged: given.privileged.unwrap_or(false),
        security_options: linux::security_options(&name, &given.docker_security_options)?,
        disable_networking: disable_networking(given, context)?,
        gpus: gpus(&name, &given.resource_requirements, unsupported)?,
        linux: linux::parameters(&name, given.linux_parameters.as_ref())?,
        port_mappings: ports::mappings(&name, &given.port_mappings, context)?,
        mounts: mounts(&name, &given.mount_points, context)?,
        volumes_from: volumes_from(&name, &given.volumes_from)?,
        links: links(&given.links, context)?,
        start_timeout_secs,
        stop_timeout_secs,
        health_check: given.health_check.as_ref().map(|check| health::check(&name, check)).transpose()?,
        docker_labels: given.docker_labels.clone(),
        log: given
            .log_configuration
            .as_ref()
            .map(|log| logging::configuration(&name, log, unsupported))
            .transpose()?,
        sysctls: linux::sysctls(&name, &given.system_controls, context)?,
        extra_hosts: extra_hosts(given, context)?,
        dns_servers: dns("DNS servers", &given.dns_servers, context)?,
        dns_search_domains: dns("DNS search domains", &given.dns_search_domains, context)?,
        interactive: given.interactive.unwrap_or(false),
        pseudo_terminal: given.pseudo_terminal.unwrap_or(false),
        version_consistency: version_consistency(&name, given.version_consistency.as_deref())?,
        name,
    })
}

pub(super) fn wrong(container: &str, why: impl std::fmt::Display) -> Invalid {
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

pub(super) fn whole(
    container: &str,
    field: &str,
    value: Option<i64>,
    least: u32,
) -> Result<Option<u32>, Invalid> {
    let Some(value) = value else { return Ok(None) };
    match u32::try_from(value) {
        Ok(value) if value >= least => Ok(Some(value)),
        _ => Err(wrong(container, format_args!("The '{field}' must be at least {least}, and is {value}."))),
    }
}

/// How long a container has to start or to stop.
fn timeout(container: &str, what: &str, value: Option<i64>) -> Result<Option<u32>, Invalid> {
    let Some(value) = value else { return Ok(None) };
    match u32::try_from(value) {
        Ok(value) if value >= LEAST_TIMEOUT_SECS => Ok(Some(value)),
        _ => Err(Invalid::new(format!(
            "Granular {what} timeout on container '{container}' must be at least {LEAST_TIMEOUT_SECS} seconds."
        ))),
    }
}

/// What is valid and Gantry does not run, each with its path.
fn note_unsupported(given: &document::Container, name: &str, unsupported: &mut Vec<String>) {
    let mut note = |wanted: bool, field: &str| {
        if wanted {
            unsupported.push(format!("containerDefinitions[{name}].{field}"));
        }
    };
    note(given.firelens_configuration.is_some(), "firelensConfiguration");
    note(!given.credential_specs.is_empty(), "credentialSpecs");
    let mut paths = given.mount_points.iter().filter_map(|one| one.container_path.as_deref());
    note(paths.any(is_of_windows), "mountPoints.containerPath");
    let of_windows = |text: &String| text.starts_with("credentialspec");
    note(given.docker_security_options.iter().any(of_windows), "dockerSecurityOptions.credentialspec");
}

/// Whether a path begins with the letter of a drive.
pub(super) fn is_of_windows(path: &str) -> bool {
    matches!(path.as_bytes(), [drive, b':', b'/' | b'\\', ..] if drive.is_ascii_alphabetic())
}

/// The form in which a definition names a group-managed account's file, and that there is at most one.
fn check_credential_specs(name: &str, given: &[String]) -> Result<(), Invalid> {
    if given.len() > 1 {
        return Err(wrong(name, "There can be at most one credentialSpec."));
    }
    let known = |text: &String| {
        ["credentialspec:", "credentialspecdomainless:"].iter().any(|it| text.starts_with(it))
    };
    match given.iter().find(|text| !known(text)) {
        Some(other) => Err(wrong(name, format_args!("The credentialSpec '{other}' is not valid."))),
        None => Ok(()),
    }
}

fn check_firelens(name: &str, given: Option<&document::FirelensConfiguration>) -> Result<(), Invalid> {
    let Some(firelens) = given else { return Ok(()) };
    if !matches!(firelens.kind.as_deref(), Some("fluentd" | "fluentbit")) {
        return Err(wrong(name, "The type of a firelensConfiguration must be 'fluentd' or 'fluentbit'."));
    }
    let known = ["enable-ecs-log-metadata", "config-file-type", "config-file-value"];
    match firelens.options.keys().find(|key| !known.contains(&key.as_str())) {
        Some(other) => Err(wrong(name, format_args!("The firelens option '{other}' is not known."))),
        None => Ok(()),
    }
}

fn restart_policy(name: &str, given: &document::Container) -> Result<Option<RestartPolicy>, Invalid> {
    let Some(policy) = &given.restart_policy else { return Ok(None) };
    if policy.ignored_exit_codes.len() > MAX_IGNORED_EXIT_CODES {
        return Err(wrong(
            name,
            format_args!("A restartPolicy can have at most {MAX_IGNORED_EXIT_CODES} ignoredExitCodes."),
        ));
    }
    let period = policy.restart_attempt_period.unwrap_or(RESTART_ATTEMPT_PERIOD_SECS.into());
    if !RESTART_ATTEMPT_PERIODS_SECS.contains(&period) {
        return Err(Invalid::new(format!(
            "The 'restartAttemptPeriod' setting for container '{name}' must be between 60 and 1800."
        )));
    }
    let code = |value: &i64| i32::try_from(*value).map_err(|_| wrong(name, "An exit code is out of range."));
    let ignored_exit_codes = policy.ignored_exit_codes.iter().map(code).collect::<Result<_, _>>()?;
    Ok(policy.enabled.then_some(RestartPolicy { ignored_exit_codes, attempt_period_secs: period as u32 }))
}

fn disable_networking(given: &document::Container, context: &Context<'_>) -> Result<bool, Invalid> {
    let wanted = given.disable_networking == Some(true);
    if wanted && context.network_mode == NetworkMode::Awsvpc {
        return Err(Invalid::new(
            "Disable Networking is not supported on container when networkMode=awsvpc.",
        ));
    }
    Ok(wanted)
}

/// How many GPUs the container asks for; accelerators of another kind are noted.
pub(crate) fn gpus(
    name: &str,
    given: &[document::ResourceRequirement],
    unsupported: &mut Vec<String>,
) -> Result<u32, Invalid> {
    let mut gpus = 0_u32;
    for one in given {
        match one.kind.as_str() {
            "GPU" => {
                let count =
                    one.value.as_deref().and_then(|text| text.parse().ok()).filter(|count| *count > 0);
                let count: u32 = count.ok_or_else(|| {
                    wrong(name, "The value of a GPU resource requirement must be a whole number above 0.")
                })?;
                gpus = gpus.saturating_add(count);
            }
            "InferenceAccelerator" => {
                return Err(Invalid::new("Amazon Elastic Inference (EI) is no longer available."));
            }
            other => unsupported.push(format!("containerDefinitions[{name}].resourceRequirements {other}")),
        }
    }
    Ok(gpus)
}

fn version_consistency(name: &str, given: Option<&str>) -> Result<bool, Invalid> {
    match given {
        None | Some("enabled") => Ok(true),
        Some("disabled") => Ok(false),
        Some(other) => {
            Err(wrong(name, format_args!("The versionConsistency '{other}' is not 'enabled' or 'disabled'.")))
        }
    }
}

fn hostname(given: &document::Container, context: &Context<'_>) -> Result<Option<String>, Invalid> {
    match given.hostname.as_deref() {
        None | Some("") => Ok(None),
        Some(_) if context.network_mode == NetworkMode::Awsvpc => {
            Err(Invalid::new("hostname is not supported on container when networkMode=awsvpc."))
        }
        Some(name) => Ok(Some(name.to_owned())),
    }
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
        if !container_path.starts_with('/') && !is_of_windows(&container_path) {
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

fn links(given: &[String], context: &Context<'_>) -> Result<Vec<String>, Invalid> {
    if !given.is_empty() && context.network_mode != NetworkMode::Bridge {
        return Err(Invalid::new(format!(
            "Links are not supported when networkMode={}.",
            context.network_mode.as_str()
        )));
    }
    Ok(given.to_vec())
}

fn extra_hosts(given: &document::Container, context: &Context<'_>) -> Result<Vec<(String, String)>, Invalid> {
    if !given.extra_hosts.is_empty() && context.network_mode == NetworkMode::Awsvpc {
        return Err(Invalid::new("Extra hosts are not supported on container when networkMode=awsvpc."));
    }
    Ok(given.extra_hosts.iter().map(|one| (one.hostname.clone(), one.ip_address.clone())).collect())
}

fn dns(what: &str, given: &[String], context: &Context<'_>) -> Result<Vec<String>, Invalid> {
    if !given.is_empty() && context.network_mode == NetworkMode::Awsvpc {
        return Err(Invalid::new(format!("{what} are not supported on container when networkMode=awsvpc.")));
    }
    Ok(given.to_vec())
}
