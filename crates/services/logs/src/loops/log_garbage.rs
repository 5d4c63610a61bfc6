//! Nothing is left of groups and streams that were deleted.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use gantry_reconcile::{Loop, Next, Pass, PassError};
use gantry_store::{Db, Kv, Scan, key};

use crate::chunks::Chunks;
use crate::tables::{GARBAGE, METRIC_FILTERS, STREAMS, metric_filters_key, streams_key};

/// The name of the loop and of its wake.
pub(crate) const LOG_GARBAGE: &str = "log_garbage";

/// After this time nobody writes any more who found a stream before it was deleted.
pub(crate) const GRACE: Duration = Duration::from_secs(60);

/// How many keys are deleted at once.
const BATCH: usize = 2000;

/// Sweeps the events of deleted groups and streams.
pub struct LogGarbage {
    db: Db,
    chunks: Chunks,
}

impl LogGarbage {
    /// The loop over the store and the engine with the events.
    pub fn new(db: Db, events: Arc<dyn Kv>) -> Self {
        LogGarbage { db, chunks: Chunks::new(events) }
    }
}

#[async_trait]
impl Loop for LogGarbage {
    fn name(&self) -> &'static str {
        LOG_GARBAGE
    }

    async fn pass(&self, by: &Pass) -> Result<Next, PassError> {
        let mut tx = self.db.begin();
        // Rows sort by the time that they fall due.
        let Some((key, garbage)) = tx.peek_scan(&GARBAGE, &key!(), Scan::first(1)).await?.pop() else {
            return Ok(Next::Wait);
        };
        if garbage.due > by.now() {
            return Ok(Next::After(garbage.due.since(by.now())));
        }
        if self.chunks.sweep(by, &garbage.group_id, garbage.stream_id.as_deref(), BATCH).await? {
            return Ok(Next::Again);
        }
        let streams = match garbage.stream_id {
            Some(_) => Vec::new(),
            None => tx.peek_scan(&STREAMS, &streams_key(&garbage.group_id), Scan::first(BATCH)).await?,
        };
        if garbage.stream_id.is_none() {
            let filters = metric_filters_key(&garbage.group_id);
            for (filter, _) in tx.peek_scan(&METRIC_FILTERS, &filters, Scan::all()).await? {
                tx.delete(&METRIC_FILTERS, &filter);
            }
        }
        for (stream, _) in &streams {
            tx.delete(&STREAMS, stream);
        }
        if streams.len() < BATCH {
            tx.delete(&GARBAGE, &key);
        }
        tx.commit(by).await?;
        Ok(Next::Again)
    }
}
