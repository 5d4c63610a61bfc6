//! Every service has the tasks that it shall have, within its bounds, and they are its load balancers' targets.
//!
//! What is due is a row, so that a pass reads only services with something to do. One service is one transaction: its
//! tasks, its own row and when it is looked at next. Calls to the load balancers' handlers come before its commit and
//! may come twice: what they do is found again by address.

mod carry_out;
mod failing;
mod images;
mod members;
mod rebalancing;
mod registries;
mod rest;
mod spread;
mod start;
mod targets;
mod traffic;

use async_trait::async_trait;
use gantry_base::Timestamp;
use gantry_ecs_core::service as core;
use gantry_reconcile::{Loop, Next, Pass, PassError};
use gantry_store::{Scan, StoreError, key};

pub(crate) use failing::{By, Failed, fail};
pub(crate) use traffic::{end_hook, proven};

use crate::Ecs;
use crate::loops::SERVICES_LOOP;
use crate::tables::service::{
    Controller, Due, SERVICES, SERVICES_DUE, Scheduling, Service, ServiceName, Status,
};
use members::Members;

/// Most services in one pass.
const BATCH: usize = 200;
/// How often a service is looked at that may not start tasks now.
const STILL_LOOK: std::time::Duration = std::time::Duration::from_secs(1);
/// How often a service of daemons looks for instances that have come.
const DAEMONS_LOOK: std::time::Duration = std::time::Duration::from_secs(10);

/// The loop.
pub struct Services {
    ecs: Ecs,
}

impl Services {
    /// The loop over the service.
    pub fn new(ecs: Ecs) -> Self {
        Services { ecs }
    }

    /// Looks at one service, and does what is to be done now.
    async fn look(&self, name: &ServiceName, by: &Pass) -> Result<(), PassError> {
        let (ecs, now) = (&self.ecs, by.now());
        let key = name.key();
        let mut tx = ecs.db.begin();
        // Guarded: who wants another look meanwhile makes this one begin anew.
        if tx.get(&SERVICES_DUE, &key).await?.is_none() {
            return Ok(());
        }
        let row = tx.get(&SERVICES, &key).await?.filter(|row| row.status != Status::Inactive);
        let Some(mut row) = row else {
            tx.delete(&SERVICES_DUE, &key);
            tx.commit(by).await?;
            return Ok(());
        };
        let before = row.clone();
        let mut next = LookAgain::default();
        images::follow(ecs, &mut tx, &mut row, &mut next, now).await?;
        let rest = rest::follow(ecs, &mut tx, &mut row, now).await?;
        let mut members = Members::load(&mut tx, &row).await?;
        registries::follow(ecs, &mut tx, &mut row, &mut members, &mut next, now).await?;
        targets::follow(ecs, &mut tx, &mut row, &mut members, &mut next, now).await?;
        members.look_at_instances(ecs, &mut tx, &mut row, now).await?;
        let _turn = ecs.accept().await;
        match row.controller {
            _ if ecs.is_still(now) => next.at_most(Some(now + STILL_LOOK)),
            Controller::Ecs => {
                let rebalancing = rebalancing::of(ecs, &mut tx, &row, &members, now).await?;
                let snapshot = core::Service { rebalancing, rest, ..members.snapshot(&row, now) };
                let plan = core::plan(&snapshot, now);
                next.at_most(plan.look_at);
                carry_out::all(ecs, &mut tx, &mut row, &mut members, plan, &mut next, now).await?;
            }
            Controller::External => {
                carry_out::task_sets(ecs, &mut tx, &mut row, &mut members, &mut next, now).await?;
            }
        }
        if row.scheduling == Scheduling::Daemon && row.status == Status::Active {
            next.at_most(Some(now + DAEMONS_LOOK));
        }
        next.at_most(members.next_to_age(&row, now));
        members.write(&mut tx, name, now);
        if row != before {
            row.put(&mut tx);
        }
        match next.at {
            Some(at) => {
                tx.put(&SERVICES_DUE, &key, &Due { at });
                tx.wake(SERVICES_LOOP);
            }
            None => tx.delete(&SERVICES_DUE, &key),
        }
        tx.commit(by).await?;
        Ok(())
    }
}

/// When the service is looked at again, if nothing happens before.
#[derive(Default)]
pub(crate) struct LookAgain {
    at: Option<Timestamp>,
}

impl LookAgain {
    fn at_most(&mut self, at: Option<Timestamp>) {
        if let Some(at) = at {
            self.at = Some(self.at.map_or(at, |known| known.min(at)));
        }
    }
}

#[async_trait]
impl Loop for Services {
    fn name(&self) -> &'static str {
        SERVICES_LOOP
    }

    async fn pass(&self, by: &Pass) -> Result<Next, PassError> {
        let rows = self.ecs.db.begin().peek_scan(&SERVICES_DUE, &key!(), Scan::all()).await?;
        let (mut looked, mut again, mut failed) = (0, false, None);
        let mut next: Option<Timestamp> = None;
        for (key, due) in rows {
            if due.at > by.now() {
                next = Some(next.map_or(due.at, |next| next.min(due.at)));
                continue;
            }
            if looked == BATCH {
                again = true;
                break;
            }
            looked += 1;
            let Some(name) = ServiceName::of_key(&key) else {
                return Err("the queue of services has a key that names none".into());
            };
            match self.look(&name, by).await {
                Ok(()) => {}
                // Something has changed meanwhile; others are looked at all the same.
                Err(error) if error.downcast_ref::<StoreError>().is_some_and(StoreError::is_conflict) => {
                    again = true
                }
                Err(error) => {
                    tracing::warn!(service = %name.arn(), %error, "a service could not be looked at");
                    failed = Some(error);
                }
            }
        }
        match (failed, again, next) {
            (Some(error), ..) => Err(error),
            (None, true, _) => Ok(Next::Again),
            (None, false, Some(at)) => Ok(Next::After(at.since(by.now()))),
            (None, false, None) => Ok(Next::Wait),
        }
    }
}

/// What an event's id is.
fn tell(ecs: &Ecs, row: &mut Service, now: Timestamp, what: &str) {
    row.tell(ecs.ids.uuid(), now, what);
}
