//! The seam to whoever carries requests: what was asked for, and who is to wake up.

use std::collections::BTreeSet;
use std::time::Duration;

use gantry_base::Authority;
use gantry_service::Failure;
use gantry_store::{Scan, StoreError, key};

use crate::Ecs;
use crate::tables::service::{SERVICES, ServiceName, Status};
use crate::tables::sleeper::{SERVICE_USES, SLEEPERS, Use};

/// How often a write is tried again that lost its race.
const ATTEMPTS: u32 = 16;
/// Requests within this while are one use.
const TOGETHER: Duration = Duration::from_secs(10);
/// For so long a use may go on that is kept: until it is the next one, and until that is told of.
pub(crate) const LASTS: Duration = Duration::from_secs(15);

/// The right of the load balancers' data plane to say that somebody asks.
struct Asked;

impl Authority for Asked {
    fn describe(&self) -> String {
        "requests to load balancers".to_owned()
    }
}

impl Ecs {
    /// Somebody asks for something of a target group that has no target: its services that sleep wake up. True if
    /// tasks are to come, also where a service is awake already; false where nobody sleeps that could be asked.
    pub async fn wake(&self, target_group: &str) -> Result<bool, Failure> {
        for _ in 0..ATTEMPTS {
            match self.wake_once(target_group).await {
                Err(StoreError::Conflict) => {}
                other => return other.map_err(Failure::from),
            }
        }
        Err(Failure::internal("a request that wakes a service lost all races"))
    }

    async fn wake_once(&self, target_group: &str) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let mut tx = self.db.begin();
        let (mut woken, mut comes) = (false, false);
        for (_, name) in tx.peek_scan(&SLEEPERS, &key!(target_group), Scan::all()).await? {
            let Some(mut row) = tx.get(&SERVICES, &name.key()).await? else { continue };
            if row.status != Status::Active || row.desired_count == 0 {
                continue;
            }
            comes = true;
            if row.wake(&mut tx, now) {
                row.tell(self.ids.uuid(), now, "is awake: a request came.");
                row.name.look(&mut tx);
                row.put(&mut tx);
                woken = true;
            }
        }
        if woken {
            tx.commit(&Asked).await?;
        }
        Ok(comes)
    }

    /// Requests came to these target groups a moment ago, or are under way: their services do not sleep yet.
    pub async fn asked(&self, target_groups: &[String]) -> Result<(), Failure> {
        for _ in 0..ATTEMPTS {
            match self.note_uses(target_groups).await {
                Err(StoreError::Conflict) => {}
                other => return other.map_err(Failure::from),
            }
        }
        Err(Failure::internal("a report of requests lost all races"))
    }

    async fn note_uses(&self, target_groups: &[String]) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut tx = self.db.begin();
        let mut names: BTreeSet<ServiceName> = BTreeSet::new();
        for group in target_groups {
            let found = tx.peek_scan(&SLEEPERS, &key!(group), Scan::all()).await?;
            names.extend(found.into_iter().map(|(_, name)| name));
        }
        for name in names {
            let known = tx.peek(&SERVICE_USES, &name.key()).await?;
            if known.is_none_or(|known| now.since(known.at) >= TOGETHER) {
                tx.put(&SERVICE_USES, &name.key(), &Use { at: now });
            }
        }
        tx.commit(&Asked).await.map(drop)
    }
}
