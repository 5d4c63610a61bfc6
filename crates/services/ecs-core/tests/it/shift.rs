//! Deployments that move traffic: each stage once, and a world in which they live for a while.

use std::time::Duration;

use gantry_base::Timestamp;
use gantry_ecs_core::service::breaker::Limit;
use gantry_ecs_core::service::shift::{
    HookStage, OnTimeout, PauseHook, PauseStatus, Stage, WHOLE, Way, source,
};
use gantry_ecs_core::service::{
    Action, Breaker, Checks, Deployment, Phase, Rollout, Service, Shift, Task, Throttle, Wanted, plan,
};
use proptest::prelude::*;

use crate::service::{START, deployment, service, task};

/// A service with nodes and listeners that do at once what they are told.
struct World {
    service: Service,
    bad: Vec<String>,
    now: Timestamp,
    made: usize,
    way: Way,
    bake: u32,
    hooks: Vec<PauseHook>,
    /// Every share of production that the newest deployment was given.
    shares: Vec<u32>,
    stages: Vec<Stage>,
}

impl World {
    /// One deployment serves, with so many healthy tasks.
    fn new(count: u32, way: Way) -> World {
        let mut service = service(count, 100, 200);
        let mut one = deployment("one", Rollout::Completed);
        (one.production, one.test) = (WHOLE, WHOLE);
        service.deployments = vec![one];
        service.steady = true;
        let healthy = Phase::Running { since: START, checks: Checks::Passing };
        service.tasks = (0..count as usize).map(|at| task(at, "one", healthy)).collect();
        World {
            service,
            bad: Vec::new(),
            now: START,
            made: 100,
            way,
            bake: 0,
            hooks: Vec::new(),
            shares: Vec::new(),
            stages: Vec::new(),
        }
    }

    fn with_breaker(mut self) -> World {
        self.service.breaker =
            Some(Breaker { rollback: true, reset_on_healthy: false, limit: Limit::default() });
        self
    }

    fn deploy(&mut self, bad: bool) {
        self.made += 1;
        let id = format!("d{}", self.made);
        if bad {
            self.bad.push(id.clone());
        }
        let others: Vec<(bool, u32)> =
            self.service.deployments.iter().map(|one| (one.proven, one.production)).collect();
        let from = source(others.iter().copied());
        let mut new = deployment(&id, Rollout::InProgress);
        if from.is_none() {
            for one in &mut self.service.deployments {
                one.production = 0;
            }
            new.production = WHOLE;
        }
        let shift = Shift::new(
            self.way,
            self.bake,
            others.len() > 1 || from.is_none() && !others.is_empty(),
            self.now,
        );
        new.shift = Some(Shift { hooks: self.hooks.clone(), with_test: true, ..shift });
        self.service.deployments.insert(0, new);
        self.service.throttle = Throttle::default();
        self.shares.clear();
        self.stages.clear();
    }

    /// Gives up the primary deployment, as a user who stops it does.
    fn go_back(&mut self) {
        let proven = |one: &Deployment| one.proven;
        let Some(at) = self.service.deployments.iter().skip(1).position(proven) else { return };
        let forwards = self.service.deployments[0].shift.as_ref().is_some_and(|shift| !shift.back);
        if forwards && self.service.deployments[0].rollout == Rollout::InProgress {
            self.back_to(at + 1);
        }
    }

    fn back_to(&mut self, at: usize) {
        let primary = &mut self.service.deployments[0];
        primary.rollout = Rollout::Failed;
        primary.shift = None;
        let mut back = self.service.deployments.remove(at);
        (back.rollout, back.failed) = (Rollout::InProgress, 0);
        back.shift = Some(Shift::backwards(true, self.now));
        self.service.deployments.insert(0, back);
        self.service.throttle = Throttle::default();
    }

    fn pass(&mut self, seconds: u64) {
        self.now = self.now + Duration::from_secs(seconds);
        let (now, bad) = (self.now, &self.bad);
        for task in &mut self.service.tasks {
            task.phase = match task.phase {
                Phase::Pending if bad.contains(&task.deployment) => Phase::Stopped { failed: true },
                Phase::Pending => Phase::Running { since: now, checks: Checks::Passing },
                Phase::Draining => Phase::Stopping,
                Phase::Stopping => Phase::Stopped { failed: false },
                other => other,
            };
        }
    }

    fn healthy(&self, deployment: &str) -> usize {
        let of = self.service.tasks.iter().filter(|task| task.deployment == deployment);
        of.filter(|task| task.is_healthy(self.now)).count()
    }

    fn live(&self) -> usize {
        self.service.tasks.iter().filter(|task| task.is_live()).count()
    }

    fn stage(&self) -> Option<Stage> {
        self.service.deployments[0].shift.as_ref().map(|shift| shift.stage)
    }

    /// Plans, holds the plan against what is promised, and does it. Whether there was anything to do.
    fn step(&mut self) -> Result<bool, TestCaseError> {
        let plan = plan(&self.service, self.now);
        prop_assert_eq!(&plan, &gantry_ecs_core::service::plan(&self.service, self.now), "the same twice");
        let live = self.live();
        let wanted = self.service.wanted.count() as usize;
        let serving: Vec<(String, usize)> = self
            .service
            .deployments
            .iter()
            .filter(|one| one.production > 0)
            .map(|one| (one.id.clone(), self.healthy(&one.id)))
            .collect();
        for action in plan.actions.iter().cloned() {
            self.carry_out(action)?;
        }
        let leaving = self.service.tasks.iter().filter(|task| task.is_live() && task.leaving).count();
        prop_assert!(
            self.live() <= live.max(2 * wanted + leaving),
            "{} live of {wanted} wanted: {plan:?}",
            self.live()
        );
        let shares: u32 = self.service.deployments.iter().map(|one| one.production).sum();
        prop_assert!(shares == WHOLE, "shares of {shares}: {plan:?}");
        for (id, before) in serving {
            let serves = self.service.deployments.iter().any(|one| one.id == id && one.production > 0);
            prop_assert!(!serves || self.healthy(&id) >= before.min(wanted), "{id} has fewer: {plan:?}");
        }
        Ok(!plan.actions.is_empty())
    }

    fn carry_out(&mut self, action: Action) -> Result<(), TestCaseError> {
        let now = self.now;
        match action {
            Action::Forget { task } => self.service.tasks.retain(|one| one.id != task),
            Action::Failed { deployment, tasks } => self.find(&deployment).failed += tasks,
            Action::Throttle(throttle) => self.service.throttle = throttle,
            Action::Start { deployment, count } => {
                for _ in 0..count {
                    self.made += 1;
                    let new = Task { created_at: now, ..task(self.made, &deployment, Phase::Pending) };
                    self.service.tasks.push(Task { was_healthy: false, ..new });
                }
            }
            Action::Stop { task, .. } => {
                let found = self.service.tasks.iter_mut().find(|one| one.id == task).unwrap();
                prop_assert!(found.is_live(), "what stops is stopped again");
                found.phase = Phase::Draining;
            }
            Action::Break { to, .. } => {
                let at = to.and_then(|to| self.service.deployments.iter().position(|one| one.id == to));
                match at {
                    Some(at) => self.back_to(at),
                    None => self.service.deployments[0].rollout = Rollout::Failed,
                }
                self.service.throttle = Throttle::default();
            }
            Action::Advance { deployment, to } => {
                self.stages.push(to);
                let one = self.find(&deployment);
                let shift = one.shift.as_mut().unwrap();
                shift.enter(to, now);
                if to == Stage::CleanUp && !shift.back {
                    one.proven = true;
                }
            }
            Action::Await { deployment, hook, at } => {
                let shift = self.find(&deployment).shift.as_mut().unwrap();
                let pause = shift.hooks[hook].begin(hook, at, format!("hook {}", shift.pauses.len()), now);
                shift.pauses.push(pause);
            }
            Action::TimedOut { deployment, pause } => {
                let shift = self.find(&deployment).shift.as_mut().unwrap();
                let pause = shift.pauses.iter_mut().find(|one| one.id == pause).unwrap();
                pause.status = PauseStatus::TimedOut;
                if pause.on_timeout == OnTimeout::Rollback {
                    self.go_back();
                }
            }
            Action::Route { production, test, step } => {
                for (id, share) in production {
                    let moves = self.find(&id).production < share;
                    let whole = self.healthy(&id) >= self.service.wanted.count() as usize;
                    let shift = self.service.deployments[0].shift.as_ref();
                    let forwards = shift.is_some_and(|shift| !shift.back && shift.stage > Stage::ScaleUp);
                    prop_assert!(!(moves && forwards) || whole, "traffic moves to what is not whole");
                    self.find(&id).production = share;
                }
                for (id, share) in test {
                    self.find(&id).test = share;
                }
                let one = &mut self.service.deployments[0];
                self.shares.push(one.production);
                one.shift.as_mut().unwrap().routed(step, now);
            }
            Action::Complete { .. } => {
                self.service.deployments.truncate(1);
                let one = &mut self.service.deployments[0];
                (one.rollout, one.proven, one.shift) = (Rollout::Completed, true, None);
            }
            Action::Steady => self.service.steady = true,
            Action::Unsteady => self.service.steady = false,
            Action::Recovered { .. } | Action::Stuck => {}
            other => prop_assert!(false, "not of such a service: {other:?}"),
        }
        Ok(())
    }

    fn find(&mut self, id: &str) -> &mut Deployment {
        self.service.deployments.iter_mut().find(|one| one.id == id).unwrap()
    }

    /// Goes on until that holds, by these steps in time.
    fn until(&mut self, seconds: u64, holds: impl Fn(&World) -> bool) {
        for _ in 0..500 {
            if holds(self) {
                return;
            }
            self.step().unwrap();
            self.pass(seconds);
        }
        panic!("it does not come: {:?}", self.service.deployments);
    }
}

fn is_done(world: &World) -> bool {
    world.service.deployments.len() == 1 && world.service.deployments[0].rollout == Rollout::Completed
}

#[test]
fn green_goes_through_every_stage() {
    let mut world = World::new(3, Way::BlueGreen);
    world.bake = 5;
    world.deploy(false);
    assert_eq!(world.stage(), Some(Stage::PreScaleUp));
    world.until(1, |world| world.stage() == Some(Stage::BakeTime));
    assert_eq!((world.healthy("one"), world.healthy("d101")), (3, 3), "both run while it is watched");
    let began = world.now;
    world.until(30, is_done);
    assert!(world.now.since(began) >= Duration::from_secs(300), "the bake time is waited for");
    let all = [
        Stage::ScaleUp,
        Stage::PostScaleUp,
        Stage::TestTrafficShift,
        Stage::PostTestTrafficShift,
        Stage::ProductionTrafficShift,
        Stage::PostProductionTrafficShift,
        Stage::BakeTime,
        Stage::CleanUp,
    ];
    assert_eq!(world.stages, all);
    assert_eq!(world.shares, [0, 0, WHOLE], "made known, tested, moved");
    assert_eq!((world.live(), world.healthy("d101")), (3, 3));
}

#[test]
fn steps_are_taken_and_watched() {
    for (way, shares) in [
        (Way::Linear { step: 300, bake_minutes: 6 }, vec![300, 600, 900, WHOLE]),
        (Way::Linear { step: 500, bake_minutes: 6 }, vec![500, WHOLE]),
        (Way::Canary { first: 1, bake_minutes: 6 }, vec![1, WHOLE]),
        (Way::Canary { first: WHOLE, bake_minutes: 6 }, vec![WHOLE]),
    ] {
        let mut world = World::new(2, way);
        world.deploy(false);
        world.until(1, |world| world.stage() == Some(Stage::ProductionTrafficShift));
        let began = world.now;
        world.until(10, is_done);
        assert_eq!(&world.shares[2..], &shares[..], "{way:?}");
        // No wait after the last.
        let least = Duration::from_secs(360 * (shares.len() as u64 - 1));
        let took = world.now.since(began);
        assert!(took >= least && took < least + Duration::from_secs(200), "{way:?}: {took:?}");
    }
}

#[test]
fn the_first_deployment_waits_for_nothing() {
    let mut world = World::new(2, Way::Canary { first: 100, bake_minutes: 10 });
    (world.bake, world.service.deployments, world.service.tasks) = (60, Vec::new(), Vec::new());
    world.deploy(false);
    let began = world.now;
    world.until(1, is_done);
    assert!(world.now.since(began) < Duration::from_secs(60));
    assert!(world.shares.iter().all(|share| *share == WHOLE));
}

#[test]
fn a_hook_pauses_each_step_until_somebody_answers() {
    let mut world = World::new(1, Way::Linear { step: 500, bake_minutes: 0 });
    let stages = vec![HookStage::PostScaleUp, HookStage::PreProductionTrafficShift];
    world.hooks = vec![PauseHook { stages, timeout_minutes: 60, on_timeout: OnTimeout::Rollback }];
    world.deploy(false);
    let waits = |world: &World| {
        let shift = world.service.deployments[0].shift.as_ref();
        shift.is_some_and(|shift| shift.pauses.iter().any(|one| one.status == PauseStatus::AwaitingAction))
    };
    for at in [Stage::PostScaleUp, Stage::ProductionTrafficShift, Stage::ProductionTrafficShift] {
        world.until(1, waits);
        assert_eq!(world.stage(), Some(at));
        world.step().unwrap();
        assert!(waits(&world), "it goes on by itself");
        let pauses = &mut world.service.deployments[0].shift.as_mut().unwrap().pauses;
        pauses.iter_mut().for_each(|pause| pause.status = PauseStatus::Succeeded);
    }
    world.until(1, is_done);
    // Nobody answers: back.
    world.deploy(false);
    world.until(60, is_done);
    assert_eq!(world.service.deployments[0].id, "d101");
    // Nobody answers, and it is configured to go on.
    world.hooks[0].on_timeout = OnTimeout::Continue;
    world.deploy(false);
    let newest = world.service.deployments[0].id.clone();
    world.until(60, is_done);
    assert_eq!(world.service.deployments[0].id, newest);
}

#[test]
fn what_fails_while_it_is_watched_loses_its_traffic_at_once() {
    let mut world = World::new(3, Way::BlueGreen).with_breaker();
    world.bake = 60;
    world.deploy(false);
    world.until(1, |world| world.stage() == Some(Stage::BakeTime));
    world.bad.push("d101".into());
    for task in world.service.tasks.iter_mut().filter(|task| task.deployment == "d101") {
        task.phase = Phase::Stopped { failed: true };
    }
    world.step().unwrap();
    world.until(1, |world| {
        world.service.deployments.iter().any(|one| one.id == "one" && one.production == WHOLE)
    });
    assert_eq!(world.healthy("one"), 3, "blue was there the whole time");
    world.until(1, is_done);
    assert_eq!((world.service.deployments[0].id.as_str(), world.live()), ("one", 3));
}

#[test]
fn a_stopped_deployment_is_gone_back_from_at_every_stage() {
    for stage in [
        Stage::PreScaleUp,
        Stage::ScaleUp,
        Stage::PostScaleUp,
        Stage::TestTrafficShift,
        Stage::PostTestTrafficShift,
        Stage::ProductionTrafficShift,
        Stage::PostProductionTrafficShift,
        Stage::BakeTime,
        Stage::CleanUp,
    ] {
        let mut world = World::new(2, Way::Canary { first: 100, bake_minutes: 1 });
        world.bake = 1;
        world.deploy(false);
        world.until(1, |world| world.stage() == Some(stage));
        world.go_back();
        world.until(1, is_done);
        let left = &world.service.deployments[0];
        assert_eq!((left.id.as_str(), left.production, left.test), ("one", WHOLE, WHOLE), "{stage:?}");
        assert_eq!((world.live(), world.healthy("one")), (2, 2), "{stage:?}");
    }
}

#[test]
fn another_deployment_takes_back_what_the_last_one_began() {
    let mut world = World::new(2, Way::Canary { first: 200, bake_minutes: 60 });
    world.deploy(false);
    world.until(1, |world| world.service.deployments[0].production == 200);
    world.deploy(false);
    assert_eq!(world.stage(), Some(Stage::ReconcileService));
    world.until(1, |world| world.stage() == Some(Stage::PreScaleUp));
    assert_eq!((world.healthy("d101"), world.live(), world.service.deployments[2].production), (0, 2, WHOLE));
    world.until(60, is_done);
    let last = format!("d{}", world.made.min(999));
    assert_ne!(world.service.deployments[0].id, "d101", "{last}");
}

/// What happens beside the service's own doing.
#[derive(Debug, Clone)]
enum Event {
    Pass(u64),
    Crash(usize),
    Sicken(usize),
    Deploy { bad: bool },
    GoBack,
    Scale(u32),
    Leave(usize),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        8 => (1u64..120).prop_map(Event::Pass),
        2 => (0usize..20).prop_map(Event::Crash),
        1 => (0usize..20).prop_map(Event::Sicken),
        1 => any::<bool>().prop_map(|bad| Event::Deploy { bad }),
        1 => Just(Event::GoBack),
        1 => (0u32..6).prop_map(Event::Scale),
        1 => (0usize..20).prop_map(Event::Leave),
    ]
}

fn happen(world: &mut World, event: &Event) {
    let count = world.service.tasks.len().max(1);
    match event {
        Event::Pass(seconds) => world.pass(*seconds),
        Event::Deploy { bad } => world.deploy(*bad),
        Event::GoBack => world.go_back(),
        Event::Scale(count) => world.service.wanted = Wanted::Replicas(*count),
        Event::Crash(at) | Event::Sicken(at) | Event::Leave(at) => {
            let Some(task) = world.service.tasks.get_mut(at % count).filter(|task| task.is_live()) else {
                return;
            };
            match (event, &mut task.phase) {
                (Event::Leave(_), _) => task.leaving = true,
                (Event::Sicken(_), Phase::Running { checks, .. }) => *checks = Checks::Failing,
                (Event::Crash(_), phase) => *phase = Phase::Stopped { failed: true },
                _ => {}
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn every_history_keeps_what_is_promised_and_ends_converged(
        count in 0u32..5,
        way in prop_oneof![
            Just(Way::BlueGreen),
            (30u32..=1000).prop_map(|step| Way::Linear { step, bake_minutes: 1 }),
            (1u32..=1000).prop_map(|first| Way::Canary { first, bake_minutes: 1 }),
        ],
        breaker: bool,
        history in prop::collection::vec(event(), 0..80),
    ) {
        let mut world = World::new(count, way);
        if breaker {
            world = world.with_breaker();
        }
        world.bake = 1;
        for event in &history {
            happen(&mut world, event);
            world.step()?;
        }
        world.deploy(false);
        for _ in 0..400 {
            world.step()?;
            world.pass(30);
        }
        world.step()?;
        prop_assert!(!world.step()?, "a converged world plans nothing: {:?}", world.service);
        prop_assert_eq!(world.live(), world.service.wanted.count() as usize);
        prop_assert!(is_done(&world), "{:?}", world.service.deployments);
        prop_assert!(world.service.steady);
    }
}
