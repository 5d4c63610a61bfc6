//! A cluster as AWS shows it.

use gantry_api_ecs as api;
use gantry_service::Failure;
use gantry_wire::from_json;
use serde_json::Value;

use crate::names::Place;
use crate::ops::shared;
use crate::tables::cluster::Cluster;
use crate::tables::task::LaunchType;

/// What DescribeClusters was asked to show beside the rest.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Include {
    pub tags: bool,
    pub settings: bool,
    pub configurations: bool,
    pub statistics: bool,
    pub attachments: bool,
}

impl Include {
    /// By AWS's names.
    pub(crate) fn of(names: &[String]) -> Include {
        let has = |name: &str| names.iter().any(|one| one == name);
        Include {
            tags: has("TAGS"),
            settings: has("SETTINGS"),
            configurations: has("CONFIGURATIONS"),
            statistics: has("STATISTICS"),
            attachments: has("ATTACHMENTS"),
        }
    }
}

/// How many container instances a cluster has, and tasks and services by launch type.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counts {
    pub instances: i32,
    running: [i32; 3],
    pending: [i32; 3],
    active_services: [i32; 3],
    draining_services: [i32; 3],
}

impl Counts {
    pub(crate) fn running(&mut self, launch: LaunchType) {
        self.running[launch as usize] += 1;
    }
    pub(crate) fn active_service(&mut self, launch: LaunchType) {
        self.active_services[launch as usize] += 1;
    }
    pub(crate) fn draining_service(&mut self, launch: LaunchType) {
        self.draining_services[launch as usize] += 1;
    }
    pub(crate) fn pending(&mut self, launch: LaunchType) {
        self.pending[launch as usize] += 1;
    }
}

/// Whether it is one of the providers that AWS has in every account.
pub(crate) fn is_fargate(provider: &str) -> bool {
    provider == "FARGATE" || provider == "FARGATE_SPOT"
}

/// What AWS shows where nothing is set.
fn default_setting() -> api::ClusterSetting {
    api::ClusterSetting { name: Some("containerInsights".to_owned()), value: Some("disabled".to_owned()) }
}

/// The cluster's shape.
pub(crate) fn answer(
    place: &Place,
    cluster: &Cluster,
    counts: Counts,
    include: &Include,
) -> Result<api::Cluster, Failure> {
    let strategy = cluster.default_strategy.iter().map(|item| api::CapacityProviderStrategyItem {
        capacity_provider: item.provider.clone(),
        weight: Some(item.weight as i32),
        base: Some(item.base as i32),
    });
    let settings = match &cluster.settings {
        Value::Array(all) => {
            all.iter().map(from_json).collect::<Result<_, _>>().map_err(Failure::internal)?
        }
        _ => Vec::new(),
    };
    let settings = if settings.is_empty() { vec![default_setting()] } else { settings };
    let configuration = match &cluster.configuration {
        Value::Null => None,
        document => Some(from_json(document).map_err(Failure::internal)?),
    };
    let statistics = [
        ("runningEC2TasksCount", counts.running[0]),
        ("runningFargateTasksCount", counts.running[1]),
        ("pendingEC2TasksCount", counts.pending[0]),
        ("pendingFargateTasksCount", counts.pending[1]),
        ("runningExternalTasksCount", counts.running[2]),
        ("pendingExternalTasksCount", counts.pending[2]),
        // There are no managed instances.
        ("runningManagedInstancesTasksCount", 0),
        ("pendingManagedInstancesTasksCount", 0),
        ("activeEC2ServiceCount", counts.active_services[0]),
        ("activeFargateServiceCount", counts.active_services[1]),
        ("drainingEC2ServiceCount", counts.draining_services[0]),
        ("drainingFargateServiceCount", counts.draining_services[1]),
        ("activeExternalServiceCount", counts.active_services[2]),
        ("drainingExternalServiceCount", counts.draining_services[2]),
        ("activeManagedInstancesServiceCount", 0),
        ("drainingManagedInstancesServiceCount", 0),
    ];
    let pair = |(name, value): (&str, i32)| api::KeyValuePair {
        name: Some(name.to_owned()),
        value: Some(value.to_string()),
    };
    Ok(api::Cluster {
        cluster_arn: Some(place.cluster_arn(&cluster.name).to_string()),
        cluster_name: Some(cluster.name.clone()),
        status: Some(if cluster.active { "ACTIVE" } else { "INACTIVE" }.to_owned()),
        registered_container_instances_count: Some(counts.instances),
        running_tasks_count: Some(counts.running.iter().sum()),
        pending_tasks_count: Some(counts.pending.iter().sum()),
        active_services_count: Some(counts.active_services.iter().sum()),
        statistics: Some(if include.statistics {
            statistics.into_iter().map(pair).collect()
        } else {
            Vec::new()
        }),
        tags: Some(if include.tags { shared::api_tags(&cluster.tags) } else { Vec::new() }),
        settings: Some(if include.settings { settings } else { Vec::new() }),
        configuration: configuration.filter(|_| include.configurations),
        capacity_providers: Some(cluster.capacity_providers.clone()),
        default_capacity_provider_strategy: Some(strategy.collect()),
        // Fargate's providers attach nothing to a cluster.
        attachments: include.attachments.then(Vec::new),
        service_connect_defaults: cluster
            .service_connect_namespace
            .as_ref()
            .map(|name| api::ClusterServiceConnectDefaults { namespace: Some(name.clone()) }),
        ..api::Cluster::default()
    })
}
