//! The loops, named by what they keep true.

mod parameter_policies;
mod secret_deletion;

use gantry_reconcile::Runner;
use gantry_store::Db;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub(crate) use parameter_policies::PARAMETER_POLICIES;
pub use parameter_policies::ParameterPolicies;
pub(crate) use secret_deletion::SECRET_DELETION;
pub use secret_deletion::SecretDeletion;

/// Runs every loop of this crate until `stop` is cancelled.
pub fn spawn(db: &Db, runner: &Runner, stop: &CancellationToken) -> Vec<JoinHandle<()>> {
    vec![
        runner.spawn(SecretDeletion::new(db.clone()), stop.clone()),
        runner.spawn(ParameterPolicies::new(db.clone()), stop.clone()),
    ]
}
