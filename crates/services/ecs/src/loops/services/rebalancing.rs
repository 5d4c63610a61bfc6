//! Tasks that move between availability zones: where they may be, and what users are told.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/track-service-rebalancing.html>

use std::collections::BTreeSet;

use gantry_api_ec2 as ec2;
use gantry_base::Timestamp;
use gantry_ecs_core::service::{Rebalancing, Rollout};
use gantry_service::Failure;

use super::tell;
use crate::Ecs;
use crate::error::EcsError;
use crate::tables::container_instance::{ContainerInstance, Status as InstanceStatus};
use crate::tables::service::{Controller, Scheduling, Service, Status};

/// The attribute of a container instance that says its zone.
pub(super) const ZONE: &str = "ecs.availability-zone";

/// What decides whether tasks are moved between zones; none where they are not.
pub(super) async fn of(
    ecs: &Ecs,
    row: &Service,
    instances: &[ContainerInstance],
    now: Timestamp,
) -> Result<Option<Rebalancing>, EcsError> {
    let wanted = row.zone_rebalancing
        && row.status == Status::Active
        && row.controller == Controller::Ecs
        && row.scheduling == Scheduling::Replica;
    let Some(primary) = row.deployments.first().filter(|_| wanted) else { return Ok(None) };
    let calm = primary.rollout == Rollout::Completed && row.deployments.len() == 1 && row.desired_count > 1;
    if !calm && !row.rebalances {
        return Ok(None);
    }
    let zones = match &primary.revision.network {
        Some(network) => {
            subnets(ecs, row, &network.subnets, now).await?.into_iter().map(|(zone, _)| zone).collect()
        }
        None => instances
            .iter()
            .filter(|one| one.status == InstanceStatus::Active)
            .filter_map(|one| one.attributes.get(ZONE).cloned())
            .collect::<BTreeSet<String>>(),
    };
    Ok(Some(Rebalancing { zones: zones.into_iter().collect(), moving: row.rebalances }))
}

/// The subnets that are there, each with its zone.
pub(super) async fn subnets(
    ecs: &Ecs,
    row: &Service,
    ids: &[String],
    now: Timestamp,
) -> Result<Vec<(String, String)>, EcsError> {
    if ids.len() < 2 {
        return Ok(Vec::new());
    }
    let cx = ecs.as_service(&row.name.place, now);
    let input = ec2::DescribeSubnetsRequest { subnet_ids: Some(ids.to_vec()), ..Default::default() };
    let found = match ecs.siblings.call::<ec2::DescribeSubnets>(&cx, input).await {
        Ok(found) => found.subnets.unwrap_or_default(),
        // One is gone: nothing is moved until the service names others.
        Err(Failure::Answer(_)) => Vec::new(),
        Err(failure) => return Err(failure.into()),
    };
    let zone = |one: ec2::Subnet| Some((one.availability_zone?, one.subnet_id?));
    Ok(found.into_iter().filter_map(zone).collect())
}

/// Tells of it.
pub(super) fn note(ecs: &Ecs, row: &mut Service, begins: bool, zones: &[(String, u32)], now: Timestamp) {
    row.rebalances = begins;
    let each: Vec<String> = zones.iter().map(|(zone, count)| format!("{count} tasks in {zone}")).collect();
    let counts = match each.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{}, and {last}", before.join(", ")),
        _ => each.join(""),
    };
    let fewest = zones.iter().map(|(_, count)| *count).min().unwrap_or(0);
    let most = zones.iter().map(|(_, count)| *count).max().unwrap_or(0);
    let what = match (begins, most.saturating_sub(fewest) < 2) {
        (true, _) => format!("is not AZ balanced with {counts}. AZ Rebalancing in progress."),
        (false, true) => format!("is AZ balanced with {counts}."),
        (false, false) => "stopped AZ Rebalancing.".to_owned(),
    };
    tell(ecs, row, now, &what);
}
