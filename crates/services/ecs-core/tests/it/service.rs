//! Services: short cases, and a world in which they live for a while.

use std::time::Duration;

use gantry_base::Timestamp;
use gantry_ecs_core::service::breaker::Limit;
use gantry_ecs_core::service::{
    Action, Breaker, Checks, Deployment, Phase, Rollout, SETTLE, Service, Task, Throttle, Wanted, Why, plan,
};
use proptest::prelude::*;

pub(crate) const START: Timestamp = Timestamp::from_secs(1_800_000_000);

pub(crate) fn deployment(id: &str, rollout: Rollout) -> Deployment {
    Deployment {
        id: id.into(),
        rollout,
        failed: 0,
        proven: rollout == Rollout::Completed,
        shift: None,
        roll: None,
        production: 0,
        test: 0,
    }
}

pub(crate) fn service(count: u32, minimum_percent: u32, maximum_percent: u32) -> Service {
    Service {
        active: true,
        wanted: Wanted::Replicas(count),
        minimum_percent,
        maximum_percent,
        breaker: None,
        deployments: vec![deployment("one", Rollout::InProgress)],
        tasks: Vec::new(),
        throttle: Throttle::default(),
        unplaceable: false,
        steady: false,
        rebalancing: None,
        rest: None,
    }
}

pub(crate) fn task(id: usize, deployment: &str, phase: Phase) -> Task {
    Task {
        id: format!("{id:04}"),
        deployment: deployment.into(),
        phase,
        ran: matches!(phase, Phase::Running { .. }),
        was_healthy: matches!(phase, Phase::Running { .. }),
        counted: false,
        created_at: START,
        zone: None,
        instance: None,
        leaving: false,
        protected: false,
    }
}

pub(crate) fn healthy() -> Phase {
    Phase::Running { since: START, checks: Checks::Passing }
}

pub(crate) fn tasks(count: usize, deployment: &str, phase: Phase) -> Vec<Task> {
    (0..count).map(|at| task(at, deployment, phase)).collect()
}

pub(crate) fn started(actions: &[Action]) -> u32 {
    actions.iter().map(|one| if let Action::Start { count, .. } = one { *count } else { 0 }).sum()
}

pub(crate) fn stopped(actions: &[Action]) -> Vec<&str> {
    fn task(one: &Action) -> Option<&str> {
        if let Action::Stop { task, .. } = one { Some(task.as_str()) } else { None }
    }
    actions.iter().filter_map(task).collect()
}

/// Two deployments: `two` replaces `one`, whose tasks are healthy.
fn rolling(count: u32, minimum: u32, maximum: u32) -> Service {
    let mut service = service(count, minimum, maximum);
    service.deployments = vec![deployment("two", Rollout::InProgress), deployment("one", Rollout::Completed)];
    service.tasks = tasks(count as usize, "one", healthy());
    service
}

#[test]
fn a_new_service_starts_all_of_its_tasks_and_then_is_done() {
    let mut service = service(3, 100, 200);
    assert_eq!(started(&plan(&service, START).actions), 3);
    service.tasks = tasks(3, "one", Phase::Pending);
    assert_eq!(plan(&service, START).actions, []);
    service.tasks = tasks(3, "one", healthy());
    let actions = plan(&service, START).actions;
    assert_eq!(actions, [Action::Complete { deployment: "one".into() }, Action::Steady]);
    service.deployments[0].rollout = Rollout::Completed;
    service.steady = true;
    assert_eq!(plan(&service, START), Default::default(), "a world as it shall be gets nothing");
}

#[test]
fn a_task_without_checks_has_to_settle() {
    let mut service = service(1, 100, 200);
    service.tasks = tasks(1, "one", Phase::Running { since: START, checks: Checks::None });
    service.tasks[0].was_healthy = false;
    let early = plan(&service, START + Duration::from_secs(1));
    assert_eq!((early.actions, early.look_at), (vec![], Some(START + SETTLE)));
    assert_eq!(plan(&service, START + SETTLE).actions.len(), 2);
}

#[test]
fn a_rolling_deployment_keeps_its_bounds() {
    // All at once beside the old ones.
    let wide = rolling(4, 100, 200);
    let actions = plan(&wide, START).actions;
    assert_eq!((started(&actions), stopped(&actions).len()), (4, 0));
    // No room above: half go first.
    let narrow = rolling(4, 50, 100);
    let actions = plan(&narrow, START).actions;
    assert_eq!((started(&actions), stopped(&actions).len()), (0, 2));
    // A quarter more at a time.
    let quarter = rolling(4, 100, 125);
    let actions = plan(&quarter, START).actions;
    assert_eq!((started(&actions), stopped(&actions).len()), (1, 0));
    // As new ones are healthy, old ones go.
    let mut half = rolling(4, 100, 200);
    half.tasks.extend((10..12).map(|at| task(at, "two", healthy())));
    half.tasks.extend((12..14).map(|at| task(at, "two", Phase::Pending)));
    let actions = plan(&half, START).actions;
    assert_eq!((started(&actions), stopped(&actions).len()), (0, 2));
    // Nothing can move.
    assert!(plan(&rolling(1, 100, 100), START).actions.contains(&Action::Stuck));
}

#[test]
fn the_breaker_goes_back_to_what_was_proven() {
    let mut service = rolling(2, 100, 200);
    service.breaker = Some(Breaker { rollback: true, reset_on_healthy: false, limit: Limit::default() });
    service.deployments[0].failed = 2;
    service.tasks.push(task(9, "two", Phase::Stopped { failed: true }));
    let actions = plan(&service, START).actions;
    let to = Some("one".to_owned());
    assert!(actions.contains(&Action::Break { deployment: "two".into(), to }), "{actions:?}");
    // Without a breaker it goes on, more and more slowly.
    service.breaker = None;
    assert!(!plan(&service, START).actions.iter().any(|one| matches!(one, Action::Break { .. })));
    // What was never completed has nothing behind it.
    service.breaker = Some(Breaker { rollback: true, reset_on_healthy: false, limit: Limit::default() });
    service.deployments[1].proven = false;
    let broken = Action::Break { deployment: "two".into(), to: None };
    assert!(plan(&service, START).actions.contains(&broken));
}

#[test]
fn a_failure_that_was_counted_as_the_task_was_stopped_is_not_counted_again() {
    let mut service = rolling(2, 100, 200);
    service.tasks.push(task(9, "two", Phase::Stopped { failed: true }));
    service.tasks.push(Task { counted: true, ..task(10, "two", Phase::Stopped { failed: true }) });
    let counts = Action::Failed { deployment: "two".into(), tasks: 1 };
    assert!(plan(&service, START).actions.contains(&counts));
    service.tasks.remove(2);
    let actions = plan(&service, START).actions;
    assert!(!actions.iter().any(|one| matches!(one, Action::Failed { .. })), "{actions:?}");
}

#[test]
fn nothing_of_a_failed_deployment_is_started() {
    let mut service = rolling(2, 100, 200);
    service.deployments[0].rollout = Rollout::Failed;
    assert_eq!(plan(&service, START).actions, [], "those of before go on");
}

#[test]
fn an_unhealthy_task_is_replaced_before_it_goes() {
    let mut service = service(2, 100, 200);
    service.deployments[0].rollout = Rollout::Completed;
    service.tasks = tasks(2, "one", healthy());
    service.tasks[1].phase = Phase::Running { since: START, checks: Checks::Failing };
    let actions = plan(&service, START).actions;
    assert_eq!((started(&actions), stopped(&actions).len()), (1, 0));
    service.tasks.push(task(5, "one", healthy()));
    let stop = Action::Stop { task: "0001".into(), why: Why::Unhealthy };
    assert_eq!(plan(&service, START).actions, [stop]);
}

#[test]
fn scaling_in_takes_from_the_fullest_zone_and_leaves_the_protected() {
    let mut service = service(2, 100, 200);
    service.tasks = tasks(4, "one", healthy());
    for (task, zone) in service.tasks.iter_mut().zip(["a", "b", "b", "b"]) {
        task.zone = Some(zone.into());
    }
    service.tasks[3].protected = true;
    let actions = plan(&service, START).actions;
    assert_eq!(stopped(&actions), ["0002", "0001"]);
}

#[test]
fn a_draining_instance_is_left_within_the_bounds() {
    let mut service = service(2, 50, 100);
    service.deployments[0].rollout = Rollout::Completed;
    service.tasks = tasks(2, "one", healthy());
    for task in &mut service.tasks {
        task.leaving = true;
    }
    let actions = plan(&service, START).actions;
    assert_eq!((started(&actions), stopped(&actions).len()), (0, 1), "one of two may go");
}

#[test]
fn a_daemon_is_once_on_each_instance() {
    let mut service = service(0, 0, 100);
    service.wanted = Wanted::OnEach(vec!["i-1".into(), "i-2".into()]);
    let on = |id, deployment: &str, instance: &str| Task {
        instance: Some(instance.into()),
        ..task(id, deployment, healthy())
    };
    service.tasks = vec![on(1, "one", "i-1"), on(2, "one", "i-1"), on(3, "one", "i-3")];
    let actions = plan(&service, START).actions;
    assert_eq!(stopped(&actions), ["0003", "0002"]);
    let starts = Action::StartOn { deployment: "one".into(), instances: vec!["i-2".into()] };
    assert!(actions.contains(&starts));
    service.tasks = vec![on(1, "one", "i-1"), on(2, "one", "i-2")];
    service.deployments[0].rollout = Rollout::Completed;
    service.steady = true;
    assert_eq!(plan(&service, START), Default::default());
    // A new deployment: at 50 % one after the other.
    service.deployments.insert(0, deployment("two", Rollout::InProgress));
    service.minimum_percent = 50;
    assert_eq!(stopped(&plan(&service, START).actions).len(), 1);
}

#[test]
fn a_deleted_service_ends_when_its_last_task_does() {
    let mut service = service(0, 100, 200);
    service.active = false;
    service.tasks = tasks(1, "one", healthy());
    assert_eq!(stopped(&plan(&service, START).actions).len(), 1);
    service.tasks = tasks(1, "one", Phase::Stopping);
    assert_eq!(plan(&service, START).actions, []);
    service.tasks = tasks(1, "one", Phase::Stopped { failed: false });
    let forget = Action::Forget { task: "0000".into() };
    assert_eq!(plan(&service, START).actions, [forget, Action::Gone]);
}

/// What happens to a service beside its own doing.
#[derive(Debug, Clone)]
enum Event {
    /// Time passes, and nodes do what they do.
    Pass(u64),
    /// The task of that number ends by itself.
    Crash(usize),
    /// Its checks fail.
    Sicken(usize),
    Deploy {
        bad: bool,
    },
    Scale(u32),
    Leave(usize),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (1u64..20).prop_map(Event::Pass),
        2 => (0usize..20).prop_map(Event::Crash),
        1 => (0usize..20).prop_map(Event::Sicken),
        1 => any::<bool>().prop_map(|bad| Event::Deploy { bad }),
        1 => (0u32..8).prop_map(Event::Scale),
        1 => (0usize..20).prop_map(Event::Leave),
    ]
}

/// A service with nodes that do at once what they are told.
struct World {
    service: Service,
    bad: Vec<String>,
    now: Timestamp,
    made: usize,
}

impl World {
    fn new(count: u32, minimum: u32, maximum: u32, breaker: bool) -> World {
        let mut service = service(count, minimum, maximum);
        service.breaker =
            breaker.then(|| Breaker { rollback: true, reset_on_healthy: false, limit: Limit::default() });
        World { service, bad: Vec::new(), now: START, made: 0 }
    }

    fn live(&self) -> usize {
        self.service.tasks.iter().filter(|task| task.is_live()).count()
    }

    fn serving(&self) -> usize {
        let serves = |task: &&Task| {
            matches!(task.phase, Phase::Running { checks: Checks::None | Checks::Passing, .. })
        };
        self.service.tasks.iter().filter(serves).count()
    }

    fn happen(&mut self, event: &Event) {
        let count = self.service.tasks.len().max(1);
        match event {
            Event::Pass(seconds) => {
                self.now = self.now + Duration::from_secs(*seconds);
                let (now, bad) = (self.now, &self.bad);
                for task in &mut self.service.tasks {
                    task.phase = match task.phase {
                        Phase::Pending if bad.contains(&task.deployment) => Phase::Stopped { failed: true },
                        Phase::Pending => Phase::Running { since: now, checks: Checks::None },
                        Phase::Draining => Phase::Stopping,
                        Phase::Stopping => Phase::Stopped { failed: false },
                        other => other,
                    };
                }
            }
            Event::Crash(at) => {
                if let Some(task) = self.service.tasks.get_mut(at % count)
                    && task.is_live()
                {
                    task.phase = Phase::Stopped { failed: true };
                }
            }
            Event::Sicken(at) => {
                if let Some(task) = self.service.tasks.get_mut(at % count)
                    && let Phase::Running { checks, .. } = &mut task.phase
                {
                    *checks = Checks::Failing;
                }
            }
            Event::Deploy { bad } => {
                self.made += 1;
                let id = format!("d{}", self.made);
                if *bad {
                    self.bad.push(id.clone());
                }
                self.service.deployments.insert(0, deployment(&id, Rollout::InProgress));
                self.service.throttle = Throttle::default();
                self.service.steady = false;
            }
            Event::Scale(count) => self.service.wanted = Wanted::Replicas(*count),
            Event::Leave(at) => {
                if let Some(task) = self.service.tasks.get_mut(at % count) {
                    task.leaving = true;
                }
            }
        }
    }

    /// Plans, holds the plan against the bounds, and does it. Whether there was anything to do.
    fn step(&mut self) -> Result<bool, TestCaseError> {
        let plan = plan(&self.service, self.now);
        let (live, serving) = (self.live(), self.serving());
        let (lower, upper) = (self.service.lower() as usize, self.service.upper() as usize);
        let again = plan.actions.clone();
        prop_assert_eq!(&again, &gantry_ecs_core::service::plan(&self.service, self.now).actions);
        for action in plan.actions.iter().cloned() {
            self.carry_out(action)?;
        }
        prop_assert!(self.live() <= upper.max(live), "{} live of {upper} at most: {:?}", self.live(), plan);
        prop_assert!(
            self.serving() >= lower.min(serving),
            "{} of {lower} at least: {:?}",
            self.serving(),
            plan
        );
        let primary = &self.service.deployments[0].id;
        let current = self.service.tasks.iter().filter(|task| {
            let sick = matches!(task.phase, Phase::Running { checks: Checks::Failing, .. });
            task.is_live() && !task.leaving && !sick && task.deployment == *primary
        });
        if again.iter().any(|one| matches!(one, Action::Start { .. })) {
            prop_assert!(current.count() <= self.service.wanted.count() as usize, "a task is doubled");
        }
        let now = self.now;
        for task in &mut self.service.tasks {
            task.was_healthy |= task.is_healthy(now);
        }
        Ok(!plan.actions.is_empty())
    }

    fn carry_out(&mut self, action: Action) -> Result<(), TestCaseError> {
        let service = &mut self.service;
        match action {
            Action::Forget { task } => service.tasks.retain(|one| one.id != task),
            Action::Failed { deployment, tasks } => {
                for one in service.deployments.iter_mut().filter(|one| one.id == deployment) {
                    one.failed += tasks;
                }
            }
            Action::Throttle(throttle) => service.throttle = throttle,
            Action::Start { deployment, count } => {
                for _ in 0..count {
                    self.made += 1;
                    let new = Task { created_at: self.now, ..task(self.made, &deployment, Phase::Pending) };
                    service.tasks.push(Task { was_healthy: false, ..new });
                }
            }
            Action::Stop { task, .. } => {
                let found = service.tasks.iter_mut().find(|one| one.id == task);
                let found =
                    found.ok_or_else(|| TestCaseError::fail("a task that is not there is stopped"))?;
                prop_assert!(found.is_live(), "what stops is stopped again");
                found.phase = Phase::Stopping;
            }
            Action::Break { to, .. } => {
                service.deployments[0].rollout = Rollout::Failed;
                if let Some(to) = to
                    && let Some(at) = service.deployments.iter().position(|one| one.id == to)
                {
                    let mut back = service.deployments.remove(at);
                    (back.rollout, back.failed) = (Rollout::InProgress, 0);
                    service.deployments.insert(0, back);
                }
                service.throttle = Throttle::default();
            }
            Action::Complete { .. } => {
                service.deployments.truncate(1);
                service.deployments[0].rollout = Rollout::Completed;
                service.deployments[0].proven = true;
            }
            Action::Steady => service.steady = true,
            Action::Unsteady => service.steady = false,
            Action::Recovered { .. } | Action::Stuck => {}
            Action::StartOn { .. }
            | Action::Gone
            | Action::Sleep
            | Action::StartIn { .. }
            | Action::Rebalance { .. }
            | Action::Advance { .. }
            | Action::Await { .. }
            | Action::TimedOut { .. }
            | Action::Route { .. } => prop_assert!(false, "not a replica's: {action:?}"),
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn every_history_keeps_the_bounds_and_ends_converged(
        count in 0u32..8,
        (minimum, maximum) in prop_oneof![Just((100, 200)), Just((50, 100)), Just((50, 150)), Just((0, 100)), Just((0, 200))],
        breaker: bool,
        history in prop::collection::vec(event(), 0..60),
    ) {
        let mut world = World::new(count, minimum, maximum, breaker);
        for event in &history {
            world.happen(event);
            world.step()?;
        }
        // A good deployment, which its bounds allow, and nothing more happens to it.
        if world.service.lower() >= world.service.upper() {
            world.happen(&Event::Scale(4));
        }
        world.happen(&Event::Deploy { bad: false });
        for _ in 0..200 {
            world.step()?;
            world.happen(&Event::Pass(10));
        }
        world.step()?;
        prop_assert!(!world.step()?, "a converged world plans nothing");
        prop_assert_eq!(world.live(), world.service.wanted.count() as usize);
        prop_assert_eq!(world.service.deployments.len(), 1);
        prop_assert_eq!(world.service.deployments[0].rollout, Rollout::Completed);
        prop_assert!(world.service.steady);
    }
}
