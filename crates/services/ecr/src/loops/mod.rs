//! What clears away. Each loop keeps one thing true, and none of them can take from a push that is going on
//! what it needs: what is removed is first noted as unneeded, kept for a while, and removed in a transaction
//! that does not commit if somebody has begun to need it.

mod graves;
mod leftovers;
mod lifecycle;
mod replication;
mod unlinked;
mod unused;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use gantry_base::Timestamp;
use gantry_reconcile::{Next, Runner};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::Ecr;

pub use graves::Graves;
pub use leftovers::Leftovers;
pub use lifecycle::Lifecycles;
pub use replication::Replication;
pub use unlinked::Unlinked;
pub use unused::Unused;

/// The name of the loop that clears away what deleted repositories held.
pub(crate) const GRAVES: &str = "ecr.graves";

/// The name of the loop that applies lifecycle policies.
pub(crate) const LIFECYCLE: &str = "ecr.lifecycle";

/// The name of the loop that replicates images.
pub(crate) const REPLICATION: &str = "ecr.replication";

/// How many rows one pass looks at.
const PAGE: usize = 500;
/// How long to wait after everything has been looked at.
const ROUND: Duration = Duration::from_secs(15 * 60);

/// Runs every loop of ECR until `stop` is cancelled.
pub fn spawn(ecr: &Ecr, runner: &Runner, stop: &CancellationToken) -> Vec<JoinHandle<()>> {
    vec![
        runner.spawn(Graves(ecr.clone()), stop.clone()),
        runner.spawn(Leftovers::new(ecr.clone()), stop.clone()),
        runner.spawn(Lifecycles(ecr.clone()), stop.clone()),
        runner.spawn(Replication(ecr.clone()), stop.clone()),
        runner.spawn(Unlinked::new(ecr.clone()), stop.clone()),
        runner.spawn(Unused::new(ecr.clone()), stop.clone()),
    ]
}

/// Where a walk over everything is. It is only kept in memory: after a restart the walk begins anew.
///
/// Between two walks there is a rest, however often the loop is run in it.
struct Walk<P>(Mutex<(Option<P>, Option<Timestamp>)>);

impl<P> Default for Walk<P> {
    fn default() -> Self {
        Walk(Mutex::new((None, None)))
    }
}

impl<P: Clone> Walk<P> {
    /// How long the rest still takes.
    fn resting(&self, now: Timestamp) -> Option<Duration> {
        let (_, until) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner);
        until.filter(|until| *until > now).map(|until| until.since(now))
    }

    /// Up to where everything has been looked at in this walk.
    fn place(&self) -> Option<P> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0.clone()
    }

    /// Notes how far a pass came, `None` being the end, and says when the next one is.
    fn went_to(&self, place: Option<P>, now: Timestamp) -> Next {
        let next = if place.is_some() { Next::Again } else { Next::After(ROUND) };
        let rest = place.is_none().then(|| now + ROUND);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (place, rest);
        next
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
