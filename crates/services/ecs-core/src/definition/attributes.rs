//! `requiresAttributes`: what a container instance must be able to do, in the names of the ECS agent.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement-constraints.html#attributes>

use std::collections::BTreeSet;

use crate::spec::{ContainerSpec, NetworkMode, PidMode, TaskSpec, VolumeSource};

const DOCKER_1_17: &str = "com.amazonaws.ecs.capability.docker-remote-api.1.17";
const DOCKER_1_18: &str = "com.amazonaws.ecs.capability.docker-remote-api.1.18";
const DOCKER_1_19: &str = "com.amazonaws.ecs.capability.docker-remote-api.1.19";
const DOCKER_1_21: &str = "com.amazonaws.ecs.capability.docker-remote-api.1.21";

/// The attributes that the definition needs, each once, sorted.
pub fn required(spec: &TaskSpec) -> Vec<String> {
    let mut all = BTreeSet::new();
    let mut need = |name: &str| {
        all.insert(name.to_owned());
    };
    if spec.network_mode == NetworkMode::Awsvpc {
        need("ecs.capability.task-eni");
    }
    if spec.task_role.is_some() {
        match spec.network_mode {
            NetworkMode::Host => need("com.amazonaws.ecs.capability.task-iam-role-network-host"),
            _ => need("com.amazonaws.ecs.capability.task-iam-role"),
        }
    }
    if spec.cpu_units.is_some() || spec.memory_mib.is_some() {
        need("ecs.capability.task-cpu-mem-limit");
    }
    if spec.pid_mode != PidMode::Private || spec.ipc_mode != crate::spec::IpcMode::Default {
        need("ecs.capability.pid-ipc-namespace-sharing");
    }
    if spec.volumes.iter().any(|one| matches!(one.source, VolumeSource::Docker { .. })) {
        need("ecs.capability.docker-plugin.local");
    }
    for volume in &spec.volumes {
        if let VolumeSource::Efs { access_point, iam, .. } = &volume.source {
            need("ecs.capability.efs");
            if access_point.is_some() || *iam {
                need("ecs.capability.efsAuth");
            }
        }
    }
    for container in &spec.containers {
        of_container(container, spec.execution_role.is_some(), &mut need);
    }
    all.into_iter().collect()
}

fn of_container(container: &ContainerSpec, has_execution_role: bool, need: &mut impl FnMut(&str)) {
    if crate::image::looks_like_ecr(&container.image) {
        need("com.amazonaws.ecs.capability.ecr-auth");
        need(DOCKER_1_19);
        if has_execution_role {
            need("ecs.capability.execution-role-ecr-pull");
        }
    }
    if let Some(log) = &container.log {
        need(&format!("com.amazonaws.ecs.capability.logging-driver.{}", log.driver));
        need(if log.driver == "json-file" { DOCKER_1_18 } else { DOCKER_1_19 });
        if log.driver == "awslogs" && has_execution_role {
            need("ecs.capability.execution-role-awslogs");
        }
    }
    if container.repository_credentials.is_some() {
        need("ecs.capability.private-registry-authentication.secretsmanager");
    }
    if !container.environment_files.is_empty() {
        need("ecs.capability.env-files.s3");
    }
    if container.security_options.apparmor.is_some() {
        need("com.amazonaws.ecs.capability.apparmor");
    }
    if !container.security_options.labels.is_empty() {
        need("com.amazonaws.ecs.capability.selinux");
    }
    if container.restart.is_some() {
        need("ecs.capability.container-restart-policy");
    }
    if container.port_mappings.iter().any(|one| one.range_end.is_some()) {
        need("ecs.capability.container-port-range");
    }
    if container.log.as_ref().is_some_and(|log| !log.secret_options.is_empty()) {
        need("ecs.capability.secrets.asm.bootstrap.log-driver");
    }
    for (_, from) in &container.secrets {
        if from.contains(":secretsmanager:") {
            need("ecs.capability.secrets.asm.environment-variables");
        } else {
            need("ecs.capability.secrets.ssm.environment-variables");
        }
    }
    if container.health_check.is_some() {
        need("ecs.capability.container-health-check");
    }
    if !container.depends_on.is_empty() {
        need("ecs.capability.container-ordering");
    }
    if container.memory_reservation_mib.is_some() {
        need(DOCKER_1_21);
    }
    if container.privileged {
        need("com.amazonaws.ecs.capability.privileged-container");
    }
    if container.readonly_root_filesystem
        || !container.environment.is_empty()
        || !container.port_mappings.is_empty()
    {
        need(DOCKER_1_17);
    }
    if !container.ulimits.is_empty() {
        need(DOCKER_1_18);
    }
}
