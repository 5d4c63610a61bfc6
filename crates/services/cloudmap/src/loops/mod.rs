//! The loops, named by what they keep true.

mod operation_garbage;

pub use operation_garbage::OperationGarbage;

use gantry_reconcile::Runner;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::CloudMap;

/// Runs every loop of Cloud Map until `stop` is cancelled.
pub fn spawn(service: &CloudMap, runner: &Runner, stop: &CancellationToken) -> Vec<JoinHandle<()>> {
    vec![runner.spawn(OperationGarbage(service.clone()), stop.clone())]
}
