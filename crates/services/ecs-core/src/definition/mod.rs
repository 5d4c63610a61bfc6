//! From a task definition's document to a [`TaskSpec`], or AWS's reason why not.
//!
//! Read in this order: [`document`] (the shape), [`parse`] here (the task), `container` (each container, with
//! `environment`, `ports`, `linux`, `health` and [`logging`]), `graph` (what containers want of each other), `volume`, [`fargate`], [`attributes`] (what a node must have).

pub mod attributes;
pub(crate) mod container;
pub mod document;
pub(crate) mod environment;
pub mod fargate;
mod graph;
mod health;
mod linux;
pub mod logging;
mod ports;
mod volume;

use std::collections::HashSet;

use gantry_base::{AccountId, Arn, Partition};

pub use document::Document;

use crate::query::Expression;
use crate::spec::{Architecture, Compatibility, IpcMode, NetworkMode, OsFamily, PidMode, TaskSpec};

/// Most containers in one task definition.
pub const MAX_CONTAINERS: usize = 10;
/// Largest task definition, in bytes of its JSON.
pub const MAX_BYTES: usize = 64 * 1024;

/// Why a definition or an override is refused; the text is for the user.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Invalid {
    pub message: String,
}

impl Invalid {
    /// The reason as the user reads it.
    pub fn new(message: impl Into<String>) -> Self {
        Invalid { message: message.into() }
    }
}

/// Whose definition it is: a role may be given by its name alone.
#[derive(Debug, Clone, Copy)]
pub struct Home {
    pub account: AccountId,
    pub partition: Partition,
}

/// Reads a definition. What is valid and Gantry can't run is kept in [`TaskSpec::unsupported`].
pub fn parse(document: &Document, home: Home) -> Result<TaskSpec, Invalid> {
    check_family(&document.family)?;
    let requires = compatibilities(&document.requires_compatibilities)?;
    let for_fargate = requires.contains(&Compatibility::Fargate);
    let network_mode = network_mode(document.network_mode.as_deref(), &requires)?;
    if document.container_definitions.is_empty() {
        return Err(Invalid::new("Container list cannot be empty."));
    }
    if document.container_definitions.len() > MAX_CONTAINERS {
        return Err(Invalid::new("Too many containers."));
    }
    if !document.inference_accelerators.is_empty() {
        return Err(Invalid::new("Unsupported field 'inferenceAccelerators'."));
    }
    if document.ephemeral_storage.is_some() && !for_fargate && requires.contains(&Compatibility::Ec2) {
        return Err(Invalid::new("Tasks using the EC2 launch type do not support EphemeralStorage."));
    }
    let mut unsupported = unsupported_of_task(document);
    let volumes = volume::parse_all(&document.volumes, &mut unsupported)?;
    let ipc_mode = match document.ipc_mode.as_deref() {
        None => IpcMode::Default,
        Some("task") => IpcMode::Task,
        Some("host") => IpcMode::Host,
        Some("none") => IpcMode::None,
        Some(other) => return Err(Invalid::new(format!("Invalid ipcMode '{other}'."))),
    };
    let context = container::Context {
        network_mode,
        ipc_mode,
        task_has_memory: document.memory.is_some(),
        for_fargate,
        volumes: &volumes,
    };
    let mut containers = Vec::with_capacity(document.container_definitions.len());
    for one in &document.container_definitions {
        containers.push(container::parse(one, &context, &mut unsupported)?);
    }
    environment::check_files(&containers)?;
    graph::check(&containers, network_mode)?;
    volume::check_mounted(&document.volumes, &containers)?;
    check_proxy(document, network_mode)?;
    check_router(document)?;
    let (architecture, os_family) = platform(document)?;
    let spec = TaskSpec {
        family: document.family.clone(),
        network_mode,
        containers,
        volumes,
        cpu_units: document.cpu.as_deref().map(task_cpu).transpose()?,
        memory_mib: document.memory.as_deref().map(task_memory).transpose()?,
        task_role: document
            .task_role_arn
            .as_deref()
            .map(|role| parse_role(role, home))
            .transpose()?
            .flatten(),
        execution_role: document
            .execution_role_arn
            .as_deref()
            .map(|role| parse_role(role, home))
            .transpose()?
            .flatten(),
        pid_mode: match document.pid_mode.as_deref() {
            None => PidMode::Private,
            Some("task") => PidMode::Task,
            Some("host") => PidMode::Host,
            Some(other) => return Err(Invalid::new(format!("Invalid pidMode '{other}'."))),
        },
        ipc_mode,
        ephemeral_storage_gib: document
            .ephemeral_storage
            .as_ref()
            .map(|storage| ephemeral_storage(storage.size_in_gib))
            .transpose()?,
        architecture,
        os_family,
        constraints: constraints(document)?,
        requires,
        unsupported,
    };
    check_sums(&spec)?;
    let has_secrets = spec.containers.iter().any(|container| !container.secrets.is_empty());
    if has_secrets && spec.execution_role.is_none() {
        return Err(Invalid::new(
            "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.",
        ));
    }
    let private = spec.containers.iter().any(|container| container.repository_credentials.is_some());
    if private && spec.execution_role.is_none() {
        return Err(Invalid::new(
            "When you are specifying container repositoryCredentials, you must also specify a value for 'executionRoleArn'.",
        ));
    }
    if for_fargate {
        fargate::check(document, &spec)?;
    }
    Ok(spec)
}

/// Whether the definition would also be valid for that launch type, beyond those it requires.
pub fn is_compatible(document: &Document, spec: &TaskSpec, with: Compatibility) -> bool {
    match with {
        Compatibility::Ec2 => true,
        Compatibility::Fargate => fargate::check(document, spec).is_ok(),
        Compatibility::External => spec.network_mode != NetworkMode::Awsvpc,
        Compatibility::ManagedInstances => {
            matches!(spec.network_mode, NetworkMode::Awsvpc | NetworkMode::Host)
                && spec.cpu_units.is_some()
                && spec.memory_mib.is_some()
        }
    }
}

fn check_family(family: &str) -> Result<(), Invalid> {
    if family.is_empty() {
        return Err(Invalid::new("Family should not be null or empty."));
    }
    let fits = family.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if !fits || family.len() > 255 {
        return Err(Invalid::new("Family contains invalid characters."));
    }
    Ok(())
}

fn compatibilities(texts: &[String]) -> Result<Vec<Compatibility>, Invalid> {
    let mut all = Vec::new();
    for text in texts {
        match Compatibility::parse(text) {
            Some(one) if !all.contains(&one) => all.push(one),
            Some(_) => {}
            None => return Err(Invalid::new(format!("Invalid compatibility '{text}'."))),
        }
    }
    Ok(all)
}

fn network_mode(text: Option<&str>, requires: &[Compatibility]) -> Result<NetworkMode, Invalid> {
    match text {
        Some("awsvpc") => Ok(NetworkMode::Awsvpc),
        Some("bridge") => Ok(NetworkMode::Bridge),
        Some("host") => Ok(NetworkMode::Host),
        Some("none") => Ok(NetworkMode::None),
        // On Linux the default is bridge; Fargate then says that it takes awsvpc only.
        None if requires == [Compatibility::ManagedInstances] => Ok(NetworkMode::Awsvpc),
        None => Ok(NetworkMode::Bridge),
        Some(other) => Err(Invalid::new(format!("Invalid networkMode '{other}'."))),
    }
}

/// AWS's words for a size that can't be read.
fn unreadable(setting: &str) -> Invalid {
    Invalid::new(format!(
        "Invalid '{setting}' setting for task. For more information, see the Troubleshooting section of the Amazon ECS \
         Developer Guide."
    ))
}

/// CPU of a task: units ("256") or vCPU ("1 vCPU", ".5 vcpu").
pub fn task_cpu(text: &str) -> Result<u32, Invalid> {
    let wrong = || unreadable("cpu");
    let lower = text.trim().to_ascii_lowercase();
    let units = match lower.strip_suffix("vcpu") {
        Some(number) => {
            let cores: f64 = number.trim().parse().map_err(|_| wrong())?;
            let units = cores * 1024.0;
            if !(units.is_finite() && units.fract() == 0.0 && (0.0..=1e9).contains(&units)) {
                return Err(wrong());
            }
            units as u32
        }
        None => lower.parse().map_err(|_| wrong())?,
    };
    if !(128..=196_608).contains(&units) {
        return Err(Invalid::new(
            "Invalid 'cpu' setting for task. The setting must be between 0.125 vCPU and 192 vCPUs.",
        ));
    }
    Ok(units)
}

/// Memory of a task: MiB ("512") or GB ("1 GB", "0.5gb").
pub fn task_memory(text: &str) -> Result<u32, Invalid> {
    let wrong = || unreadable("memory");
    let lower = text.trim().to_ascii_lowercase();
    let mib = match lower.strip_suffix("gb") {
        Some(number) => {
            let gib: f64 = number.trim().parse().map_err(|_| wrong())?;
            let mib = gib * 1024.0;
            if !(mib.is_finite() && mib.fract() == 0.0 && (0.0..=1e9).contains(&mib)) {
                return Err(wrong());
            }
            mib as u32
        }
        None => lower.parse().map_err(|_| wrong())?,
    };
    if mib < 4 {
        return Err(Invalid::new("Invalid 'memory' setting for task. The minimum is 4 MiB."));
    }
    Ok(mib)
}

/// A role's ARN or its name; an empty text is no role, as the SDKs of some tools send it.
pub fn parse_role(text: &str, home: Home) -> Result<Option<Arn>, Invalid> {
    if text.is_empty() {
        return Ok(None);
    }
    let invalid = || Invalid::new("Role is not valid");
    if text.starts_with("arn:") {
        let arn: Arn = text.parse().map_err(|_| invalid())?;
        if arn.service() != "iam" || !arn.resource().starts_with("role/") {
            return Err(invalid());
        }
        return Ok(Some(arn));
    }
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"+=,.@_-/".contains(&b);
    if text.len() > 512 || !text.bytes().all(fits) {
        return Err(invalid());
    }
    Ok(Some(Arn::global("iam", home.partition, home.account, format_args!("role/{text}"))))
}

/// Checks ephemeral storage against Fargate's bounds.
pub fn ephemeral_storage(size_gib: i64) -> Result<u32, Invalid> {
    match size_gib {
        ..21 => Err(Invalid::new("EphemeralStorage size should be at least 21")),
        21..=200 => Ok(size_gib as u32),
        201.. => Err(Invalid::new("EphemeralStorage size should be at most 200")),
    }
}

fn platform(document: &Document) -> Result<(Architecture, OsFamily), Invalid> {
    let Some(platform) = &document.runtime_platform else { return Ok((Architecture::Any, OsFamily::Linux)) };
    let architecture = match platform.cpu_architecture.as_deref() {
        None => Architecture::Any,
        Some("X86_64") => Architecture::X86_64,
        Some("ARM64") => Architecture::Arm64,
        Some(other) => return Err(Invalid::new(format!("Invalid cpuArchitecture '{other}'."))),
    };
    let os_family = match platform.operating_system_family.as_deref() {
        None | Some("LINUX") => OsFamily::Linux,
        Some(other) if other.starts_with("WINDOWS_SERVER_") => OsFamily::Windows,
        Some(other) => return Err(Invalid::new(format!("Invalid operatingSystemFamily '{other}'."))),
    };
    Ok((architecture, os_family))
}

fn constraints(document: &Document) -> Result<Vec<String>, Invalid> {
    if document.placement_constraints.len() > 10 {
        return Err(Invalid::new("Too many placement constraints."));
    }
    let mut all = Vec::new();
    for one in &document.placement_constraints {
        match (one.kind.as_deref(), one.expression.as_deref()) {
            (Some("memberOf"), Some(expression)) if !expression.is_empty() => {
                Expression::parse(expression).map_err(|bad| Invalid::new(bad.0))?;
                all.push(expression.to_owned());
            }
            _ => return Err(Invalid::new("Invalid placement constraint: a memberOf expression is needed.")),
        }
    }
    Ok(all)
}

/// Who sends by FireLens has a container that takes it.
fn check_router(document: &Document) -> Result<(), Invalid> {
    let containers = &document.container_definitions;
    let sends = containers
        .iter()
        .filter_map(|one| one.log_configuration.as_ref())
        .any(|log| log.log_driver == "awsfirelens");
    if sends && containers.iter().all(|one| one.firelens_configuration.is_none()) {
        return Err(Invalid::new(
            "When awsfirelens log driver is specified in log configuration, a firelens configuration object must be \
             configured in one of the containers.",
        ));
    }
    Ok(())
}

/// A proxy is one of the task's containers, in a network that is the task's own.
fn check_proxy(document: &Document, network_mode: NetworkMode) -> Result<(), Invalid> {
    let Some(proxy) = &document.proxy_configuration else { return Ok(()) };
    if network_mode != NetworkMode::Awsvpc {
        return Err(Invalid::new("APPMESH proxy configuration is only supported in networkMode=awsvpc"));
    }
    if !document.container_definitions.iter().any(|one| one.name == proxy.container_name) {
        let name = proxy.container_name.as_deref().unwrap_or_default();
        return Err(Invalid::new(format!("Proxy container [{name}] does not exist.")));
    }
    Ok(())
}

fn unsupported_of_task(document: &Document) -> Vec<String> {
    let mut all = Vec::new();
    let mut note = |wanted: bool, field: &str| {
        if wanted {
            all.push(field.to_owned());
        }
    };
    note(document.proxy_configuration.is_some(), "proxyConfiguration");
    note(document.enable_fault_injection == Some(true), "enableFaultInjection");
    note(document.trusted_execution_configuration.is_some(), "trustedExecutionConfiguration");
    let windows = document.runtime_platform.as_ref().and_then(|one| one.operating_system_family.as_deref());
    note(
        windows.is_some_and(|family| family.starts_with("WINDOWS")),
        "runtimePlatform.operatingSystemFamily",
    );
    all
}

/// What containers ask for must fit in what the task has.
fn check_sums(spec: &TaskSpec) -> Result<(), Invalid> {
    if let Some(task) = spec.memory_mib {
        for one in &spec.containers {
            if one.memory_mib.is_some_and(|memory| memory > task) {
                return Err(Invalid::new(format!(
                    "The 'memory' setting for container '{}' is greater than for the task.",
                    one.name
                )));
            }
        }
        let soft = spec.containers.iter().map(|one| one.memory_reservation_mib.unwrap_or(0));
        if soft.map(u64::from).sum::<u64>() > u64::from(task) {
            return Err(Invalid::new(
                "The sum of all container 'memoryReservation' values cannot be greater than the value of the task \
                 'memory'.",
            ));
        }
    }
    if let Some(task) = spec.cpu_units {
        let wanted: u64 = spec.containers.iter().map(|one| u64::from(one.cpu_units)).sum();
        if wanted > u64::from(task) {
            return Err(Invalid::new(
                "The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'.",
            ));
        }
    }
    let mut taken = HashSet::new();
    for port in spec.host_ports() {
        if !taken.insert(port) {
            return Err(Invalid::new(format!(
                "The host port {}/{} is used by more than one port mapping.",
                port.1,
                port.0.as_str()
            )));
        }
    }
    Ok(())
}
