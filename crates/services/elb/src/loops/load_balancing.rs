//! The data plane does what the store says, and no target is drained for longer than its group's delay.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;
use gantry_base::Timestamp;
use gantry_reconcile::{Loop, Next, Pass, PassError};
use gantry_store::{Scan, key};

use super::configuration::{World, configuration};
use crate::Elb;
use crate::network;
use crate::tables::{HEALTH, INTERFACES, LISTENERS, LOAD_BALANCERS, RULES, TARGET_GROUPS, TARGETS};

/// The name of the loop and of its wake.
pub(crate) const LOAD_BALANCING: &str = "load_balancing";

/// Hands the data plane its configuration.
pub struct LoadBalancing {
    elb: Elb,
}

impl LoadBalancing {
    /// The loop over this service.
    pub fn new(elb: Elb) -> Self {
        LoadBalancing { elb }
    }

    /// Where the container instances are that are targets.
    async fn instances(&self, world: &World, by: &Pass) -> Result<HashMap<String, IpAddr>, PassError> {
        let groups = world.target_groups.iter().filter(|(_, group)| group.target_type == "instance");
        let places: BTreeSet<_> = groups.map(|(_, group)| (group.account, group.region.clone())).collect();
        let mut all = HashMap::new();
        for (account, region) in places {
            let cx = self.elb.for_itself(account, &region, by.now());
            let found = network::instances(&self.elb, &cx).await;
            let found =
                found.map_err(|failure| format!("container instances can't be listed: {failure:?}"))?;
            all.extend(found.into_iter().map(|one| (one.id, one.address)));
        }
        Ok(all)
    }

    /// Removes targets that are drained; answers when the next one is.
    async fn end_draining(&self, by: &Pass) -> Result<Option<Timestamp>, PassError> {
        let mut tx = self.elb.db.begin();
        let mut next: Option<Timestamp> = None;
        for (key, target) in tx.peek_scan(&TARGETS, &key!(), Scan::all()).await? {
            match target.draining_until {
                Some(until) if until <= by.now() => {
                    tx.delete(&TARGETS, &key);
                    tx.delete(&HEALTH, &key);
                }
                Some(until) => next = Some(next.map_or(until, |next| next.min(until))),
                None => {}
            }
        }
        tx.commit(by).await?;
        Ok(next)
    }
}

#[async_trait]
impl Loop for LoadBalancing {
    fn name(&self) -> &'static str {
        LOAD_BALANCING
    }

    async fn pass(&self, by: &Pass) -> Result<Next, PassError> {
        let next = self.end_draining(by).await?;
        let mut tx = self.elb.db.begin();
        let mut world = World {
            load_balancers: tx.peek_scan(&LOAD_BALANCERS, &key!(), Scan::all()).await?,
            listeners: tx.peek_scan(&LISTENERS, &key!(), Scan::all()).await?,
            rules: tx.peek_scan(&RULES, &key!(), Scan::all()).await?,
            target_groups: tx.peek_scan(&TARGET_GROUPS, &key!(), Scan::all()).await?,
            targets: tx.peek_scan(&TARGETS, &key!(), Scan::all()).await?,
            health: tx.peek_scan(&HEALTH, &key!(), Scan::all()).await?,
            interfaces: tx.peek_scan(&INTERFACES, &key!(), Scan::all()).await?,
            instances: HashMap::new(),
        };
        world.stale().iter().for_each(|key| tx.delete(&HEALTH, key));
        tx.commit(by).await?;
        world.instances = self.instances(&world, by).await?;
        let wanted = configuration(world, &self.elb.domain, &*self.elb.certificates).await;
        let wanted = wanted.map_err(|failure| format!("certificates can't be read: {failure:?}"))?;
        self.elb.data_plane().hand_over(wanted);
        Ok(match next {
            Some(next) => {
                Next::After(next.since(by.now()).clamp(Duration::from_millis(1), Duration::from_secs(3600)))
            }
            None => Next::Wait,
        })
    }
}
