//! The loops, named by what they keep true.

mod configuration;
pub(crate) mod interfaces;
mod load_balancing;

use gantry_reconcile::Runner;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::Elb;

pub(crate) use interfaces::INTERFACES_LOOP;
pub use interfaces::Interfaces;
pub(crate) use load_balancing::LOAD_BALANCING;
pub use load_balancing::LoadBalancing;

/// Runs every loop of this crate until `stop` is cancelled.
pub fn spawn(elb: &Elb, runner: &Runner, stop: &CancellationToken) -> Vec<JoinHandle<()>> {
    vec![
        runner.spawn(Interfaces::new(elb.clone()), stop.clone()),
        runner.spawn(LoadBalancing::new(elb.clone()), stop.clone()),
    ]
}
