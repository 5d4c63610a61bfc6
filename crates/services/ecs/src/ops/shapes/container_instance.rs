//! A container instance as AWS shows it.

use std::collections::{BTreeMap, HashMap};

use gantry_api_ecs as api;
use gantry_base::Timestamp;
use gantry_ecs_core::TaskStatus;
use gantry_store::{Scan, StoreError, Tx};

use crate::Ecs;
use crate::members::Seen;
use crate::names::Place;
use crate::ops::shared;
use crate::tables::cluster;
use crate::tables::container_instance::{ContainerInstance, Resources};
use crate::tables::task::TASKS;

/// What DescribeContainerInstances was asked to show beside the rest.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Include {
    pub tags: bool,
    pub health: bool,
}

/// Running and pending tasks of each instance of a cluster.
#[derive(Debug, Default)]
pub(crate) struct TaskCounts(HashMap<String, (u32, u32)>);

impl TaskCounts {
    /// Counts the cluster's tasks.
    pub(crate) async fn of(tx: &mut Tx, place: &Place, cluster: &str) -> Result<TaskCounts, StoreError> {
        let mut counts: HashMap<String, (u32, u32)> = HashMap::new();
        for (_, task) in tx.peek_scan(&TASKS, &cluster::key(place, cluster), Scan::all()).await? {
            let Some(instance) = task.instance_id else { continue };
            let (running, pending) = counts.entry(instance).or_default();
            match task.life.status() {
                TaskStatus::Running | TaskStatus::Deactivating => *running += 1,
                TaskStatus::Provisioning | TaskStatus::Pending | TaskStatus::Activating => *pending += 1,
                TaskStatus::Stopping | TaskStatus::Deprovisioning | TaskStatus::Stopped => {}
            }
        }
        Ok(TaskCounts(counts))
    }

    /// Of one instance.
    pub(crate) fn running(&self, instance: &str) -> u32 {
        self.0.get(instance).map_or(0, |(running, _)| *running)
    }

    /// Of one instance.
    pub(crate) fn pending(&self, instance: &str) -> u32 {
        self.0.get(instance).map_or(0, |(_, pending)| *pending)
    }
}

/// The shape of one instance, with what is read for it alone.
pub(crate) async fn show(
    ecs: &Ecs,
    tx: &mut Tx,
    place: &Place,
    instance: ContainerInstance,
    now: Timestamp,
) -> Result<api::ContainerInstance, StoreError> {
    let counts = TaskCounts::of(tx, place, &instance.cluster).await?;
    let seen = Seen::of(ecs, tx, place, instance, now).await?;
    Ok(answer(place, &seen, &counts, Include { tags: true, health: false }))
}

/// The instance's shape.
pub(crate) fn answer(
    place: &Place,
    seen: &Seen,
    counts: &TaskCounts,
    include: Include,
) -> api::ContainerInstance {
    let instance = &seen.instance;
    let text = |value: &String| Some(value.clone()).filter(|value| !value.is_empty());
    api::ContainerInstance {
        container_instance_arn: Some(instance.arn(place).to_string()),
        ec2_instance_id: instance.ec2_instance_id.clone(),
        version: i64::try_from(instance.version).ok(),
        version_info: Some(api::VersionInfo {
            agent_version: text(&seen.agent_version),
            agent_hash: None,
            docker_version: text(&seen.runtime_version),
        }),
        remaining_resources: Some(resources(&seen.remaining)),
        registered_resources: Some(resources(&seen.registered)),
        status: Some(instance.status.as_str().to_owned()),
        agent_connected: Some(seen.connected),
        running_tasks_count: Some(counts.running(&instance.id) as i32),
        pending_tasks_count: Some(counts.pending(&instance.id) as i32),
        attributes: Some(attributes(&seen.attributes).collect()),
        registered_at: Some(instance.registered_at),
        capacity_provider_name: instance.capacity_provider.clone(),
        attachments: Some(Vec::new()),
        tags: Some(if include.tags { shared::api_tags(&instance.tags) } else { Vec::new() }),
        health_status: include.health.then(|| health(seen)),
        ..api::ContainerInstance::default()
    }
}

/// Attributes without a target, as they stand in an instance.
fn attributes(all: &BTreeMap<String, String>) -> impl Iterator<Item = api::Attribute> {
    all.iter().map(|(name, value)| api::Attribute {
        name: name.clone(),
        value: Some(value.clone()).filter(|value| !value.is_empty()),
        ..api::Attribute::default()
    })
}

/// AWS's four resources, each with zeros where another kind of value would stand.
fn resources(all: &Resources) -> Vec<api::Resource> {
    let one = |name: &str, kind: &str| api::Resource {
        name: Some(name.to_owned()),
        r#type: Some(kind.to_owned()),
        double_value: Some(0.0),
        long_value: Some(0),
        integer_value: Some(0),
        string_set_value: None,
    };
    let number = |name: &str, value: u32| api::Resource {
        integer_value: Some(i32::try_from(value).unwrap_or(i32::MAX)),
        ..one(name, "INTEGER")
    };
    let set = |name: &str, ports: &[u16]| api::Resource {
        string_set_value: Some(ports.iter().map(u16::to_string).collect()),
        ..one(name, "STRINGSET")
    };
    vec![
        number("CPU", all.cpu_units),
        number("MEMORY", all.memory_mib),
        set("PORTS", &all.tcp_ports),
        set("PORTS_UDP", &all.udp_ports),
    ]
}

/// A node whose session is open has had its container runtime answer it.
fn health(seen: &Seen) -> api::ContainerInstanceHealthStatus {
    let status = match (seen.connected, seen.last_heard) {
        (true, _) => "OK",
        (false, Some(_)) => "IMPAIRED",
        (false, None) => "INSUFFICIENT_DATA",
    };
    let result = api::InstanceHealthCheckResult {
        r#type: Some("CONTAINER_RUNTIME".to_owned()),
        status: Some(status.to_owned()),
        last_updated: seen.last_heard,
        last_status_change: seen.node.as_ref().map(|node| node.connected_at),
        ..Default::default()
    };
    api::ContainerInstanceHealthStatus {
        overall_status: Some(status.to_owned()),
        details: Some(vec![result]),
    }
}
