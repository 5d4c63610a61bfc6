//! No stream stays a heap of small chunks.

use std::sync::Arc;

use async_trait::async_trait;
use gantry_reconcile::{Loop, Next, Pass, PassError};
use gantry_store::Kv;

use crate::chunks::Chunks;

/// How many streams one pass looks at.
const BATCH: usize = 64;

/// Merges small chunks of events. It has no wake: it looks every time the runner's resync interval is over.
pub struct LogMerging {
    chunks: Chunks,
}

impl LogMerging {
    /// The loop over the engine with the events.
    pub fn new(events: Arc<dyn Kv>) -> Self {
        LogMerging { chunks: Chunks::new(events) }
    }
}

#[async_trait]
impl Loop for LogMerging {
    fn name(&self) -> &'static str {
        "log_merging"
    }

    async fn pass(&self, by: &Pass) -> Result<Next, PassError> {
        let streams = self.chunks.pending(BATCH).await?;
        for stream in &streams {
            self.chunks.merge(by, stream).await?;
        }
        Ok(if streams.len() == BATCH { Next::Again } else { Next::Wait })
    }
}
