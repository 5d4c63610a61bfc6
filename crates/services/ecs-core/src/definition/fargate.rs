//! What Fargate takes: AWS's table of task sizes, and what of a task definition it refuses.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html>

use super::{Document, Invalid};
use crate::spec::{IpcMode, NetworkMode, TaskSpec, VolumeSource};

/// One row: CPU units, smallest and largest memory in MiB, and the step between.
struct Size {
    cpu_units: u32,
    memory_mib: (u32, u32),
    step_mib: u32,
}

const GIB: u32 = 1024;

const SIZES: [Size; 7] = [
    // 512 MiB, 1 GiB, 2 GiB: the one row whose steps are uneven, see `fits`.
    Size { cpu_units: 256, memory_mib: (512, 2 * GIB), step_mib: 0 },
    Size { cpu_units: 512, memory_mib: (GIB, 4 * GIB), step_mib: GIB },
    Size { cpu_units: 1024, memory_mib: (2 * GIB, 8 * GIB), step_mib: GIB },
    Size { cpu_units: 2048, memory_mib: (4 * GIB, 16 * GIB), step_mib: GIB },
    Size { cpu_units: 4096, memory_mib: (8 * GIB, 30 * GIB), step_mib: GIB },
    Size { cpu_units: 8192, memory_mib: (16 * GIB, 60 * GIB), step_mib: 4 * GIB },
    Size { cpu_units: 16384, memory_mib: (32 * GIB, 120 * GIB), step_mib: 8 * GIB },
];

/// Whether the pair stands in AWS's table.
pub fn fits(cpu_units: u32, memory_mib: u32) -> bool {
    SIZES.iter().filter(|size| size.cpu_units == cpu_units).any(|size| {
        let (least, most) = size.memory_mib;
        match size.step_mib {
            0 => [512, GIB, 2 * GIB].contains(&memory_mib),
            step => (least..=most).contains(&memory_mib) && (memory_mib - least).is_multiple_of(step),
        }
    })
}

/// Checks a size against the table, in AWS's words.
pub fn check_size(cpu_units: u32, memory_mib: u32) -> Result<(), Invalid> {
    if fits(cpu_units, memory_mib) {
        return Ok(());
    }
    Err(Invalid::new(format!(
        "No Fargate configuration exists for given values: {cpu_units} CPU, {memory_mib} memory. See the Amazon ECS \
         documentation for the valid values."
    )))
}

/// Where containers on Fargate can send what they say.
const LOG_DRIVERS: [&str; 3] = ["awslogs", "splunk", "awsfirelens"];

/// The resource limit that can be set on Fargate.
const ULIMIT: &str = "nofile";

/// Capabilities that may be added on Fargate.
const ADDABLE: &str = "SYS_PTRACE";

/// Everything for which Fargate refuses a definition, the first that is found. `document` tells what `spec` has
/// resolved to a default.
pub fn check(document: &Document, spec: &TaskSpec) -> Result<(), Invalid> {
    let refuse = |text: String| Err(Invalid::new(text));
    if spec.network_mode != NetworkMode::Awsvpc {
        return refuse("Fargate only supports network mode \u{2018}awsvpc\u{2019}.".into());
    }
    let Some(cpu_units) = spec.cpu_units else {
        return refuse("Fargate requires that 'cpu' be defined at the task level.".into());
    };
    let Some(memory_mib) = spec.memory_mib else {
        return refuse("Fargate requires that 'memory' be defined at the task level.".into());
    };
    check_size(cpu_units, memory_mib)?;
    if document.ipc_mode.is_some() || spec.ipc_mode != IpcMode::Default {
        return refuse("Fargate compatible task definitions do not support ipcMode".into());
    }
    if document.pid_mode.as_deref() == Some("host") {
        return refuse(
            "Tasks using the Fargate launch type do not support pidMode 'host'. The supported value for pidMode is \
             'task'."
                .into(),
        );
    }
    if !document.placement_constraints.is_empty() {
        return refuse("Fargate compatible task definitions do not support constraints".into());
    }
    for volume in &spec.volumes {
        match volume.source {
            VolumeSource::Host(_) => {
                return refuse("Fargate compatible task definitions do not support sourcePath".into());
            }
            VolumeSource::Docker { .. } => {
                return refuse(
                    "Fargate compatible task definitions do not support dockerVolumeConfiguration".into(),
                );
            }
            VolumeSource::Scratch | VolumeSource::Efs { .. } | VolumeSource::Unsupported => {}
        }
    }
    document.container_definitions.iter().try_for_each(check_container)?;
    let needs_role = |what: &str| {
        refuse(format!("Fargate requires task definition to have execution role ARN to support {what}."))
    };
    if spec.execution_role.is_none() {
        if spec.containers.iter().any(|one| crate::image::looks_like_ecr(&one.image)) {
            return needs_role("ECR images");
        }
        if spec.containers.iter().any(|one| one.log.as_ref().is_some_and(|log| log.driver == "awslogs")) {
            return needs_role("log driver awslogs");
        }
    }
    let logs =
        spec.containers.iter().filter_map(|one| one.log.as_ref()).filter(|log| log.driver == "awslogs");
    if logs.into_iter().any(|log| !log.options.contains_key("awslogs-stream-prefix")) {
        return refuse(
            "Fargate requires log configuration options to include awslogs-stream-prefix to support log driver awslogs."
                .into(),
        );
    }
    Ok(())
}

fn check_container(container: &super::document::Container) -> Result<(), Invalid> {
    let refuse = |field: &str| {
        Err(Invalid::new(format!("Fargate compatible task definitions do not support {field}")))
    };
    if container.privileged == Some(true) {
        return Err(Invalid::new(
            "Fargate requires that the \u{2018}privileged\u{2019} setting be \u{2018}false\u{2019} at the container \
             level.",
        ));
    }
    if let Some(log) = &container.log_configuration
        && !LOG_DRIVERS.contains(&log.log_driver.as_str())
    {
        return Err(Invalid::new(format!(
            "{} is not a valid log driver. Must be one of [{}]",
            log.log_driver,
            LOG_DRIVERS.join(",")
        )));
    }
    if let Some(ulimit) = container.ulimits.iter().find(|ulimit| ulimit.name != ULIMIT) {
        return Err(Invalid::new(format!(
            "{} is not a valid ulimit. Must be one of [{ULIMIT}]",
            ulimit.name
        )));
    }
    if !container.links.is_empty() {
        return refuse("links");
    }
    if !container.dns_servers.is_empty() {
        return refuse("dnsServers");
    }
    if !container.dns_search_domains.is_empty() {
        return refuse("dnsSearchDomains");
    }
    if !container.extra_hosts.is_empty() {
        return refuse("extraHosts");
    }
    if !container.docker_security_options.is_empty() {
        return refuse("dockerSecurityOptions");
    }
    if container.disable_networking == Some(true) {
        return refuse("disableNetworking");
    }
    if container.credential_specs.iter().any(|one| !one.starts_with("credentialspecdomainless:")) {
        return refuse("credentialSpecs");
    }
    if container.resource_requirements.iter().any(|one| one.kind == "GPU") {
        return Err(Invalid::new(
            "Tasks using the Fargate launch type do not support GPU resource requirements.",
        ));
    }
    let Some(linux) = &container.linux_parameters else { return Ok(()) };
    if !linux.devices.is_empty() {
        return refuse("devices");
    }
    if !linux.tmpfs.is_empty() {
        return refuse("tmpfs");
    }
    if linux.shared_memory_size.is_some() {
        return refuse("sharedMemorySize");
    }
    if linux.max_swap.is_some() {
        return refuse("maxSwap");
    }
    if linux.swappiness.is_some() {
        return refuse("swappiness");
    }
    let added = linux.capabilities.as_ref().map(|one| one.add.as_slice()).unwrap_or_default();
    if let Some(other) = added.iter().find(|one| *one != ADDABLE) {
        return Err(Invalid::new(format!("{other} is not allowed on Fargate.")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_aws_s() {
        for (cpu, memory) in [
            (256, 512),
            (256, 1024),
            (256, 2048),
            (512, 4096),
            (1024, 2048),
            (4096, 30720),
            (8192, 20480),
            (16384, 122_880),
        ] {
            assert!(fits(cpu, memory), "{cpu} {memory}");
        }
        for (cpu, memory) in [
            (256, 1536),
            (256, 4096),
            (512, 512),
            (512, 8192),
            (8192, 17408),
            (16384, 36864),
            (100, 512),
            (0, 0),
        ] {
            assert!(!fits(cpu, memory), "{cpu} {memory}");
        }
    }
}
