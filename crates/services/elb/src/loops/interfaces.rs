//! Each load balancer has an interface in each of its subnets, in its security groups, and no others.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use async_trait::async_trait;
use gantry_reconcile::{Loop, Next, Pass, PassError};
use gantry_service::{Failure, NAMES_WAKE};
use gantry_store::{Key, Scan, key};

use super::LOAD_BALANCING;
use crate::Elb;
use crate::interfaces::{make, remove, set_groups};
use crate::tables::interface::interface_key;
use crate::tables::{INTERFACES, Interface, LOAD_BALANCERS, LoadBalancer, Zone};

/// The name of the loop and of its wake.
pub(crate) const INTERFACES_LOOP: &str = "load_balancer_interfaces";

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

/// What is to be done about an interface.
enum Step {
    Make(LoadBalancer, Zone),
    SetGroups(LoadBalancer, Interface),
    Remove(Interface),
}

/// What is to be done, by key.
fn plan(balancers: Vec<LoadBalancer>, there: BTreeMap<Key, Interface>) -> Vec<(Key, Step)> {
    let mut steps = Vec::new();
    let mut wanted = BTreeSet::new();
    for of in balancers {
        for zone in &of.zones {
            let key = interface_key(of.account, &of.region, &of.id, &zone.subnet_id);
            match there.get(&key) {
                None => steps.push((key.clone(), Step::Make(of.clone(), zone.clone()))),
                Some(known) if known.security_groups != of.security_groups => {
                    steps.push((key.clone(), Step::SetGroups(of.clone(), known.clone())));
                }
                Some(_) => {}
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
        let balancers = balancers.into_iter().map(|(_, row)| row).collect();
        let mut refused = false;
        for (key, step) in plan(balancers, there.into_iter().collect()) {
            refused |= !self.settle(by, &key, step).await?;
        }
        Ok(if refused { Next::After(REFUSED) } else { Next::Wait })
    }
}
