//! The seam to the data plane: what it is to do, and what it knows.
//!
//! Both go as a whole: a configuration with its generation one way, the health of all targets the other. In one
//! process they are handed over as they are; over a wire they would be the same.

use std::sync::Arc;

use gantry_base::{AccountId, Arn, Authority, Region};
use gantry_elb_core::configuration::{Configuration, Known};
use gantry_elb_core::name::Named;
use gantry_service::Failure;
use gantry_store::{Key, StoreError};
use tokio::sync::watch;

use crate::Elb;
use crate::tables::target::target_key;
use crate::tables::{HEALTH, TARGETS};

/// What the data plane is handed. Cheap to clone.
#[derive(Clone)]
pub struct DataPlane(watch::Sender<Arc<Configuration>>);

impl Default for DataPlane {
    fn default() -> Self {
        DataPlane(watch::Sender::new(Arc::default()))
    }
}

impl DataPlane {
    /// The newest configuration; changes with each generation. Generation 0 is none yet.
    pub fn configuration(&self) -> watch::Receiver<Arc<Configuration>> {
        self.0.subscribe()
    }

    /// Hands over what is to be, under a new generation, if it differs.
    pub(crate) fn hand_over(&self, mut wanted: Configuration) {
        self.0.send_if_modified(|now| {
            wanted.generation = now.generation;
            let same = now.generation > 0
                && now.load_balancers == wanted.load_balancers
                && now.target_groups == wanted.target_groups;
            if !same {
                wanted.generation += 1;
                *now = Arc::new(std::mem::take(&mut wanted));
            }
            !same
        });
    }
}

/// The right of the data plane to say what it knows of targets.
struct Reporter;

impl Authority for Reporter {
    fn describe(&self) -> String {
        "the load balancers' data plane".to_owned()
    }
}

impl Elb {
    /// Keeps what the data plane knows of its targets: what differs from what is kept, in one transaction.
    pub async fn report(&self, known: &Known) -> Result<(), Failure> {
        const ATTEMPTS: u32 = 16;
        for _ in 0..ATTEMPTS {
            match self.keep(known).await {
                Err(StoreError::Conflict) => {}
                other => return other.map_err(Failure::from),
            }
        }
        Err(Failure::internal("a report of targets' health lost all races"))
    }

    async fn keep(&self, known: &Known) -> Result<(), StoreError> {
        let keys: Vec<(Key, &_)> = known
            .iter()
            .filter_map(|(target, health)| {
                let (account, region, id) = group(&target.group)?;
                Some((target_key(account, &region, &id, &target.id, target.port), health))
            })
            .collect();
        let names: Vec<Key> = keys.iter().map(|(key, _)| key.clone()).collect();
        let mut tx = self.db.begin();
        let targets = tx.peek_many(&TARGETS, &names).await?;
        let kept = tx.peek_many(&HEALTH, &names).await?;
        for (((key, health), target), kept) in keys.iter().zip(targets).zip(kept) {
            // What was deregistered meanwhile has no health.
            if target.is_some() && kept.as_ref() != Some(*health) {
                tx.put(&HEALTH, key, *health);
            }
        }
        tx.commit(&Reporter).await.map(drop)
    }
}

fn group(arn: &str) -> Option<(AccountId, Region, String)> {
    let arn: Arn = arn.parse().ok()?;
    let Some(Named::TargetGroup { id, .. }) = Named::parse(arn.resource()) else { return None };
    Some((arn.account().parse().ok()?, arn.region().parse().ok()?, id.to_owned()))
}
