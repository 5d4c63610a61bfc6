//! The loops, named by what they keep true.

mod key_deletion;
mod key_expiry;
mod key_rotation;

use std::sync::Arc;

use gantry_base::Ids;
use gantry_reconcile::Runner;
use gantry_service::Sealer;
use gantry_store::Db;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::Kms;

pub(crate) use key_deletion::KEY_DELETION;
pub use key_deletion::KeyDeletion;
pub(crate) use key_expiry::KEY_EXPIRY;
pub use key_expiry::KeyExpiry;
pub(crate) use key_rotation::KEY_ROTATION;
pub use key_rotation::KeyRotation;

/// How much one pass does.
const BATCH: usize = 20;

/// Runs every loop of this crate until `stop` is cancelled.
pub fn spawn(
    db: &Db,
    ids: Arc<dyn Ids>,
    sealer: Sealer,
    runner: &Runner,
    stop: &CancellationToken,
) -> Vec<JoinHandle<()>> {
    vec![
        runner.spawn(KeyDeletion::new(db.clone()), stop.clone()),
        runner.spawn(KeyExpiry::new(db.clone()), stop.clone()),
        runner.spawn(KeyRotation::new(Kms::new(db.clone(), ids, sealer)), stop.clone()),
    ]
}
