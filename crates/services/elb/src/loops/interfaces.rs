//! Each load balancer has an interface in each of its subnets, in its security groups, and no others.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use async_trait::async_trait;
use gantry_base::AccountId;
use gantry_reconcile::{Loop, Next, Pass, PassError};
use gantry_service::{BLOCKS_WAKE, Failure, NAMES_WAKE};
use gantry_store::{Key, Scan, key};

use super::LOAD_BALANCING;
use crate::Elb;
use crate::interfaces::{blocks, make, remove, set_groups};
use crate::tables::interface::interface_key;
use crate::tables::{INTERFACES, Interface, LOAD_BALANCERS, LoadBalancer, Zone};

/// The name of the loop and of its wake.
pub(crate) const INTERFACES_LOOP: &str = BLOCKS_WAKE;

/// How soon what EC2 refused is tried again: a subnet without a free address may have one then.
const REFUSED: Duration = Duration::from_secs(10);

/// Has EC2 make interfaces and remove them.
pub struct Interfaces {
    elb: Elb,
}

impl Interfaces {
    /// The loop over this service.
    pub fn new(elb: Elb) -> Self {
        Interfaces { elb }
    }

    /// The blocks that the VPCs of load balancers have now.
    async fn blocks(&self, balancers: &[LoadBalancer], by: &Pass) -> Blocks {
        let mut all = Blocks::new();
        for of in balancers {
            if all.contains_key(&vpc(of)) {
                continue;
            }
            let cx = self.elb.for_itself(of.account, &of.region, by.now());
            match blocks(&cx, &of.vpc_id).await {
                Ok(found) => drop(all.insert(vpc(of), found)),
                Err(failure) => {
                    tracing::debug!(vpc = of.vpc_id, ?failure, "the blocks of a VPC can't be asked for");
                }
            }
        }
        all.retain(|_, blocks| !blocks.is_empty());
        all
    }

    /// Writes what EC2 has made or removed.
    async fn note(&self, by: &Pass, key: &Key, interface: Option<&Interface>) -> Result<(), PassError> {
        let mut tx = self.elb.db.begin();
        match interface {
            Some(interface) => tx.put(&INTERFACES, key, interface),
            None => tx.delete(&INTERFACES, key),
        }
        tx.wake(LOAD_BALANCING);
        tx.wake(NAMES_WAKE);
        tx.commit(by).await?;
        Ok(())
    }

    /// Brings one interface to what it is to be. False where EC2 refused.
    async fn settle(&self, by: &Pass, key: &Key, step: Step) -> Result<bool, PassError> {
        let (what, done) = match step {
            Step::Make(of, zone) => {
                let cx = self.elb.for_itself(of.account, &of.region, by.now());
                match make(&cx, &of, &zone).await {
                    Ok(made) => return self.note(by, key, Some(&made)).await.map(|()| true),
                    Err(failure) => ("made", Err(failure)),
                }
            }
            Step::SetGroups(of, mut interface) => {
                let cx = self.elb.for_itself(of.account, &of.region, by.now());
                match set_groups(&cx, &interface.eni_id, &of.security_groups).await {
                    Ok(()) => {
                        interface.security_groups = of.security_groups;
                        return self.note(by, key, Some(&interface)).await.map(|()| true);
                    }
                    Err(failure) => ("given its groups", Err(failure)),
                }
            }
            Step::SetBlocks(interface) => return self.note(by, key, Some(&interface)).await.map(|()| true),
            Step::Remove(interface) => {
                let parts = key.parts();
                let place = parts
                    .first()
                    .and_then(|it| it.parse().ok())
                    .zip(parts.get(1).and_then(|it| it.parse().ok()));
                let Some((account, region)) = place else { return Ok(true) };
                let cx = self.elb.for_itself(account, &region, by.now());
                match remove(&cx, &interface.eni_id).await {
                    Ok(()) => return self.note(by, key, None).await.map(|()| true),
                    Err(failure) => ("removed", Err(failure)),
                }
            }
        };
        match done {
            Err(Failure::Answer(error)) => {
                tracing::warn!(
                    interface = %key, code = %error.code, message = %error.message,
                    "the interface of a load balancer was not {what}"
                );
                Ok(false)
            }
            Err(failure) => {
                Err(format!("the interface of a load balancer was not {what}: {failure:?}").into())
            }
            Ok(()) => Ok(true),
        }
    }
}

fn vpc(of: &LoadBalancer) -> (AccountId, String, String) {
    (of.account, of.region.to_string(), of.vpc_id.clone())
}

/// What is to be done about an interface.
enum Step {
    Make(LoadBalancer, Zone),
    SetGroups(LoadBalancer, Interface),
    /// Its VPC has other blocks by now.
    SetBlocks(Interface),
    Remove(Interface),
}

/// The blocks of VPCs by account, region and id; of those that could be asked for.
type Blocks = BTreeMap<(AccountId, String, String), Vec<String>>;

/// What is to be done, by key.
fn plan(balancers: Vec<LoadBalancer>, there: BTreeMap<Key, Interface>, blocks: &Blocks) -> Vec<(Key, Step)> {
    let mut steps = Vec::new();
    let mut wanted = BTreeSet::new();
    for of in balancers {
        let now = blocks.get(&vpc(&of));
        for zone in &of.zones {
            let key = interface_key(of.account, &of.region, &of.id, &zone.subnet_id);
            match there.get(&key) {
                None => steps.push((key.clone(), Step::Make(of.clone(), zone.clone()))),
                Some(known) if known.security_groups != of.security_groups => {
                    steps.push((key.clone(), Step::SetGroups(of.clone(), known.clone())));
                }
                Some(known) => {
                    if let Some(now) = now.filter(|now| **now != known.vpc_cidrs) {
                        let changed = Interface { vpc_cidrs: now.clone(), ..known.clone() };
                        steps.push((key.clone(), Step::SetBlocks(changed)));
                    }
                }
            }
            wanted.insert(key);
        }
    }
    let gone = there.into_iter().filter(|(key, _)| !wanted.contains(key));
    steps.extend(gone.map(|(key, interface)| (key, Step::Remove(interface))));
    steps
}

#[async_trait]
impl Loop for Interfaces {
    fn name(&self) -> &'static str {
        INTERFACES_LOOP
    }

    async fn pass(&self, by: &Pass) -> Result<Next, PassError> {
        let mut tx = self.elb.db.begin();
        let balancers = tx.peek_scan(&LOAD_BALANCERS, &key!(), Scan::all()).await?;
        let there = tx.peek_scan(&INTERFACES, &key!(), Scan::all()).await?;
        drop(tx);
        let balancers: Vec<LoadBalancer> = balancers.into_iter().map(|(_, row)| row).collect();
        let blocks = self.blocks(&balancers, by).await;
        let mut refused = false;
        for (key, step) in plan(balancers, there.into_iter().collect(), &blocks) {
            refused |= !self.settle(by, &key, step).await?;
        }
        Ok(if refused { Next::After(REFUSED) } else { Next::Wait })
    }
}
