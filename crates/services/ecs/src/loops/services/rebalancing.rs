//! Tasks that move between availability zones: where they may be, and what users are told.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/track-service-rebalancing.html>

use std::collections::BTreeSet;

use gantry_api_ec2 as ec2;
use gantry_base::Timestamp;
use gantry_ecs_core::service::{Rebalancing, Rollout, Turn};
use gantry_service::Failure;
use gantry_store::{Key, StoreError, Tx, key};

use super::members::Members;
use super::tell;
use crate::Ecs;
use crate::error::EcsError;
pub(super) use crate::members::ZONE;
use crate::members::zone_of;
use crate::tables::container_instance::{ContainerInstance, Status as InstanceStatus};
use crate::tables::node::NODES;
use crate::tables::service::{Controller, Scheduling, Service, Status};
use crate::tables::task::LaunchType;

/// What decides whether tasks are moved between zones; none where they are not.
pub(super) async fn of(
    ecs: &Ecs,
    tx: &mut Tx,
    row: &Service,
    members: &Members,
    now: Timestamp,
) -> Result<Option<Rebalancing>, EcsError> {
    // As in AWS, whoever says by a constraint in which zones tasks are has chosen.
    let chosen = row.member_of.iter().any(|one| one.contains(ZONE)) || members.bound_to_zones;
    let wanted = row.zone_rebalancing
        && !chosen
        && row.status == Status::Active
        && row.controller == Controller::Ecs
        && row.scheduling == Scheduling::Replica;
    let Some(primary) = row.deployments.first().filter(|_| wanted) else { return Ok(None) };
    let calm = primary.rollout == Rollout::Completed && row.deployments.len() == 1 && row.desired_count > 1;
    if !calm && !row.rebalances {
        return Ok(None);
    }
    let mut zones = BTreeSet::new();
    if let Some(network) = &primary.revision.network {
        let found = subnets(ecs, row, &network.subnets, now).await?;
        zones = found.into_iter().map(|(zone, _)| zone).collect();
    }
    if primary.revision.launch != LaunchType::Fargate {
        // A task is in its instance's zone.
        let there = of_instances(tx, row, &members.instances).await?;
        match primary.revision.network {
            Some(_) => zones.retain(|zone| there.contains(zone)),
            None => zones = there,
        }
    }
    Ok(Some(Rebalancing { zones: zones.into_iter().collect(), moving: row.rebalances }))
}

/// The zones in which there are active container instances.
async fn of_instances(
    tx: &mut Tx,
    row: &Service,
    instances: &[ContainerInstance],
) -> Result<BTreeSet<String>, StoreError> {
    let active = instances.iter().filter(|one| one.status == InstanceStatus::Active);
    let keys: Vec<Key> = active.filter_map(|one| one.node.as_ref()).map(|node| key!(node)).collect();
    let nodes = tx.peek_many(&NODES, &keys).await?;
    Ok(nodes.iter().flatten().map(|node| zone_of(&row.name.place, node)).collect())
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
pub(super) fn note(ecs: &Ecs, row: &mut Service, turn: Turn, zones: &[(String, u32)], now: Timestamp) {
    row.rebalances = turn == Turn::Begins;
    let each: Vec<String> = zones.iter().map(|(zone, count)| format!("{count} tasks in {zone}")).collect();
    let counts = match each.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{}, and {last}", before.join(", ")),
        _ => each.join(""),
    };
    let what = match turn {
        Turn::Begins => format!("is not AZ balanced with {counts}. AZ Rebalancing in progress."),
        Turn::Balanced => format!("is AZ balanced with {counts}."),
        Turn::Interrupted => "stopped AZ Rebalancing.".to_owned(),
    };
    tell(ecs, row, now, &what);
}
