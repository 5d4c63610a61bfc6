//! Deployments that move traffic: blue/green, linear and canary.
//!
//! The new revision (green) comes up whole beside the one that serves (blue), in target groups of its own. Then the
//! test listener's traffic moves to it, then production's, at once or in steps; both run on for the bake time, and at
//! last blue's tasks go. A rollback is the same way back, all at once.
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html>
//!
//! Weights are thousandths, and those of production are [`WHOLE`] together at every time. Never: traffic moves to a
//! revision that is not whole, fewer tasks of a revision that serves than are wanted by the plan's own doing, more than
//! twice as many tasks as are wanted.

mod fleet;
mod hook;
mod stage;

use std::time::Duration;

use gantry_base::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Deployment, Plan, Rollout, Service};
pub(super) use hook::all_through;
pub use hook::{HookStage, OnTimeout, Pause, PauseHook, PauseStatus};

/// All traffic, in thousandths.
pub const WHOLE: u32 = 1000;
/// While one revision keeps failing, tasks of the other wait no longer than this.
const WAITS_AT_MOST: Duration = Duration::from_secs(10);
/// What traffic came from begins to go only so long after it was moved: by then load balancers have taken it in.
const TAKEN_IN: Duration = Duration::from_secs(2);
/// How long traffic waits to be taken back to a revision of which no task is healthy.
const TAKEN_BACK_WITHIN: Duration = Duration::from_secs(600);

/// How production traffic moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Way {
    /// At once.
    BlueGreen,
    /// In equal steps of so many thousandths.
    Linear { step: u32, bake_minutes: u32 },
    /// First so many thousandths, then the rest.
    Canary { first: u32, bake_minutes: u32 },
}

impl Way {
    /// The new revision's share after the next step.
    pub fn next(self, share: u32) -> u32 {
        match self {
            Way::BlueGreen => WHOLE,
            Way::Linear { step, .. } => share.saturating_add(step.max(1)).min(WHOLE),
            Way::Canary { first, .. } if share < first => first.min(WHOLE),
            Way::Canary { .. } => WHOLE,
        }
    }

    /// How long each step but the last is watched.
    pub fn step_bake(self) -> Duration {
        match self {
            Way::BlueGreen => Duration::ZERO,
            Way::Linear { bake_minutes, .. } | Way::Canary { bake_minutes, .. } => minutes(bake_minutes),
        }
    }
}

pub(super) fn minutes(count: u32) -> Duration {
    Duration::from_secs(60 * u64::from(count))
}

/// AWS's life cycle stages of a service deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Stage {
    /// Another deployment was under way: what it began is taken back.
    ReconcileService,
    PreScaleUp,
    ScaleUp,
    PostScaleUp,
    TestTrafficShift,
    PostTestTrafficShift,
    ProductionTrafficShift,
    PostProductionTrafficShift,
    BakeTime,
    CleanUp,
}

impl Stage {
    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Stage::ReconcileService => "RECONCILE_SERVICE",
            Stage::PreScaleUp => "PRE_SCALE_UP",
            Stage::ScaleUp => "SCALE_UP",
            Stage::PostScaleUp => "POST_SCALE_UP",
            Stage::TestTrafficShift => "TEST_TRAFFIC_SHIFT",
            Stage::PostTestTrafficShift => "POST_TEST_TRAFFIC_SHIFT",
            Stage::ProductionTrafficShift => "PRODUCTION_TRAFFIC_SHIFT",
            Stage::PostProductionTrafficShift => "POST_PRODUCTION_TRAFFIC_SHIFT",
            Stage::BakeTime => "BAKE_TIME",
            Stage::CleanUp => "CLEAN_UP",
        }
    }
}

/// How far the primary deployment is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shift {
    pub way: Way,
    pub bake_minutes: u32,
    #[serde(default)]
    pub hooks: Vec<PauseHook>,
    /// There is a test listener.
    pub with_test: bool,
    /// It goes back to a revision of before.
    #[serde(default)]
    pub back: bool,
    pub stage: Stage,
    /// When the stage, or the last step within it, began.
    pub since: Timestamp,
    /// Listeners know the new revision's target groups, so that these are checked.
    #[serde(default)]
    pub prepared: bool,
    /// Production traffic has begun to move.
    #[serde(default)]
    pub stepped: bool,
    /// When traffic was moved last.
    #[serde(default)]
    pub routed_at: Timestamp,
    /// Hooks of this stage or step that have begun.
    #[serde(default)]
    pub pauses: Vec<Pause>,
}

impl Shift {
    /// A new deployment. `reconciles`: others than the one that serves are still there.
    pub fn new(way: Way, bake_minutes: u32, reconciles: bool, now: Timestamp) -> Shift {
        Shift {
            way,
            bake_minutes,
            hooks: Vec::new(),
            with_test: false,
            back: false,
            stage: if reconciles { Stage::ReconcileService } else { Stage::PreScaleUp },
            since: now,
            prepared: false,
            stepped: false,
            routed_at: Timestamp::default(),
            pauses: Vec::new(),
        }
    }

    /// The way back from a deployment: at once, and nobody is waited for.
    pub fn backwards(with_test: bool, now: Timestamp) -> Shift {
        let forwards = Shift::new(Way::BlueGreen, 0, false, now);
        Shift { with_test, back: true, stage: Stage::ScaleUp, prepared: true, ..forwards }
    }

    /// Enters a stage.
    pub fn enter(&mut self, stage: Stage, now: Timestamp) {
        self.stage = stage;
        self.since = now;
        self.pauses.clear();
    }

    /// Traffic was moved. `step`: production's has moved one step further.
    pub fn routed(&mut self, step: bool, now: Timestamp) {
        self.prepared = true;
        self.routed_at = now;
        if step {
            self.stepped = true;
            self.since = now;
            self.pauses.clear();
        }
    }
}

/// Which of the deployments beside the primary one serves, and can be gone back to: proven before serving, newer before
/// older. Each is whether it was completed once, and its share of production traffic.
pub fn source(others: impl IntoIterator<Item = (bool, u32)>) -> Option<usize> {
    let mut best: Option<(usize, (bool, u32))> = None;
    for (at, one) in others.into_iter().enumerate() {
        if (one.0 || one.1 > 0) && best.is_none_or(|(_, known)| one > known) {
            best = Some((at, one));
        }
    }
    best.map(|(at, _)| at)
}

/// The deployments of a service whose traffic moves.
struct Parts<'a> {
    green: &'a Deployment,
    shift: &'a Shift,
    blue: Option<&'a Deployment>,
    /// All but the primary one.
    others: &'a [Deployment],
}

impl<'a> Parts<'a> {
    fn of(service: &'a Service) -> Option<Parts<'a>> {
        let (green, others) = service.deployments.split_first()?;
        let shift = green.shift.as_ref()?;
        let at = source(others.iter().map(|one| (one.proven, one.production)));
        Some(Parts { green, shift, blue: at.map(|at| &others[at]), others })
    }

    fn is_blue(&self, one: &Deployment) -> bool {
        self.blue.is_some_and(|blue| blue.id == one.id)
    }
}

/// Takes the deployment one step further.
pub(super) fn moves(service: &Service, count: u32, now: Timestamp, plan: &mut Plan) {
    let Some(parts) = Parts::of(service) else { return };
    let (shift, wanted) = (parts.shift, count as usize);
    let mut fleets = fleet::Fleets::new(service, wanted, now);
    let throttle = super::throttle_of(service, plan);
    let until = match service.unplaceable {
        true => throttle.until,
        false => throttle.until.min(throttle.counted_at + WAITS_AT_MOST),
    };
    if parts.green.rollout == Rollout::Failed {
        // It stays where it was stopped: whoever serves goes on.
        for one in service.deployments.iter().filter(|one| one.production > 0) {
            fleets.staff(one, wanted, Some(until), plan);
        }
        return;
    }
    let mut blue = fleet::Crew::default();
    let taken_in = shift.routed_at + TAKEN_IN;
    if taken_in > now {
        plan.look(taken_in);
    }
    for one in parts.others {
        let keeps = shift.stage != Stage::CleanUp;
        if !keeps && taken_in > now {
            continue;
        }
        let unused = one.production == 0 && (one.test == 0 || !shift.with_test);
        let left = shift.stage == Stage::ReconcileService && !parts.is_blue(one) && unused && taken_in <= now;
        if left || !keeps {
            fleets.staff(one, 0, None, plan);
        } else if parts.is_blue(one) {
            blue = fleets.staff(one, wanted, Some(until), plan);
        }
    }
    let mut green = fleet::Crew::default();
    if shift.stage >= Stage::ScaleUp {
        green = fleets.staff(parts.green, wanted, Some(until), plan);
    }
    stage::advance(service, &parts, [green, blue], now, plan);
}
