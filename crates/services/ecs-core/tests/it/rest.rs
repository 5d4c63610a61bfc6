//! Services that sleep while nobody asks them for anything.

use std::time::Duration;

use gantry_base::Timestamp;
use gantry_ecs_core::service::{Action, Checks, Phase, Rest, Rollout, Service, Task, Wanted, plan};
use proptest::prelude::*;

use crate::service::{START, deployment, healthy, service, started, stopped, task, tasks};

const AFTER: Duration = Duration::from_secs(15 * 60);

/// Two tasks that run since the start, and nobody has asked for anything since then.
fn idle() -> Service {
    Service {
        deployments: vec![deployment("one", Rollout::Completed)],
        tasks: tasks(2, "one", healthy()),
        steady: true,
        rest: Some(Rest { after: AFTER, since: START }),
        ..service(2, 100, 200)
    }
}

#[test]
fn it_sleeps_once_nobody_has_asked_for_so_long() {
    let due = START + AFTER;
    let early = plan(&idle(), due - Duration::from_millis(1));
    assert_eq!((early.actions, early.look_at), (vec![], Some(due)));
    assert_eq!(plan(&idle(), due).actions, [Action::Sleep]);
    let always = Service { rest: None, ..idle() };
    assert_eq!(plan(&always, due).actions, []);
}

#[test]
fn who_has_something_to_do_does_not_sleep() {
    let due = START + AFTER;
    let awake = |change: fn(&mut Service)| {
        let mut service = idle();
        change(&mut service);
        !plan(&service, due).actions.contains(&Action::Sleep)
    };
    assert!(awake(|it| it.rest.as_mut().unwrap().since = START + Duration::from_secs(1)), "somebody asked");
    assert!(awake(|it| it.tasks[1].created_at = START + Duration::from_secs(1)), "a task is young");
    assert!(awake(|it| it.tasks[1].protected = true), "a task is busy");
    assert!(awake(|it| it.deployments.insert(0, deployment("two", Rollout::InProgress))), "it is deployed");
    assert!(awake(|it| it.deployments[0].rollout = Rollout::InProgress), "its first deployment goes on");
    assert!(awake(|it| it.tasks[1].phase = Phase::Running { since: START, checks: Checks::Failing }));
    assert!(awake(|it| drop(it.tasks.pop())), "one is missing");
    assert!(awake(|it| it.wanted = Wanted::OnEach(vec!["i-1".into(), "i-2".into()])), "daemons");
}

#[test]
fn asleep_its_tasks_go_whatever_its_percentages_and_awake_all_come_back() {
    let mut asleep = Service { wanted: Wanted::Replicas(0), rest: None, ..idle() };
    let actions = plan(&asleep, START + AFTER).actions;
    assert_eq!((started(&actions), stopped(&actions).len()), (0, 2));
    (asleep.tasks, asleep.steady) = (Vec::new(), false);
    assert_eq!(plan(&asleep, START + AFTER).actions, [Action::Steady], "to have none is how it shall be");
    asleep.steady = true;
    assert_eq!(plan(&asleep, START + AFTER).actions, []);
    let awake = Service { wanted: Wanted::Replicas(2), ..asleep };
    assert_eq!(started(&plan(&awake, START + AFTER).actions), 2);
}

/// What happens to a service that may sleep.
#[derive(Debug, Clone)]
enum Event {
    Pass(u64),
    Request,
    Deploy,
    Fail(prop::sample::Index),
    Protect(prop::sample::Index, bool),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (1u64..1200).prop_map(Event::Pass),
        3 => Just(Event::Request),
        1 => Just(Event::Deploy),
        1 => any::<prop::sample::Index>().prop_map(Event::Fail),
        1 => (any::<prop::sample::Index>(), any::<bool>()).prop_map(|(at, protected)| Event::Protect(at, protected)),
    ]
}

/// A service as its loop keeps it: asleep it wants nothing, and a request or a deployment wakes it.
struct World {
    service: Service,
    count: u32,
    asleep: bool,
    last_request: Timestamp,
    deployed_at: Timestamp,
    made: usize,
    now: Timestamp,
}

impl World {
    fn happen(&mut self, event: &Event) {
        match event {
            Event::Pass(seconds) => self.now = self.now + Duration::from_secs(*seconds),
            Event::Request => (self.asleep, self.last_request) = (false, self.now),
            Event::Deploy => {
                self.made += 1;
                let new = deployment(&format!("new-{}", self.made), Rollout::InProgress);
                self.service.deployments.insert(0, new);
                (self.asleep, self.service.steady, self.deployed_at) = (false, false, self.now);
            }
            Event::Fail(at) if !self.service.tasks.is_empty() => {
                at.get_mut(&mut self.service.tasks).phase = Phase::Stopped { failed: true };
            }
            Event::Protect(at, protected) if !self.service.tasks.is_empty() => {
                at.get_mut(&mut self.service.tasks).protected = *protected;
            }
            Event::Fail(_) | Event::Protect(..) => {}
        }
    }

    fn look(&mut self) -> Result<(), TestCaseError> {
        let wanted = if self.asleep { 0 } else { self.count };
        self.service.wanted = Wanted::Replicas(wanted);
        let since = self.last_request.max(self.deployed_at);
        self.service.rest = (!self.asleep).then_some(Rest { after: AFTER, since });
        let plan = plan(&self.service, self.now);
        let sleeps = plan.actions.contains(&Action::Sleep);
        prop_assert!(!sleeps || plan.actions.len() == 1, "nothing else is done then: {:?}", plan.actions);
        for action in plan.actions {
            self.carry_out(action)?;
        }
        for task in &mut self.service.tasks {
            match task.phase {
                Phase::Pending => task.phase = Phase::Running { since: self.now, checks: Checks::Passing },
                Phase::Stopping => task.phase = Phase::Stopped { failed: false },
                _ => {}
            }
        }
        Ok(())
    }

    fn carry_out(&mut self, action: Action) -> Result<(), TestCaseError> {
        let service = &mut self.service;
        match action {
            Action::Sleep => {
                let long_ago = |at: Timestamp| self.now.since(at) >= AFTER;
                prop_assert!(long_ago(self.last_request), "somebody asked a while ago");
                prop_assert!(long_ago(self.deployed_at), "it was deployed a while ago");
                prop_assert!(service.tasks.iter().all(|task| long_ago(task.created_at) && !task.protected));
                prop_assert_eq!(service.deployments.len(), 1);
                self.asleep = true;
            }
            Action::Forget { task } => service.tasks.retain(|one| one.id != task),
            Action::Start { deployment, count } => {
                prop_assert!(!self.asleep, "nothing is started while it sleeps");
                for _ in 0..count {
                    self.made += 1;
                    let new = Task { created_at: self.now, ..task(self.made, &deployment, Phase::Pending) };
                    service.tasks.push(new);
                }
            }
            Action::Stop { task, .. } => {
                let found = service.tasks.iter_mut().find(|one| one.id == task);
                found.ok_or_else(|| TestCaseError::fail("nobody"))?.phase = Phase::Stopping;
            }
            Action::Complete { .. } => {
                service.deployments.truncate(1);
                service.deployments[0].rollout = Rollout::Completed;
            }
            Action::Throttle(throttle) => service.throttle = throttle,
            Action::Steady => service.steady = true,
            Action::Unsteady => service.steady = false,
            _ => {}
        }
        Ok(())
    }
}

proptest! {
    #[test]
    fn nobody_sleeps_too_early_and_in_the_end_all_do(
        count in 1u32..4,
        history in prop::collection::vec(event(), 0..60),
    ) {
        let mut service = idle();
        service.tasks.clear();
        let (last_request, deployed_at, now) = (START, START, START);
        let mut world = World { service, count, asleep: false, last_request, deployed_at, made: 100, now };
        for event in &history {
            world.happen(event);
            world.look()?;
        }
        world.service.tasks.iter_mut().for_each(|task| task.protected = false);
        for _ in 0..40 {
            world.look()?;
            world.happen(&Event::Pass(120));
        }
        prop_assert!(world.asleep && world.service.tasks.is_empty() && world.service.steady);
        world.happen(&Event::Request);
        for _ in 0..4 {
            world.look()?;
        }
        prop_assert_eq!(world.service.tasks.len(), count as usize);
    }
}
