//! A task definition whose deletion was asked for is gone once nothing runs of it.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use async_trait::async_trait;
use gantry_reconcile::{Loop, Next, Pass, PassError};
use gantry_store::{Key, Scan, StoreError, Tx, key};

use crate::Ecs;
use crate::loops::DELETION_LOOP;
use crate::names::Place;
use crate::tables::service::{SERVICES, Status};
use crate::tables::task::TASKS;
use crate::tables::task_definition::{DELETING, FAMILIES, TASK_DEFINITIONS, family_key};

/// Most revisions in one pass.
const BATCH: usize = 200;
/// Tasks read at a time.
const PAGE: usize = 500;
/// How long a revision is shown as DELETE_IN_PROGRESS at least; no run that saw it before is still going on.
const LINGER: Duration = Duration::from_secs(60);
/// How soon those of which something still runs are looked at again.
const AGAIN: Duration = Duration::from_secs(60);

/// The loop.
pub struct Deletion {
    ecs: Ecs,
}

impl Deletion {
    /// The loop over the service.
    pub fn new(ecs: Ecs) -> Self {
        Deletion { ecs }
    }
}

/// The revisions of which some task of the place has not stopped, or that a service is made of.
async fn in_use(tx: &mut Tx, place: &Place) -> Result<HashSet<(String, u32)>, StoreError> {
    let mut used = HashSet::new();
    let mut after: Option<Key> = None;
    loop {
        let page = tx.peek_scan(&TASKS, &place.key(), Scan::first(PAGE).after(after)).await?;
        let last = page.get(PAGE - 1).map(|(last, _)| last.clone());
        let live = page.into_iter().filter(|(_, task)| !task.life.is_stopped());
        used.extend(live.map(|(_, task)| (task.family, task.revision)));
        match last {
            Some(last) => after = Some(last),
            None => break,
        }
    }
    for (_, service) in tx.peek_scan(&SERVICES, &place.key(), Scan::all()).await? {
        let made_of = service.deployments.iter().map(|one| &one.revision);
        let made_of =
            made_of.chain(service.task_sets.iter().map(|one| &one.revision)).chain(&service.revision);
        if service.status != Status::Inactive {
            used.extend(made_of.map(|one| (one.family.clone(), one.revision)));
        }
    }
    Ok(used)
}

/// `account/region/family/revision`, read back.
fn named(key: &Key) -> Option<(Place, String, u32)> {
    let [account, region, family, revision] = <[String; 4]>::try_from(key.parts()).ok()?;
    let place = Place { account: account.parse().ok()?, region: region.parse().ok()? };
    Some((place, family, revision.parse().ok()?))
}

#[async_trait]
impl Loop for Deletion {
    fn name(&self) -> &'static str {
        DELETION_LOOP
    }

    async fn pass(&self, by: &Pass) -> Result<Next, PassError> {
        let mut tx = self.ecs.db.begin();
        let queue = tx.peek_scan(&DELETING, &key!(), Scan::first(BATCH)).await?;
        let mut used: HashMap<Place, HashSet<(String, u32)>> = HashMap::new();
        let mut next: Option<Duration> = None;
        let mut touched: HashSet<(Place, String)> = HashSet::new();
        for (key, deleting) in queue {
            let Some((place, family, revision)) = named(&key) else {
                tx.delete(&DELETING, &key);
                continue;
            };
            let due = deleting.since + LINGER;
            if due > by.now() {
                let wait = due.since(by.now());
                next = Some(next.map_or(wait, |next| next.min(wait)));
                continue;
            }
            if !used.contains_key(&place) {
                let found = in_use(&mut tx, &place).await?;
                used.insert(place.clone(), found);
            }
            if used[&place].contains(&(family.clone(), revision)) {
                next = Some(next.map_or(AGAIN, |next| next.min(AGAIN)));
                continue;
            }
            tx.delete(&DELETING, &key);
            tx.delete(&TASK_DEFINITIONS, &key);
            touched.insert((place, family));
        }
        for (place, family) in touched {
            let key = family_key(&place, &family);
            let left = tx.scan(&TASK_DEFINITIONS, &key, Scan::first(1)).await?;
            if left.is_empty()
                && let Some(mut row) = tx.get(&FAMILIES, &key).await?
            {
                row.empty = true;
                tx.put(&FAMILIES, &key, &row);
            }
        }
        tx.commit(by).await?;
        Ok(next.map_or(Next::Wait, Next::After))
    }
}
