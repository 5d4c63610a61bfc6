//! A rolling deployment that pauses at hooks, or is watched for a while at its end.
//!
//! AWS's stages of traffic are not there: it scales up while what was before goes, within its percentages. Before that
//! it can pause, with the tasks of before kept whole; and afterwards, with its own.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-lifecycle-hooks.html>

use gantry_base::Timestamp;
use serde::{Deserialize, Serialize};

use super::shift::{HookStage, Pause, PauseHook, Stage, all_through, minutes, source};
use super::{Action, Deployment, Plan, Rollout, Service};

/// How far a rolling deployment is that has hooks or a bake time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roll {
    pub bake_minutes: u32,
    #[serde(default)]
    pub hooks: Vec<PauseHook>,
    /// One of those that a rolling deployment has.
    pub stage: Stage,
    /// When the stage began.
    pub since: Timestamp,
    /// Hooks of this stage that have begun.
    #[serde(default)]
    pub pauses: Vec<Pause>,
}

/// Where a rolling deployment can pause.
pub const HOOK_STAGES: [HookStage; 3] =
    [HookStage::ReconcileService, HookStage::PreScaleUp, HookStage::PostScaleUp];

impl Roll {
    /// A new deployment; none where it neither pauses nor is watched. `reconciles`: it comes before another one was
    /// through.
    pub fn new(bake_minutes: u32, hooks: Vec<PauseHook>, reconciles: bool, now: Timestamp) -> Option<Roll> {
        let stage = if reconciles { Stage::ReconcileService } else { Stage::PreScaleUp };
        let plain = bake_minutes == 0 && hooks.is_empty();
        (!plain).then(|| Roll { bake_minutes, hooks, stage, since: now, pauses: Vec::new() })
    }

    /// Enters a stage.
    pub fn enter(&mut self, stage: Stage, now: Timestamp) {
        self.stage = stage;
        self.since = now;
        self.pauses.clear();
    }

    /// Whether nothing of it is started yet.
    pub fn is_held(&self) -> bool {
        self.stage < Stage::ScaleUp
    }

    fn is_through(&self, deployment: &str, at: HookStage, now: Timestamp, plan: &mut Plan) -> bool {
        all_through(deployment, (&self.hooks, &self.pauses), at, now, plan)
    }
}

/// The service as it is kept while its primary deployment is not started yet: as if there were only what was completed
/// before. None where it is started.
pub(super) fn held(service: &Service) -> Option<Service> {
    let (primary, others) = service.deployments.split_first()?;
    if primary.rollout != Rollout::InProgress || !primary.roll.as_ref()?.is_held() {
        return None;
    }
    let serves = source(others.iter().map(|one| (one.proven, one.production)));
    let kept = serves.map(|at| Deployment { rollout: Rollout::Completed, ..others[at].clone() });
    Some(Service {
        deployments: kept.into_iter().collect(),
        rebalancing: None,
        rest: None,
        ..service.clone()
    })
}

/// Goes on from a stage in which nothing is started yet, once its hooks are through.
pub(super) fn wait(service: &Service, now: Timestamp, plan: &mut Plan) {
    let Some(primary) = service.deployments.first() else { return };
    let Some(roll) = &primary.roll else { return };
    let (at, to) = match roll.stage {
        Stage::ReconcileService => (HookStage::ReconcileService, Stage::PreScaleUp),
        _ => (HookStage::PreScaleUp, Stage::ScaleUp),
    };
    if roll.is_through(&primary.id, at, now, plan) {
        plan.actions.push(Action::Advance { deployment: primary.id.clone(), to });
        plan.look(now);
    }
    if service.steady {
        plan.actions.push(Action::Unsteady);
    }
}

/// Goes on from stage to stage while it runs; true once it is completed. `is_whole`: all of its tasks are healthy;
/// `is_done`: and nothing else is left.
pub(super) fn advance(
    primary: &Deployment,
    roll: &Roll,
    (is_whole, is_done): (bool, bool),
    now: Timestamp,
    plan: &mut Plan,
) -> bool {
    let to = match roll.stage {
        Stage::ReconcileService | Stage::PreScaleUp | Stage::ScaleUp => {
            is_whole.then_some(Stage::PostScaleUp)
        }
        Stage::PostScaleUp => {
            let through = roll.is_through(&primary.id, HookStage::PostScaleUp, now, plan);
            (through && is_done).then_some(Stage::BakeTime)
        }
        _ => {
            let until = roll.since + minutes(roll.bake_minutes);
            if until <= now {
                return is_done;
            }
            plan.look(until);
            None
        }
    };
    if let Some(to) = to {
        plan.actions.push(Action::Advance { deployment: primary.id.clone(), to });
        plan.look(now);
    }
    false
}
