//! What the operator of the machine asks of ECS, over all accounts and regions.

use std::collections::BTreeMap;

use gantry_base::{Authority, Timestamp};
use gantry_ecs_core::stop::Stop;
use gantry_service::Failure;
use gantry_store::{Key, Scan, StoreError, key};

use crate::session::SESSION_WAKE;
use crate::tables::task::TASKS;
use crate::{Ecs, ending};

/// Tasks read, or stopped, at a time.
const PAGE: usize = 200;

impl Ecs {
    /// How many tasks there are in each status, those included that can still be described.
    pub async fn task_counts(&self) -> Result<BTreeMap<String, u64>, Failure> {
        let mut counts = BTreeMap::new();
        let mut after = None;
        loop {
            let page = self.db.begin().peek_scan(&TASKS, &key!(), Scan::first(PAGE).after(after)).await?;
            for (_, task) in &page {
                *counts.entry(task.life.status().as_str().to_owned()).or_default() += 1;
            }
            match page.into_iter().nth(PAGE - 1) {
                Some((last, _)) => after = Some(last),
                None => return Ok(counts),
            }
        }
    }

    /// Wants every task stopped. Which ones have is for [`Ecs::task_counts`] to say.
    pub async fn stop_all_tasks(
        &self,
        reason: &str,
        by: &dyn Authority,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let mut after = None;
        loop {
            match self.stop_page(reason, by, now, after.clone()).await {
                Ok(None) => return Ok(()),
                Ok(last) => after = last,
                Err(StoreError::Conflict) => continue,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Stops the tasks of one page; its last key, if there may be more.
    async fn stop_page(
        &self,
        reason: &str,
        by: &dyn Authority,
        now: Timestamp,
        after: Option<Key>,
    ) -> Result<Option<Key>, StoreError> {
        let mut tx = self.db.begin();
        let page = tx.peek_scan(&TASKS, &key!(), Scan::first(PAGE).after(after)).await?;
        let last = page.get(PAGE - 1).map(|(last, _)| last.clone());
        for (key, _) in page {
            let Some(mut task) = tx.get(&TASKS, &key).await? else { continue };
            ending::stop(&mut tx, &mut task, Stop::by_user(Some(reason)), now).await?;
        }
        tx.commit(by).await?;
        Ok(last)
    }

    /// Has every node told again what it shall run, after something else than an operation changed it.
    pub async fn tell_nodes(&self, by: &dyn Authority) -> Result<(), Failure> {
        let mut tx = self.db.begin();
        tx.wake(SESSION_WAKE);
        tx.commit(by).await?;
        Ok(())
    }
}
