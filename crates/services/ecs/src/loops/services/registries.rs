//! Tasks as instances of Cloud Map: registered when they run, told of when their health changes, and deregistered as
//! soon as they are to stop.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::Duration;

use gantry_api_servicediscovery as cloudmap;
use gantry_base::Timestamp;
use gantry_ecs_core::{DesiredStatus, HealthStatus, TaskStatus};
use gantry_service::{Cx, Failure};
use gantry_store::{StoreError, Tx, key};

use super::members::{Member, Members, revision_of};
use super::{LookAgain, targets, tell};
use crate::Ecs;
use crate::error::EcsError;
use crate::tables::node::NODES;
use crate::tables::service::{Registered, Registry, Revision, Service, Status};
use crate::tables::task::{LaunchType, Task};

/// How often a registration is tried again that Cloud Map has refused.
const AGAIN: Duration = Duration::from_secs(10);

/// Registers what runs, tells of health, and deregisters what ends.
pub(super) async fn follow(
    ecs: &Ecs,
    tx: &mut Tx,
    row: &mut Service,
    members: &mut Members,
    next: &mut LookAgain,
    now: Timestamp,
) -> Result<(), EcsError> {
    let with_registries = row.deployments.iter().any(|one| !one.revision.all_registries().is_empty())
        || row.task_sets.iter().any(|one| !one.revision.registries.is_empty())
        || members.all.iter().any(|member| !member.row.registered.is_empty());
    if !with_registries {
        return Ok(());
    }
    let cx = ecs.as_service(&row.name.place, now);
    for at in 0..members.all.len() {
        let wanted = wanted(row, &members.all[at]);
        let has_checks =
            revision_of(row, &members.all[at].row.deployment).is_some_and(|of| members.has_checks(of));
        let member = &mut members.all[at];
        leave(ecs, &cx, member, &wanted).await?;
        let Some(task) = &member.task else { continue };
        let healthy = !has_checks || task.life.health() == HealthStatus::Healthy;
        for registry in &wanted {
            let known = member.row.registered.iter_mut().find(|known| known.registry == registry.arn);
            let refused = match known {
                Some(known) if known.healthy == healthy || !registry.with_health => continue,
                Some(known) => {
                    let refused = say(ecs, &cx, registry, &member.id, healthy).await?;
                    if refused.is_none() {
                        known.healthy = healthy;
                    }
                    refused
                }
                None => match attributes(tx, row, task, registry, healthy).await? {
                    Err(why) => Some(why),
                    Ok(attributes) => {
                        let refused = register(ecs, &cx, registry, &member.id, attributes).await?;
                        if refused.is_none() {
                            member
                                .row
                                .registered
                                .push(Registered { registry: registry.arn.clone(), healthy });
                        }
                        refused
                    }
                },
            };
            if let Some(why) = refused {
                if why.starts_with("InstanceNotFound") {
                    // Somebody else has deregistered it: it is registered anew.
                    member.row.registered.retain(|known| known.registry != registry.arn);
                }
                let what = format!(
                    "failed to register instances in (service-registry {}) with (error {why})",
                    registry.arn
                );
                tell_once(ecs, row, now, &what);
                next.at_most(Some(now + AGAIN));
            }
        }
    }
    if row.status != Status::Active && members.all.iter().all(|member| member.row.registered.is_empty()) {
        forget(ecs, &cx, row).await?;
    }
    Ok(())
}

/// Deletes the services of Cloud Map that were made for Service Connect. One that somebody uses stays.
async fn forget(ecs: &Ecs, cx: &Cx, row: &Service) -> Result<(), EcsError> {
    let connects = row.deployments.iter().filter_map(|one| one.revision.connect.as_ref());
    for offered in connects.flat_map(|connect| &connect.services) {
        let input = cloudmap::DeleteServiceRequest { id: offered.registry.clone() };
        let done = ecs.siblings.call::<cloudmap::DeleteService>(cx, input).await;
        done.map(drop).or_else(|failure| refusal(failure).map(drop))?;
    }
    Ok(())
}

/// The registries that a task shall be in now: none unless it runs and is to go on.
fn wanted(row: &Service, member: &Member) -> Vec<Registry> {
    let runs = member.task.as_ref().is_some_and(|task| {
        task.life.status() == TaskStatus::Running && task.life.desired() == DesiredStatus::Running
    });
    let revision = revision_of(row, &member.row.deployment).filter(|_| runs);
    revision.map(Revision::all_registries).unwrap_or_default()
}

/// Deregisters a task from where it is not to be any more. An instance or a service that is gone is as good.
async fn leave(ecs: &Ecs, cx: &Cx, member: &mut Member, wanted: &[Registry]) -> Result<(), EcsError> {
    let mut kept = Vec::new();
    for registered in std::mem::take(&mut member.row.registered) {
        if wanted.iter().any(|registry| registry.arn == registered.registry) {
            kept.push(registered);
            continue;
        }
        let input = cloudmap::DeregisterInstanceRequest {
            service_id: registered.registry.clone(),
            instance_id: member.id.clone(),
        };
        let done = ecs.siblings.call::<cloudmap::DeregisterInstance>(cx, input).await;
        done.map(drop).or_else(|failure| refusal(failure).map(drop))?;
    }
    member.row.registered = kept;
    Ok(())
}

/// Why Cloud Map refused, if it did.
async fn register(
    ecs: &Ecs,
    cx: &Cx,
    registry: &Registry,
    task_id: &str,
    attributes: BTreeMap<String, String>,
) -> Result<Option<String>, EcsError> {
    let input = cloudmap::RegisterInstanceRequest {
        service_id: registry.arn.clone(),
        instance_id: task_id.to_owned(),
        creator_request_id: Some(task_id.to_owned()),
        attributes,
    };
    match ecs.siblings.call::<cloudmap::RegisterInstance>(cx, input).await {
        Ok(_) => Ok(None),
        Err(failure) => refusal(failure).map(Some),
    }
}

/// Tells Cloud Map how a task is; why it refused, if it did.
async fn say(
    ecs: &Ecs,
    cx: &Cx,
    registry: &Registry,
    task_id: &str,
    healthy: bool,
) -> Result<Option<String>, EcsError> {
    let input = cloudmap::UpdateInstanceCustomHealthStatusRequest {
        service_id: registry.arn.clone(),
        instance_id: task_id.to_owned(),
        status: if healthy { "HEALTHY" } else { "UNHEALTHY" }.to_owned(),
    };
    match ecs.siblings.call::<cloudmap::UpdateInstanceCustomHealthStatus>(cx, input).await {
        Ok(_) => Ok(None),
        Err(failure) => refusal(failure).map(Some),
    }
}

/// A sibling's refusal, for the user; anything else is tried again.
fn refusal(failure: Failure) -> Result<String, EcsError> {
    match failure {
        Failure::Answer(error) => Ok(format!("{}: {}", error.code, error.message)),
        other => Err(other.into()),
    }
}

/// Tells of something that goes on, once.
fn tell_once(ecs: &Ecs, row: &mut Service, now: Timestamp, what: &str) {
    if row.events.first().is_none_or(|event| !event.message.ends_with(what)) {
        tell(ecs, row, now, what);
    }
}

/// What is known of the instance that a task is, as AWS has it; or why it can't be one.
async fn attributes(
    tx: &mut Tx,
    row: &Service,
    task: &Task,
    registry: &Registry,
    healthy: bool,
) -> Result<Result<BTreeMap<String, String>, String>, StoreError> {
    let mut all = BTreeMap::new();
    let mut add = |key: &str, value: &str| {
        all.insert(key.to_owned(), value.to_owned());
    };
    let address = match &task.attachment {
        Some(attachment) => attachment.private_ipv4.clone(),
        None => match address_of_node(tx, task).await? {
            Some(address) => address,
            None => return Ok(Err("the task's node has no address that others reach".to_owned())),
        },
    };
    add("AWS_INSTANCE_IPV4", &address);
    if let Some(port) = port(task, registry) {
        add("AWS_INSTANCE_PORT", &port.to_string());
    }
    if registry.with_health {
        add("AWS_INIT_HEALTH_STATUS", if healthy { "HEALTHY" } else { "UNHEALTHY" });
    }
    if let Some(zone) = &task.zone {
        add("AVAILABILITY_ZONE", zone);
    }
    if let Some(set) = row.task_sets.iter().find(|set| task.started_by.as_deref() == Some(set.id.as_str()))
        && let Some(external_id) = &set.external_id
    {
        add("ECS_TASK_SET_EXTERNAL_ID", external_id);
    }
    if task.launch == LaunchType::Ec2
        && let Some(instance) = &task.instance_id
    {
        add("EC2_INSTANCE_ID", instance);
    }
    add("REGION", row.name.place.region.as_str());
    add("ECS_CLUSTER_NAME", &row.name.cluster);
    add("ECS_SERVICE_NAME", &row.name.name);
    add("ECS_TASK_DEFINITION_FAMILY", &task.family);
    Ok(Ok(all))
}

/// Where a task without an interface of its own is reached: at its node, unless that is known to itself alone.
async fn address_of_node(tx: &mut Tx, task: &Task) -> Result<Option<String>, StoreError> {
    let Some(node) = &task.node else { return Ok(None) };
    let node = tx.peek(&NODES, &key!(node)).await?;
    let address = node.and_then(|node| node.address.parse::<Ipv4Addr>().ok());
    Ok(address.filter(|address| !address.is_loopback() && !address.is_unspecified()).map(|it| it.to_string()))
}

/// The port that a task is found by: the host's where it has been bound to one.
fn port(task: &Task, registry: &Registry) -> Option<u16> {
    let (Some(container), Some(port)) = (&registry.container, registry.container_port) else {
        return registry.port;
    };
    if task.attachment.is_some() {
        return Some(port);
    }
    let bound = targets::port_of_instance(task, container, port);
    Some(bound.unwrap_or(port))
}
