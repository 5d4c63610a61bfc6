//! What clears away. Each loop keeps one thing true, and none of them can take from a push that is going on
//! what it needs: what is removed is first noted as unneeded, kept for a while, and removed in a transaction
//! that does not commit if somebody has begun to need it.

mod graves;
mod leftovers;
mod unlinked;
mod unused;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use gantry_reconcile::{Next, Runner};
use gantry_store::Key;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::Ecr;

pub use graves::Graves;
pub use leftovers::Leftovers;
pub use unlinked::Unlinked;
pub use unused::Unused;

/// The name of the loop that clears away what deleted repositories held.
pub(crate) const GRAVES: &str = "ecr.graves";

/// How many rows one pass looks at.
const PAGE: usize = 500;
/// How long to wait after everything has been looked at.
const ROUND: Duration = Duration::from_secs(15 * 60);

/// Runs every loop of ECR until `stop` is cancelled.
pub fn spawn(ecr: &Ecr, runner: &Runner, stop: &CancellationToken) -> Vec<JoinHandle<()>> {
    vec![
        runner.spawn(Graves(ecr.clone()), stop.clone()),
        runner.spawn(Leftovers::new(ecr.clone()), stop.clone()),
        runner.spawn(Unlinked::new(ecr.clone()), stop.clone()),
        runner.spawn(Unused::new(ecr.clone()), stop.clone()),
    ]
}

/// Where a walk over a whole table is. It is only kept in memory: after a restart the walk begins anew.
#[derive(Default)]
struct Walk(Mutex<Option<Key>>);

impl Walk {
    fn after(&self) -> Option<Key> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes how far a pass came, and says when the next one is.
    fn went_to(&self, last: Option<Key>, looked_at: usize) -> Next {
        let done = looked_at < PAGE;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = if done { None } else { last };
        if done { Next::After(ROUND) } else { Next::Again }
    }
}

/// A conflict about one row is no reason to stop: the next round sees the row again.
fn unless_conflict(
    committed: Result<u64, gantry_store::StoreError>,
) -> Result<bool, gantry_store::StoreError> {
    match committed {
        Ok(_) => Ok(true),
        Err(gantry_store::StoreError::Conflict) => Ok(false),
        Err(error) => Err(error),
    }
}
