//! What keeps the store's wishes true.
//!
//! - [`placement`]: every task that waits is on a node that has room for it, or it is known why not.
//! - [`launch`]: every placed task has what it needs to start, and its node is told.
//! - [`leave`]: no interface outlives its task.
//! - [`forgetting`]: stopped tasks, client tokens and events that nobody took are dropped when they are old.
//! - [`deletion`]: a task definition that is to go is gone once nothing runs of it.
//! - [`services`]: every service has the tasks that it shall have, within its bounds, and they are its load balancers' targets.
//! - [`loss`]: the tasks of a node that is gone are not taken for running for ever.
//! - [`renewal`]: no running task's credentials run out.

pub mod deletion;
pub mod forgetting;
pub mod launch;
pub mod leave;
pub mod loss;
pub mod placement;
pub mod renewal;
pub mod services;

use std::time::Duration;

use gantry_reconcile::Runner;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::Ecs;

/// Names of the loops, which are those of their wakes.
pub(crate) const PLACEMENT_LOOP: &str = "ecs.placement";
pub(crate) const LAUNCH_LOOP: &str = "ecs.launch";
pub(crate) const LEAVE_LOOP: &str = "ecs.leave";
pub(crate) const LOSS_LOOP: &str = "ecs.loss";
pub(crate) const FORGETTING_LOOP: &str = "ecs.forgetting";
pub(crate) const DELETION_LOOP: &str = "ecs.deletion";
pub(crate) const RENEWAL_LOOP: &str = "ecs.renewal";
pub(crate) const SERVICES_LOOP: &str = "ecs.services";

/// How long a stopped task can be described, as in AWS.
pub const FORGET_AFTER: Duration = Duration::from_secs(60 * 60);
/// How long an event waits for somebody to take it.
pub const EVENTS_FOR: Duration = Duration::from_secs(60 * 60);
/// How long a client token is known, as in AWS.
pub const TOKENS_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// Runs every loop of ECS until `stop` is cancelled.
pub fn spawn(ecs: &Ecs, runner: &Runner, stop: &CancellationToken) -> Vec<JoinHandle<()>> {
    vec![
        runner.spawn(placement::Placement::new(ecs.clone()), stop.clone()),
        runner.spawn(launch::Launch::new(ecs.clone()), stop.clone()),
        runner.spawn(leave::Leave::new(ecs.clone()), stop.clone()),
        runner.spawn(loss::Loss::new(ecs.clone()), stop.clone()),
        runner.spawn(forgetting::Forget::new(ecs.clone()), stop.clone()),
        runner.spawn(deletion::Deletion::new(ecs.clone()), stop.clone()),
        runner.spawn(services::Services::new(ecs.clone()), stop.clone()),
        runner.spawn(renewal::Renewal::new(ecs.clone()), stop.clone()),
    ]
}
