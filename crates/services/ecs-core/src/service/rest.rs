//! When a service that nobody asks for anything goes to sleep: it has no tasks then, until somebody asks.

use std::time::Duration;

use gantry_base::Timestamp;

use super::{Action, Plan, Rollout, Service, Wanted};

/// What is known for putting a service to sleep that is awake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rest {
    /// How long nobody must have asked for anything.
    pub after: Duration,
    /// When somebody did last, or when the service was changed last.
    pub since: Timestamp,
}

/// Puts the service to sleep once all is as it shall be and nobody has asked for anything long enough, also not while
/// its youngest task was there. Looks again when that may be.
pub(super) fn moves(service: &Service, now: Timestamp, plan: &mut Plan) {
    let Some(rest) = &service.rest else { return };
    let ([only], Wanted::Replicas(1..)) = (service.deployments.as_slice(), &service.wanted) else { return };
    let settled = only.rollout == Rollout::Completed && service.steady && plan.actions.is_empty();
    if !settled || service.tasks.iter().any(|task| !task.is_live() || task.protected) {
        return;
    }
    let youngest = service.tasks.iter().map(|task| task.created_at).max();
    let due = youngest.map_or(rest.since, |youngest| rest.since.max(youngest)) + rest.after;
    if due <= now {
        plan.actions.push(Action::Sleep);
    } else {
        plan.look(due);
    }
}
