//! A service, its deployments, revisions and task sets as AWS shows them.

use gantry_api_ecs as api;
use gantry_ecs_core::TaskStatus;
use gantry_ecs_core::service::shift::{Stage, source};
use gantry_ecs_core::service::{Roll, Rollout};
use gantry_service::Failure;
use gantry_wire::from_json;
use serde_json::Value;

use super::service_deployment::configuration;
use crate::ops::shared;
use crate::tables::cluster::StrategyItem;
use crate::tables::service::{
    Controller, Deployment, LoadBalancer, Offered, Registry, Revision, Service, ServiceName, TaskSet,
};
use crate::tables::task::{LaunchType, Task};

/// The platform that Fargate's tasks get by `LATEST`.
const PLATFORM: &str = "1.4.0";

/// How many of these tasks run, and how many are on their way.
pub(crate) fn count<'a>(tasks: impl Iterator<Item = &'a Task>) -> (i32, i32) {
    let (mut running, mut pending) = (0, 0);
    for task in tasks {
        match task.life.status() {
            TaskStatus::Running => running += 1,
            TaskStatus::Provisioning | TaskStatus::Pending | TaskStatus::Activating => pending += 1,
            TaskStatus::Deactivating
            | TaskStatus::Stopping
            | TaskStatus::Deprovisioning
            | TaskStatus::Stopped => {}
        }
    }
    (running, pending)
}

pub(super) fn documents<T: gantry_wire::Take + gantry_wire::Shape>(
    document: &Value,
) -> Result<Vec<T>, Failure> {
    match document {
        Value::Array(all) => all.iter().map(from_json).collect::<Result<_, _>>().map_err(Failure::internal),
        _ => Ok(Vec::new()),
    }
}

pub(crate) fn providers(items: &[StrategyItem]) -> Vec<api::CapacityProviderStrategyItem> {
    let one = |item: &StrategyItem| api::CapacityProviderStrategyItem {
        capacity_provider: item.provider.clone(),
        weight: Some(item.weight as i32),
        base: Some(item.base as i32),
    };
    items.iter().map(one).collect()
}

pub(crate) fn network(revision: &Revision) -> Option<api::NetworkConfiguration> {
    let network = revision.network.as_ref()?;
    Some(api::NetworkConfiguration {
        awsvpc_configuration: Some(api::AwsVpcConfiguration {
            subnets: network.subnets.clone(),
            security_groups: Some(revision.given_groups.clone()),
            assign_public_ip: Some(if network.public_ip { "ENABLED" } else { "DISABLED" }.to_owned()),
        }),
    })
}

pub(crate) fn load_balancers(all: &[LoadBalancer]) -> Vec<api::LoadBalancer> {
    let one = |one: &LoadBalancer| api::LoadBalancer {
        target_group_arn: Some(one.target_group.clone()),
        container_name: Some(one.container.clone()),
        container_port: Some(one.port.into()),
        advanced_configuration: one.advanced.as_ref().map(|advanced| api::AdvancedConfiguration {
            alternate_target_group_arn: Some(advanced.alternate.clone()),
            production_listener_rule: Some(advanced.production_rule.clone()),
            test_listener_rule: advanced.test_rule.clone(),
            role_arn: Some(advanced.role.clone()),
        }),
        ..Default::default()
    };
    all.iter().map(one).collect()
}

pub(crate) fn registries(all: &[Registry]) -> Vec<api::ServiceRegistry> {
    let one = |one: &Registry| api::ServiceRegistry {
        registry_arn: Some(one.arn.clone()),
        port: one.port.map(i32::from),
        container_name: one.container.clone(),
        container_port: one.container_port.map(i32::from),
    };
    all.iter().map(one).collect()
}

/// A revision's Service Connect as it was configured.
pub(crate) fn connect(revision: &Revision) -> Result<Option<api::ServiceConnectConfiguration>, Failure> {
    let document = revision.connect.as_ref().map(|connect| &connect.document);
    document.map(from_json).transpose().map_err(Failure::internal)
}

/// The services of Cloud Map that were made for a revision's Service Connect.
fn connected(revision: &Revision) -> Option<Vec<api::ServiceConnectServiceResource>> {
    let connect = revision.connect.as_ref()?;
    let resource = |one: &Offered| api::ServiceConnectServiceResource {
        discovery_name: Some(one.discovery_name.clone()),
        discovery_arn: Some(one.registry.clone()),
    };
    Some(connect.services.iter().map(resource).collect())
}

/// What a revision says of its launch: the type, or the strategy.
struct Launch {
    launch_type: Option<String>,
    strategy: Option<Vec<api::CapacityProviderStrategyItem>>,
    platform_version: Option<String>,
    platform_family: Option<String>,
}

impl Launch {
    fn of(revision: &Revision) -> Launch {
        let by_provider = !revision.providers.is_empty();
        let fargate = revision.launch == LaunchType::Fargate;
        Launch {
            launch_type: (!by_provider).then(|| revision.launch.as_str().to_owned()),
            strategy: by_provider.then(|| providers(&revision.providers)),
            platform_version: revision.platform_version.clone(),
            platform_family: fargate.then(|| "Linux".to_owned()),
        }
    }

    /// With the version that tasks really get.
    fn resolved(mut self) -> Launch {
        if self.platform_version.as_deref() == Some("LATEST") {
            self.platform_version = Some(PLATFORM.to_owned());
        }
        self
    }
}

fn definition_arn(name: &ServiceName, revision: &Revision) -> String {
    name.place.task_definition_arn(&revision.family, revision.revision).to_string()
}

/// How many tasks the deployment of that place in the list shall have: while traffic moves or nothing has begun yet,
/// those that serve too.
pub(super) fn requested(row: &Service, at: usize) -> i32 {
    let primary = row.deployments.first();
    let shift = primary.and_then(|one| one.shift.as_ref());
    let held = primary.and_then(|one| one.roll.as_ref()).is_some_and(Roll::is_held);
    let serves = || {
        let others = row.deployments.iter().skip(1).map(|one| (one.proven, one.production));
        source(others) == at.checked_sub(1)
    };
    let wants = match (at, shift) {
        (0, None) => !held,
        (0, Some(shift)) => shift.stage >= Stage::ScaleUp,
        (_, None) => held && serves(),
        (_, Some(shift)) => shift.stage < Stage::CleanUp && serves(),
    };
    if wants { row.desired_count as i32 } else { 0 }
}

fn deployment(
    row: &Service,
    at: usize,
    one: &Deployment,
    tasks: &[Task],
) -> Result<api::Deployment, Failure> {
    let (running, pending) =
        count(tasks.iter().filter(|task| task.started_by.as_deref() == Some(one.id.as_str())));
    let launch = Launch::of(&one.revision).resolved();
    Ok(api::Deployment {
        id: Some(one.id.clone()),
        status: Some(if at == 0 { "PRIMARY" } else { "ACTIVE" }.to_owned()),
        task_definition: Some(definition_arn(&row.name, &one.revision)),
        desired_count: Some(requested(row, at)),
        pending_count: Some(pending),
        running_count: Some(running),
        failed_tasks: Some(i32::try_from(one.failed).unwrap_or(i32::MAX)),
        created_at: Some(one.created_at),
        updated_at: Some(one.updated_at),
        capacity_provider_strategy: launch.strategy,
        launch_type: launch.launch_type,
        platform_version: launch.platform_version,
        platform_family: launch.platform_family,
        network_configuration: network(&one.revision),
        rollout_state: Some(one.rollout.as_str().to_owned()),
        rollout_state_reason: Some(one.rollout_reason.clone()),
        service_connect_configuration: connect(&one.revision)?,
        service_connect_resources: connected(&one.revision),
        ..Default::default()
    })
}

/// The service's shape, with its tasks that have not ended; tags only where they were asked for.
pub(crate) fn answer(row: &Service, tasks: &[Task], with_tags: bool) -> Result<api::Service, Failure> {
    let (running, pending) = count(tasks.iter());
    let revision = row.revision.as_ref();
    let launch = revision.map(Launch::of);
    let launch = launch.unwrap_or(Launch {
        launch_type: None,
        strategy: None,
        platform_version: None,
        platform_family: None,
    });
    let external = row.controller == Controller::External;
    let current = row.deployments.first();
    let summary = |at: usize, one: &Deployment| {
        let (running, pending) =
            count(tasks.iter().filter(|task| task.started_by.as_deref() == Some(one.id.as_str())));
        api::ServiceCurrentRevisionSummary {
            arn: Some(row.name.revision_arn(&one.revision.id).to_string()),
            requested_task_count: Some(requested(row, at)),
            running_task_count: Some(running),
            pending_task_count: Some(pending),
        }
    };
    let rolling = current.filter(|one| one.rollout == Rollout::InProgress);
    let events = row.events.iter().map(|event| api::ServiceEvent {
        id: Some(event.id.clone()),
        created_at: Some(event.at),
        message: Some(event.message.clone()),
    });
    let sets = row.task_sets.iter().map(|set| task_set(row, set, tasks, with_tags));
    let deployments = row.deployments.iter().enumerate();
    Ok(api::Service {
        service_arn: Some(row.name.arn().to_string()),
        service_name: Some(row.name.name.clone()),
        cluster_arn: Some(row.name.place.cluster_arn(&row.name.cluster).to_string()),
        load_balancers: Some(load_balancers(revision.map_or(&[][..], |one| &one.load_balancers))),
        service_registries: Some(registries(revision.map_or(&[][..], |one| &one.registries))),
        status: Some(row.status.as_str().to_owned()),
        desired_count: Some(row.desired_count as i32),
        running_count: Some(running),
        pending_count: Some(pending),
        launch_type: launch.launch_type,
        capacity_provider_strategy: launch.strategy,
        platform_version: launch.platform_version,
        platform_family: launch.platform_family,
        task_definition: revision.map(|one| definition_arn(&row.name, one)),
        deployment_configuration: Some(configuration(&row.configuration)?),
        task_sets: external.then(|| sets.collect()),
        deployments: Some(
            deployments.clone().map(|(at, one)| deployment(row, at, one, tasks)).collect::<Result<_, _>>()?,
        ),
        role_arn: Some(format!(
            "arn:{}:iam::{}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
            row.name.place.region.partition(),
            row.name.place.account
        )),
        events: Some(events.collect()),
        created_at: Some(row.created_at),
        current_service_deployment: rolling
            .map(|one| row.name.deployment_arn(&one.service_deployment).to_string()),
        current_service_revisions: Some(deployments.map(|(at, one)| summary(at, one)).collect()),
        placement_constraints: Some(documents(&row.placement_constraints)?),
        placement_strategy: Some(documents(&row.placement_strategy)?),
        network_configuration: revision.and_then(network),
        health_check_grace_period_seconds: match row.grace_seconds {
            Some(seconds) => Some(seconds as i32),
            None => (!external).then_some(0),
        },
        scheduling_strategy: Some(row.scheduling.as_str().to_owned()),
        deployment_controller: Some(api::DeploymentController { r#type: row.controller.as_str().to_owned() }),
        tags: with_tags.then(|| shared::api_tags(&row.tags)),
        created_by: Some(row.created_by.clone()),
        enable_ecs_managed_tags: Some(row.managed_tags),
        propagate_tags: Some(row.propagate_tags.clone()),
        enable_execute_command: Some(row.exec),
        availability_zone_rebalancing: Some(
            if row.zone_rebalancing { "ENABLED" } else { "DISABLED" }.to_owned(),
        ),
        resource_management_type: Some("CUSTOMER".to_owned()),
    })
}

/// How many tasks a task set shall have.
pub(crate) fn computed_count(row: &Service, set: &TaskSet) -> u32 {
    if set.draining {
        return 0;
    }
    (f64::from(row.desired_count) * set.percent / 100.0).ceil() as u32
}

/// A task set's shape.
pub(crate) fn task_set(row: &Service, set: &TaskSet, tasks: &[Task], with_tags: bool) -> api::TaskSet {
    let (running, pending) =
        count(tasks.iter().filter(|task| task.started_by.as_deref() == Some(set.id.as_str())));
    let launch = Launch::of(&set.revision).resolved();
    let status = match (set.draining, set.primary) {
        (true, _) => "DRAINING",
        (false, true) => "PRIMARY",
        (false, false) => "ACTIVE",
    };
    api::TaskSet {
        id: Some(set.id.clone()),
        task_set_arn: Some(row.name.task_set_arn(&set.id).to_string()),
        service_arn: Some(row.name.arn().to_string()),
        cluster_arn: Some(row.name.place.cluster_arn(&row.name.cluster).to_string()),
        started_by: None,
        external_id: set.external_id.clone(),
        status: Some(status.to_owned()),
        task_definition: Some(definition_arn(&row.name, &set.revision)),
        computed_desired_count: Some(computed_count(row, set) as i32),
        pending_count: Some(pending),
        running_count: Some(running),
        created_at: Some(set.created_at),
        updated_at: Some(set.updated_at),
        launch_type: launch.launch_type,
        capacity_provider_strategy: launch.strategy,
        platform_version: launch.platform_version,
        platform_family: launch.platform_family,
        network_configuration: network(&set.revision),
        load_balancers: Some(load_balancers(&set.revision.load_balancers)),
        service_registries: Some(registries(&set.revision.registries)),
        scale: Some(api::Scale { value: Some(set.percent), unit: Some("PERCENT".to_owned()) }),
        stability_status: Some(if set.steady { "STEADY_STATE" } else { "STABILIZING" }.to_owned()),
        stability_status_at: Some(set.steady_at),
        tags: Some(if with_tags { shared::api_tags(&set.tags) } else { Vec::new() }),
        fargate_ephemeral_storage: None,
    }
}

/// A revision's shape.
pub(crate) fn revision(name: &ServiceName, row: &Revision) -> Result<api::ServiceRevision, Failure> {
    let launch = Launch::of(row).resolved();
    let image = |(container, image): &(String, String)| api::ContainerImage {
        container_name: Some(container.clone()),
        image_digest: None,
        image: Some(image.clone()),
    };
    Ok(api::ServiceRevision {
        service_revision_arn: Some(name.revision_arn(&row.id).to_string()),
        service_arn: Some(name.arn().to_string()),
        cluster_arn: Some(name.place.cluster_arn(&name.cluster).to_string()),
        task_definition: Some(definition_arn(name, row)),
        capacity_provider_strategy: launch.strategy,
        launch_type: launch.launch_type,
        platform_version: launch.platform_version,
        platform_family: launch.platform_family,
        load_balancers: Some(load_balancers(&row.load_balancers)),
        service_registries: Some(registries(&row.registries)),
        network_configuration: network(row),
        container_images: Some(row.images.iter().map(image).collect()),
        guard_duty_enabled: Some(false),
        service_connect_configuration: connect(row)?,
        created_at: Some(row.created_at),
        resolved_configuration: (!row.load_balancers.is_empty()).then(|| resolved(row)),
        ..Default::default()
    })
}

/// The target groups and rules that it really uses.
fn resolved(row: &Revision) -> api::ResolvedConfiguration {
    let one = |(at, one): (usize, &LoadBalancer)| api::ServiceRevisionLoadBalancer {
        target_group_arn: row.group(at).map(str::to_owned),
        production_listener_rule: one.advanced.as_ref().map(|advanced| advanced.production_rule.clone()),
    };
    api::ResolvedConfiguration {
        load_balancers: Some(row.load_balancers.iter().enumerate().map(one).collect()),
        ..Default::default()
    }
}
