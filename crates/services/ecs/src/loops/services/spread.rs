//! New tasks with interfaces of their own are spread over the zones of their subnets from the start.

use std::collections::HashMap;

use gantry_base::Timestamp;
use gantry_ecs_core::DesiredStatus;

use super::members::Members;
use super::rebalancing;
use crate::Ecs;
use crate::error::EcsError;
use crate::tables::service::Service;
use crate::tables::task::NetworkRequest;

/// How many tasks of a deployment each zone has.
#[derive(Default)]
pub(super) struct Zones {
    /// The zone of each subnet; nothing where there is no choice.
    of: HashMap<String, String>,
    counts: HashMap<String, usize>,
}

impl Zones {
    /// As they are now.
    pub(super) async fn now(
        ecs: &Ecs,
        row: &Service,
        members: &Members,
        deployment: &str,
        network: &NetworkRequest,
        now: Timestamp,
    ) -> Result<Zones, EcsError> {
        let subnets = rebalancing::subnets(ecs, row, &network.subnets, now).await?;
        let mut zones = Zones {
            of: subnets.into_iter().map(|(zone, subnet)| (subnet, zone)).collect(),
            counts: HashMap::new(),
        };
        let own = members.all.iter().filter(|member| member.row.deployment == deployment);
        let live = own
            .filter_map(|member| member.task.as_ref())
            .filter(|task| !task.life.is_stopped() && task.life.desired() == DesiredStatus::Running);
        for task in live {
            let first = task.network.as_ref().and_then(|network| network.subnets.first());
            let zone = task.zone.clone().or_else(|| zones.of.get(first?).cloned());
            if let Some(zone) = zone {
                *zones.counts.entry(zone).or_default() += 1;
            }
        }
        Ok(zones)
    }

    /// Has a new task begin with a subnet of the zone that has the fewest; the zone, where there is a choice.
    pub(super) fn place(&mut self, network: &mut NetworkRequest) -> Option<String> {
        let Zones { of, counts } = self;
        let zone = |subnet: &String| of.get(subnet);
        network
            .subnets
            .sort_by_key(|subnet| zone(subnet).and_then(|zone| counts.get(zone)).copied().unwrap_or(0));
        let first = network.subnets.first().and_then(zone)?;
        *counts.entry(first.clone()).or_default() += 1;
        Some(first.clone())
    }
}
