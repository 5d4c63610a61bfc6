//! The loops, named by what they keep true.

mod file_system_garbage;
mod file_system_sizes;

pub use file_system_garbage::FileSystemGarbage;
pub use file_system_sizes::FileSystemSizes;

use gantry_reconcile::Runner;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::Efs;

pub(crate) use file_system_garbage::FILE_SYSTEM_GARBAGE;

/// Runs every loop of EFS until `stop` is cancelled.
pub fn spawn(efs: &Efs, runner: &Runner, stop: &CancellationToken) -> Vec<JoinHandle<()>> {
    vec![
        runner.spawn(FileSystemGarbage(efs.clone()), stop.clone()),
        runner.spawn(FileSystemSizes(efs.clone()), stop.clone()),
    ]
}
