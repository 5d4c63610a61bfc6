//! No events are kept past the retention of their group.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use gantry_base::Timestamp;
use gantry_reconcile::{Loop, Next, Pass, PassError};
use gantry_store::{Db, Kv, Scan, StoreError, key};

use crate::chunks::Chunks;
use crate::metrics::KEPT;
use crate::tables::GROUPS;

/// How many groups or streams are looked at at once.
const PAGE: usize = 500;

/// How many chunks of a stream are deleted in one transaction.
const CHUNKS: usize = 500;

/// How long it takes until it is looked again; readers leave out what has expired in any case.
const INTERVAL: Duration = Duration::from_secs(60 * 60);

/// Deletes chunks of events that have expired.
pub struct LogRetention {
    db: Db,
    chunks: Chunks,
}

impl LogRetention {
    /// The loop over the store and the engine with the events.
    pub fn new(db: Db, events: Arc<dyn Kv>) -> Self {
        LogRetention { db, chunks: Chunks::new(events) }
    }

    /// Expires a group's streams.
    async fn group(&self, by: &Pass, group: &str, cutoff: Timestamp) -> Result<(), StoreError> {
        let cutoff = cutoff.as_millis();
        let mut after = None;
        loop {
            let heads = self.chunks.group_heads(group, after.as_ref(), PAGE).await?;
            for (stream, head) in &heads {
                if head.first < cutoff {
                    while self.chunks.expire(by, stream, cutoff, CHUNKS).await? {}
                }
            }
            after = heads.last().map(|(stream, _)| stream.clone());
            if heads.len() < PAGE {
                return Ok(());
            }
        }
    }
}

#[async_trait]
impl Loop for LogRetention {
    fn name(&self) -> &'static str {
        "log_retention"
    }

    async fn pass(&self, by: &Pass) -> Result<Next, PassError> {
        let counted_before = (by.now() - KEPT).as_millis();
        while self.chunks.expire_counts(by, counted_before, CHUNKS).await? {}
        let mut after = None;
        loop {
            let scan = Scan::first(PAGE).after(after);
            let groups = self.db.begin().peek_scan(&GROUPS, &key!(), scan).await?;
            for (_, group) in &groups {
                if let Some(cutoff) = group.expired_before(by.now()) {
                    self.group(by, &group.id, cutoff).await?;
                }
            }
            after = groups.last().map(|(key, _)| key.clone());
            if groups.len() < PAGE {
                return Ok(Next::After(INTERVAL));
            }
        }
    }
}
