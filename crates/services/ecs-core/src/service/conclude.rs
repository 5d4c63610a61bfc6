//! The end of a pass: whether all is as it shall be.

use gantry_base::Timestamp;

use super::roll::{self, Fleet};
use super::{Action, Checks, Counts, Phase, Plan, Rollout, SETTLE, Service};

/// Whether all is as it shall be, and what follows from that.
pub(super) fn conclude(service: &Service, now: Timestamp, plan: &mut Plan) {
    let Some(primary) = service.deployments.first() else { return };
    let moves = plan.actions.iter().any(|action| {
        matches!(
            action,
            Action::Start { .. }
                | Action::StartOn { .. }
                | Action::StartIn { .. }
                | Action::Stop { .. }
                | Action::Stuck
        )
    });
    let mut healthy = 0u32;
    let (mut unfinished, mut left) = (moves, false);
    for task in &service.tasks {
        match task.phase {
            Phase::Pending | Phase::Running { .. } if !service.is_current(task) => left = true,
            Phase::Running { since, checks } => match task.counts(true, now) {
                Counts::Healthy => healthy += 1,
                Counts::Starting | Counts::Unhealthy => {
                    unfinished = true;
                    if checks == Checks::None {
                        plan.look(since + SETTLE);
                    }
                }
            },
            Phase::Draining => left = true,
            Phase::Pending => unfinished = true,
            Phase::Stopping | Phase::Stopped { .. } => {}
        }
    }
    let wanted = service.wanted.count();
    let done = !unfinished && !left && healthy == wanted && primary.rollout != Rollout::Failed;
    let goes_on = primary.rollout == Rollout::InProgress;
    let fleet = Fleet { wanted, healthy, left, done };
    let completes = match &primary.roll {
        Some(roll) if goes_on => roll::advance(primary, roll, &fleet, now, plan),
        _ => goes_on && done,
    };
    if completes {
        plan.actions.push(Action::Complete { deployment: primary.id.clone() });
    }
    match (done, service.steady) {
        (true, _) if completes => plan.actions.push(Action::Steady),
        // It is watched before it is over.
        (true, _) if goes_on => {}
        (true, false) => plan.actions.push(Action::Steady),
        (false, true) => plan.actions.push(Action::Unsteady),
        _ => {}
    }
}
