//! What a run changes in its task definition.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use crate::definition::document::{EnvironmentFile, EphemeralStorage, Pair, ResourceRequirement};
use crate::definition::{
    Home, Invalid, container, environment, ephemeral_storage, fargate, parse_role, task_cpu, task_memory,
};
use crate::spec::{Compatibility, TaskSpec};

/// AWS bounds the JSON of all overrides, in characters.
pub const MAX_CHARACTERS: usize = 8192;

/// `RunTask`'s overrides as AWS's JSON has them; an unknown field is refused by name. What Gantry does not do is read
/// only to be refused, and so never written.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Overrides {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub container_overrides: Vec<ContainerOverride>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub execution_role_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_role_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ephemeral_storage: Option<EphemeralStorage>,
    #[serde(default, skip_serializing)]
    pub inference_accelerator_overrides: Vec<IgnoredAny>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContainerOverride {
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub environment: Vec<Pair>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub environment_files: Vec<EnvironmentFile>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_reservation: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resource_requirements: Vec<ResourceRequirement>,
}

/// The definition with the overrides laid over it, for a launch type.
pub fn apply(
    spec: &TaskSpec,
    overrides: &Overrides,
    launch: Compatibility,
    home: Home,
) -> Result<TaskSpec, Invalid> {
    let mut spec = spec.clone();
    if !overrides.inference_accelerator_overrides.is_empty() {
        return Err(Invalid::new("Amazon Elastic Inference (EI) is no longer available."));
    }
    if let Some(text) = &overrides.cpu {
        spec.cpu_units = Some(task_cpu(text)?);
    }
    if let Some(text) = &overrides.memory {
        spec.memory_mib = Some(task_memory(text)?);
    }
    if let Some(role) = &overrides.task_role_arn {
        spec.task_role = parse_role(role, home)?.or(spec.task_role);
    }
    if let Some(role) = &overrides.execution_role_arn {
        spec.execution_role = parse_role(role, home)?.or(spec.execution_role);
    }
    if let Some(storage) = &overrides.ephemeral_storage {
        spec.ephemeral_storage_gib = Some(ephemeral_storage(storage.size_in_gib)?);
    }
    for one in &overrides.container_overrides {
        apply_container(&mut spec, one)?;
    }
    environment::check_files(&spec.containers)?;
    if launch == Compatibility::Fargate
        && let (Some(cpu), Some(memory)) = (spec.cpu_units, spec.memory_mib)
    {
        fargate::check_size(cpu, memory)?;
    }
    if let Some(task) = spec.memory_mib
        && let Some(one) =
            spec.containers.iter().find(|one| one.memory_mib.is_some_and(|memory| memory > task))
    {
        return Err(Invalid::new(format!(
            "The 'memory' setting for container '{}' is greater than for the task.",
            one.name
        )));
    }
    Ok(spec)
}

fn apply_container(spec: &mut TaskSpec, one: &ContainerOverride) -> Result<(), Invalid> {
    let name = one.name.as_deref().unwrap_or_default();
    if name.is_empty() {
        return Err(Invalid::new("Container override name cannot be empty."));
    }
    let Some(container) = spec.containers.iter_mut().find(|container| container.name == name) else {
        return Err(Invalid::new(format!(
            "Override for container named {name} is not a container in the TaskDefinition."
        )));
    };
    if !one.environment_files.is_empty() {
        container.environment_files = environment::files(name, &one.environment_files)?;
    }
    if !one.resource_requirements.is_empty() {
        container.gpus = container::gpus(name, &one.resource_requirements, &mut spec.unsupported)?;
    }
    if let Some(command) = &one.command {
        container.command.clone_from(command);
    }
    for pair in &one.environment {
        let variable = pair.name.as_deref().unwrap_or_default();
        if variable.is_empty() || variable.contains(['=', '\0']) {
            return Err(Invalid::new(format!(
                "Override for container {name} has an environment variable without a name."
            )));
        }
        let value = pair.value.clone().unwrap_or_default();
        match container.environment.iter_mut().find(|(known, _)| known == variable) {
            Some((_, known)) => *known = value,
            None => container.environment.push((variable.to_owned(), value)),
        }
    }
    let number = |field: &str, value: i64, least: u32| match u32::try_from(value) {
        Ok(value) if value >= least => Ok(value),
        _ => Err(Invalid::new(format!("Override for container {name} has an invalid '{field}': {value}."))),
    };
    if let Some(cpu) = one.cpu {
        container.cpu_units = number("cpu", cpu, 0)?;
    }
    if let Some(memory) = one.memory {
        container.memory_mib = Some(number("memory", memory, 4)?);
    }
    if let Some(memory) = one.memory_reservation {
        container.memory_reservation_mib = Some(number("memoryReservation", memory, 4)?);
    }
    Ok(())
}
