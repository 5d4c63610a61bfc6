//! The loops, named by what they keep true.

mod log_garbage;
mod log_merging;
mod log_queries;
mod log_retention;

pub use log_garbage::LogGarbage;
pub use log_merging::LogMerging;
pub use log_queries::LogQueries;
pub use log_retention::LogRetention;

use std::sync::Arc;

use gantry_reconcile::Runner;
use gantry_store::{Db, Kv};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub(crate) use log_garbage::{GRACE, LOG_GARBAGE};

/// Runs every loop of CloudWatch Logs until `stop` is cancelled.
pub fn spawn(
    db: &Db,
    events: &Arc<dyn Kv>,
    runner: &Runner,
    stop: &CancellationToken,
) -> Vec<JoinHandle<()>> {
    vec![
        runner.spawn(LogGarbage::new(db.clone(), events.clone()), stop.clone()),
        runner.spawn(LogMerging::new(events.clone()), stop.clone()),
        runner.spawn(LogQueries::new(db.clone(), events.clone()), stop.clone()),
        runner.spawn(LogRetention::new(db.clone(), events.clone()), stop.clone()),
    ]
}
