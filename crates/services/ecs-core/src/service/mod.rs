//! What a service does next: which tasks it starts and stops, and what becomes of its deployments.
//!
//! [`plan`] is given everything about one service and says what is to be done now, and when to look again. What it
//! says holds by itself: carried out twice from the same world it is the same, and a world that is as it shall be
//! gets nothing but its steadiness told once.
//!
//! Never in a rolling deployment: fewer healthy tasks than the minimum by the plan's own doing, more live tasks than
//! the maximum, two tasks for one place. What [`shift`] never does stands there.

pub mod breaker;
mod conclude;
mod daemon;
mod rebalance;
mod replica;
mod rest;
pub mod roll;
pub mod shift;
pub mod throttle;

use std::time::Duration;

use gantry_base::Timestamp;

pub use breaker::Breaker;
pub use rebalance::{Rebalancing, Turn};
pub use rest::Rest;
pub use roll::Roll;
pub use shift::Shift;
pub use throttle::Throttle;

/// A task without checks of any kind counts as healthy once it has run for so long: one that falls over at its start
/// is not taken for a success.
pub const SETTLE: Duration = Duration::from_secs(5);

/// Everything about one service.
#[derive(Debug, Clone)]
pub struct Service {
    /// False once it was deleted: its tasks go.
    pub active: bool,
    pub wanted: Wanted,
    pub minimum_percent: u32,
    pub maximum_percent: u32,
    pub breaker: Option<Breaker>,
    /// The primary one first.
    pub deployments: Vec<Deployment>,
    /// Those that have not been taken for ended yet.
    pub tasks: Vec<Task>,
    pub throttle: Throttle,
    /// When it was last tried in vain to place a task of it, if that was the last try.
    pub unplaceable: bool,
    /// What was told of it last.
    pub steady: bool,
    /// Where its tasks shall be the same number in each zone.
    pub rebalancing: Option<Rebalancing>,
    /// Where it goes to sleep, and is awake.
    pub rest: Option<Rest>,
}

/// How many tasks, or where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    Replicas(u32),
    /// One on each of these container instances.
    OnEach(Vec<String>),
}

impl Wanted {
    /// How many tasks that makes.
    pub fn count(&self) -> u32 {
        match self {
            Wanted::Replicas(count) => *count,
            Wanted::OnEach(instances) => u32::try_from(instances.len()).unwrap_or(u32::MAX),
        }
    }
}

/// How far a deployment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Rollout {
    InProgress,
    Completed,
    /// Nothing of it is started any more.
    Failed,
}

impl Rollout {
    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Rollout::InProgress => "IN_PROGRESS",
            Rollout::Completed => "COMPLETED",
            Rollout::Failed => "FAILED",
        }
    }
}

/// One deployment.
#[derive(Debug, Clone)]
pub struct Deployment {
    pub id: String,
    pub rollout: Rollout,
    /// Tasks of it that failed since it began or its count was set back.
    pub failed: u32,
    /// It was completed once, so that one can go back to it.
    pub proven: bool,
    /// How far it is in moving traffic, if it does.
    pub shift: Option<Shift>,
    /// How far it is where it rolls, and pauses or is watched.
    pub roll: Option<Roll>,
    /// Its shares of traffic in thousandths, where traffic moves between deployments.
    pub production: u32,
    pub test: u32,
}

/// What checks say of a running task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checks {
    /// There are none.
    None,
    /// They have not come to an end.
    Waiting,
    Passing,
    Failing,
}

/// Where a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Not running yet.
    Pending,
    Running {
        since: Timestamp,
        checks: Checks,
    },
    /// It shall stop, and what leads to it is being taken away first.
    Draining,
    /// It shall stop, or stops by itself.
    Stopping,
    /// It is over. `failed`: by no will of a user or of the service.
    Stopped {
        failed: bool,
    },
}

/// One task of the service.
#[derive(Debug, Clone)]
pub struct Task {
    pub id: String,
    pub deployment: String,
    pub phase: Phase,
    /// It was running at some time.
    pub ran: bool,
    /// It was healthy at some time.
    pub was_healthy: bool,
    /// It was stopped as it was unhealthy, and counted as a failure then.
    pub counted: bool,
    pub created_at: Timestamp,
    pub zone: Option<String>,
    /// The container instance that it is on, or is to be on.
    pub instance: Option<String>,
    /// Its container instance takes no tasks any more.
    pub leaving: bool,
    /// It is not ended by scaling in or by a deployment.
    pub protected: bool,
}

/// Why a task is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// There are too many, or its deployment or instance is left.
    Scaling,
    Unhealthy,
    /// Its service was deleted.
    Deleted,
}

/// What to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// The task's end is taken in: it is nobody's any more.
    Forget {
        task: String,
    },
    /// So many tasks of the deployment failed.
    Failed {
        deployment: String,
        tasks: u32,
    },
    /// The deployment's count of failures begins anew.
    Recovered {
        deployment: String,
    },
    /// What is known of failures in a row.
    Throttle(Throttle),
    Start {
        deployment: String,
        count: u32,
    },
    StartOn {
        deployment: String,
        instances: Vec<String>,
    },
    /// One more, in this zone.
    StartIn {
        deployment: String,
        zone: String,
    },
    /// Tasks are moved between zones from now on, or no longer. `zones`: how many are where.
    Rebalance {
        turn: Turn,
        zones: Vec<(String, u32)>,
    },
    Stop {
        task: String,
        why: Why,
    },
    /// Bounds leave no room to go on.
    Stuck,
    /// The breaker opens. `to`: the deployment that is gone back to.
    Break {
        deployment: String,
        to: Option<String>,
    },
    /// The deployment enters the next stage.
    Advance {
        deployment: String,
        to: shift::Stage,
    },
    /// A hook of the deployment begins.
    Await {
        deployment: String,
        /// Which of its hooks.
        hook: usize,
        at: shift::HookStage,
    },
    /// Nobody has answered the hook in time.
    TimedOut {
        deployment: String,
        pause: String,
    },
    /// Listeners give deployments these shares of traffic, in thousandths; the hundred per cent of production are there
    /// whole. `step`: production's has moved one step further.
    Route {
        production: Vec<(String, u32)>,
        test: Vec<(String, u32)>,
        step: bool,
    },
    /// The primary deployment is done; all others are gone.
    Complete {
        deployment: String,
    },
    /// All is as it shall be; told when it was not so before.
    Steady,
    /// It is no longer so.
    Unsteady,
    /// Nobody asks it for anything: it has no tasks from now on, until somebody does.
    Sleep,
    /// The deleted service has no tasks any more.
    Gone,
}

/// What to do now, and when to look again if nothing happens before.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    pub actions: Vec<Action>,
    pub look_at: Option<Timestamp>,
}

impl Plan {
    fn look(&mut self, at: Timestamp) {
        self.look_at = Some(self.look_at.map_or(at, |known| known.min(at)));
    }

    fn stop(&mut self, task: &Task, why: Why) {
        self.actions.push(Action::Stop { task: task.id.clone(), why });
    }
}

/// How a live task counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Counts {
    /// It is on its way.
    Starting,
    Unhealthy,
    Healthy,
}

impl Task {
    /// Whether it runs or shall run.
    pub fn is_live(&self) -> bool {
        matches!(self.phase, Phase::Pending | Phase::Running { .. })
    }

    /// How a live task counts; one of an earlier deployment needs no time to settle.
    pub(crate) fn counts(&self, current: bool, now: Timestamp) -> Counts {
        match self.phase {
            Phase::Running { checks: Checks::Passing, .. } => Counts::Healthy,
            Phase::Running { checks: Checks::Failing, .. } => Counts::Unhealthy,
            Phase::Running { checks: Checks::None, since }
                if !current || self.was_healthy || now.since(since) >= SETTLE =>
            {
                Counts::Healthy
            }
            _ => Counts::Starting,
        }
    }

    /// Whether it is healthy now, as its service counts it.
    pub fn is_healthy(&self, now: Timestamp) -> bool {
        self.is_live() && self.counts(true, now) == Counts::Healthy
    }
}

impl Service {
    /// The fewest healthy tasks: the minimum percent, rounded up.
    pub fn lower(&self) -> u32 {
        let of = u64::from(self.wanted.count()) * u64::from(self.minimum_percent);
        u32::try_from(of.div_ceil(100)).unwrap_or(u32::MAX)
    }

    /// The most live tasks: the maximum percent, rounded down, and never fewer than are wanted.
    pub fn upper(&self) -> u32 {
        let count = self.wanted.count();
        let of = u64::from(count) * u64::from(self.maximum_percent) / 100;
        u32::try_from(of).unwrap_or(u32::MAX).max(count)
    }

    /// Whether a task belongs to what is wanted now.
    pub(crate) fn is_current(&self, task: &Task) -> bool {
        !task.leaving && self.deployments.first().is_some_and(|primary| primary.id == task.deployment)
    }
}

/// What to do about the service now.
pub fn plan(service: &Service, now: Timestamp) -> Plan {
    let mut plan = Plan::default();
    let failed_now = ends(service, now, &mut plan);
    if !service.active {
        delete(service, &mut plan);
        return plan;
    }
    let Some(primary) = service.deployments.first() else { return plan };
    if primary.rollout == Rollout::InProgress
        && let Some(breaker) = &service.breaker
        && primary.failed + failed_now >= breaker.threshold(service.wanted.count())
    {
        let proven = |one: &&Deployment| one.proven && one.id != primary.id;
        // Who fails on the way back has nowhere else to go.
        let goes = breaker.rollback && !primary.shift.as_ref().is_some_and(|shift| shift.back);
        let back = service.deployments.iter().find(proven).filter(|_| goes);
        let to = back.map(|one| one.id.clone());
        plan.actions.push(Action::Break { deployment: primary.id.clone(), to });
        plan.look(now);
        return plan;
    }
    let held = roll::held(service);
    let moving = held.as_ref().unwrap_or(service);
    match &service.wanted {
        Wanted::Replicas(count) if primary.shift.is_some() => {
            shift::moves(service, *count, now, &mut plan);
            if service.steady {
                plan.actions.push(Action::Unsteady);
            }
            return plan;
        }
        Wanted::Replicas(count) => replica::moves(moving, *count, now, &mut plan),
        Wanted::OnEach(instances) => daemon::moves(moving, instances, now, &mut plan),
    }
    if held.is_some() {
        roll::wait(service, now, &mut plan);
        return plan;
    }
    conclude::conclude(service, now, &mut plan);
    rest::moves(service, now, &mut plan);
    plan
}

/// Takes in what has ended: how many of the primary deployment's tasks failed.
fn ends(service: &Service, now: Timestamp, plan: &mut Plan) -> u32 {
    let mut throttle = service.throttle;
    let mut failed_now = 0u32;
    let primary = service.deployments.first().map(|one| one.id.as_str());
    for deployment in &service.deployments {
        let mut failed = 0;
        for task in service.tasks.iter().filter(|task| task.deployment == deployment.id) {
            if task.phase == (Phase::Stopped { failed: true }) {
                failed += u32::from(!task.counted);
                if !task.was_healthy {
                    throttle.failed(task.created_at, task.ran, now);
                }
            }
        }
        if failed > 0 {
            plan.actions.push(Action::Failed { deployment: deployment.id.clone(), tasks: failed });
        }
        if Some(deployment.id.as_str()) == primary {
            failed_now = failed;
        }
    }
    let current = service.tasks.iter().filter(|task| service.is_current(task));
    let mut healthy = current.filter(|task| task.is_healthy(now));
    if healthy.any(|task| throttle.rounds > 0 && task.created_at >= throttle.counted_at) {
        throttle = Throttle::default();
        if let Some(primary) = service.deployments.first()
            && service.breaker.is_some_and(|breaker| breaker.reset_on_healthy)
            && primary.failed + failed_now > 0
        {
            plan.actions.push(Action::Recovered { deployment: primary.id.clone() });
            failed_now = 0;
        }
    }
    if throttle != service.throttle {
        plan.actions.push(Action::Throttle(throttle));
    }
    let ended = service.tasks.iter().filter(|task| matches!(task.phase, Phase::Stopped { .. }));
    plan.actions.extend(ended.map(|task| Action::Forget { task: task.id.clone() }));
    failed_now
}

/// The throttle as this plan leaves it.
fn throttle_of(service: &Service, plan: &Plan) -> Throttle {
    let changed = plan.actions.iter().find_map(|action| match action {
        Action::Throttle(throttle) => Some(*throttle),
        _ => None,
    });
    changed.unwrap_or(service.throttle)
}

/// Whether something may be started now; if not yet, the plan looks again then.
fn may_start(service: &Service, now: Timestamp, plan: &mut Plan) -> bool {
    if service.deployments.first().is_none_or(|primary| primary.rollout == Rollout::Failed) {
        return false;
    }
    let until = throttle_of(service, plan).until;
    if until > now {
        plan.look(until);
        return false;
    }
    true
}

fn delete(service: &Service, plan: &mut Plan) {
    let mut left = false;
    for task in &service.tasks {
        match task.phase {
            Phase::Pending | Phase::Running { .. } => {
                plan.stop(task, Why::Deleted);
                left = true;
            }
            Phase::Draining | Phase::Stopping => left = true,
            Phase::Stopped { .. } => {}
        }
    }
    if !left {
        plan.actions.push(Action::Gone);
    }
}
