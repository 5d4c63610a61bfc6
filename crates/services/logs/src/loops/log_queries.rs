//! No query is remembered for longer than AWS does, and none stands as running that nobody runs.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use gantry_reconcile::{Loop, Next, Pass, PassError};
use gantry_store::{Db, Kv, Scan, key};

use crate::chunks::Chunks;
use crate::queries::{KEPT, status};
use crate::tables::QUERIES;

/// How many queries are looked at at once.
const PAGE: usize = 500;

/// How long it takes until it is looked again.
const INTERVAL: Duration = Duration::from_secs(60 * 60);

/// Forgets old queries, and writes down which were lost.
pub struct LogQueries {
    db: Db,
    chunks: Chunks,
}

impl LogQueries {
    /// The loop over the store and the engine with the events.
    pub fn new(db: Db, events: Arc<dyn Kv>) -> Self {
        LogQueries { db, chunks: Chunks::new(events) }
    }
}

#[async_trait]
impl Loop for LogQueries {
    fn name(&self) -> &'static str {
        "log_queries"
    }

    async fn pass(&self, by: &Pass) -> Result<Next, PassError> {
        let mut after = None;
        loop {
            let mut tx = self.db.begin();
            let rows = tx.scan(&QUERIES, &key!(), Scan::first(PAGE).after(after)).await?;
            let mut changed = false;
            for (key, query) in &rows {
                let now = status(query, by.now());
                if by.now().since(query.created_at) > KEPT {
                    self.chunks.drop_results(by, &query.id).await?;
                    tx.delete(&QUERIES, key);
                    changed = true;
                } else if now != query.status {
                    let reason = Some("the process that ran it ended".to_owned());
                    tx.put(&QUERIES, key, &crate::tables::Query { status: now, reason, ..query.clone() });
                    changed = true;
                }
            }
            after = rows.last().map(|(key, _)| key.clone());
            if changed {
                tx.commit(by).await?;
            }
            if rows.len() < PAGE {
                return Ok(Next::After(INTERVAL));
            }
        }
    }
}
