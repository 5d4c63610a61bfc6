//! A rolling deployment that pauses at hooks, is watched for a while at its end, or is a success early.
//!
//! AWS's stages of traffic are not there: it scales up while what was before goes, within its percentages. Before that
//! it can pause, with the tasks of before kept whole; and afterwards, with its own.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-lifecycle-hooks.html>

use gantry_base::Timestamp;
use serde::{Deserialize, Serialize};

use super::shift::{HookStage, Pause, PauseHook, Stage, all_through, minutes, source};
use super::{Action, Deployment, Plan, Rollout, Service};

/// When a rolling deployment is a success before all of its tasks are healthy. What is left is done after its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Early {
    /// So many of the wanted tasks, in per cent, have to be healthy.
    pub percent: u32,
    /// What was before need not be gone.
    pub deferred: bool,
}

/// How far a rolling deployment is that has hooks, a bake time or an early end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roll {
    pub bake_minutes: u32,
    #[serde(default)]
    pub hooks: Vec<PauseHook>,
    #[serde(default)]
    pub early: Option<Early>,
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
    /// A new deployment; none where it neither pauses nor is watched, and ends as any other. `reconciles`: it comes before
    /// another one was through.
    pub fn new(
        bake_minutes: u32,
        hooks: Vec<PauseHook>,
        early: Option<Early>,
        reconciles: bool,
        now: Timestamp,
    ) -> Option<Roll> {
        let stage = if reconciles { Stage::ReconcileService } else { Stage::PreScaleUp };
        let plain = bake_minutes == 0 && hooks.is_empty() && early.is_none();
        (!plain).then(|| Roll { bake_minutes, hooks, early, stage, since: now, pauses: Vec::new() })
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

/// What is there of a service while it rolls.
pub(super) struct Fleet {
    pub wanted: u32,
    /// Healthy tasks of the primary deployment.
    pub healthy: u32,
    /// Some tasks of before are there, or are drained.
    pub left: bool,
    /// All is as it shall be.
    pub done: bool,
}

/// Goes on from stage to stage while it runs; true once it is completed.
pub(super) fn advance(
    primary: &Deployment,
    roll: &Roll,
    fleet: &Fleet,
    now: Timestamp,
    plan: &mut Plan,
) -> bool {
    let (is_whole, is_done) = match roll.early {
        None => (fleet.healthy >= fleet.wanted, fleet.done),
        Some(early) => {
            let needed = (u64::from(fleet.wanted) * u64::from(early.percent)).div_ceil(100);
            let enough = u64::from(fleet.healthy) >= needed;
            (enough, enough && (early.deferred || !fleet.left))
        }
    };
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
