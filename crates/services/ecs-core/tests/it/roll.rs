//! Rolling deployments that pause at hooks, or are watched for a while.

use std::time::Duration;

use gantry_base::Timestamp;
use gantry_ecs_core::service::breaker::Limit;
use gantry_ecs_core::service::roll::Early;
use gantry_ecs_core::service::shift::{HookStage, OnTimeout, PauseHook, PauseStatus, Stage};
use gantry_ecs_core::service::{
    Action, Breaker, Checks, Deployment, Phase, Roll, Rollout, Service, Task, plan,
};
use proptest::prelude::*;

use crate::service::{START, deployment, healthy, service, started, stopped, task, tasks};

const BAKE: u32 = 5;

fn hook(stages: &[HookStage]) -> PauseHook {
    PauseHook { stages: stages.to_vec(), timeout_minutes: 10, on_timeout: OnTimeout::Rollback }
}

/// `two` takes the place of `one`, whose tasks are healthy.
fn rolling(count: u32, (minimum, maximum): (u32, u32), hooks: Vec<PauseHook>, bake: u32) -> Service {
    let roll = Roll::new(bake, hooks, None, false, START);
    Service {
        deployments: vec![
            Deployment { roll, ..deployment("two", Rollout::InProgress) },
            deployment("one", Rollout::Completed),
        ],
        tasks: tasks(count as usize, "one", healthy()),
        ..service(count, minimum, maximum)
    }
}

fn roll(service: &mut Service) -> &mut Roll {
    service.deployments[0].roll.as_mut().unwrap()
}

#[test]
fn a_hook_before_the_start_holds_it_and_what_was_before_is_kept_whole() {
    assert_eq!(Roll::new(0, Vec::new(), None, true, START), None, "nothing to wait for");
    let mut service = rolling(2, (100, 200), vec![hook(&[HookStage::PreScaleUp])], 0);
    let begins = Action::Await { deployment: "two".into(), hook: 0, at: HookStage::PreScaleUp };
    assert_eq!(plan(&service, START).actions, [begins]);
    let pause = roll(&mut service).hooks[0].begin(0, HookStage::PreScaleUp, "h".into(), START);
    let expires_at = pause.expires_at;
    roll(&mut service).pauses.push(pause);
    let waiting = plan(&service, START);
    assert_eq!((waiting.actions, waiting.look_at), (vec![], Some(expires_at)));

    // One of those that serve is lost meanwhile.
    let mut lost = service.clone();
    lost.tasks.remove(0);
    let start = Action::Start { deployment: "one".into(), count: 1 };
    assert_eq!(plan(&lost, START).actions, [start]);

    let over = plan(&service, expires_at).actions;
    assert_eq!(over, [Action::TimedOut { deployment: "two".into(), pause: "h".into() }]);
    roll(&mut service).pauses[0].status = PauseStatus::Succeeded;
    let goes_on = Action::Advance { deployment: "two".into(), to: Stage::ScaleUp };
    assert_eq!(plan(&service, START).actions, [goes_on]);
    roll(&mut service).enter(Stage::ScaleUp, START);
    assert_eq!(started(&plan(&service, START).actions), 2);
}

#[test]
fn it_is_watched_after_what_was_before_is_gone_and_gone_back_from_meanwhile() {
    let mut service = rolling(2, (100, 200), Vec::new(), BAKE);
    service.breaker = Some(Breaker { rollback: true, reset_on_healthy: false, limit: Limit::Count(1) });
    roll(&mut service).enter(Stage::PostScaleUp, START);
    service.tasks.extend((10..12).map(|at| task(at, "two", healthy())));
    assert_eq!(stopped(&plan(&service, START).actions).len(), 2, "those of before go");
    service.tasks.drain(..2);
    let bakes = Action::Advance { deployment: "two".into(), to: Stage::BakeTime };
    assert_eq!(plan(&service, START).actions, [bakes]);
    roll(&mut service).enter(Stage::BakeTime, START);
    let until = START + Duration::from_secs(60 * u64::from(BAKE));
    let watched = plan(&service, START);
    assert_eq!((watched.actions, watched.look_at), (vec![], Some(until)));
    let done = [Action::Complete { deployment: "two".into() }, Action::Steady];
    assert_eq!(plan(&service, until).actions, done);

    service.tasks[0].phase = Phase::Stopped { failed: true };
    let actions = plan(&service, START).actions;
    let back = Action::Break { deployment: "two".into(), to: Some("one".into()) };
    assert!(actions.contains(&back), "{actions:?}");
}

#[test]
fn some_healthy_tasks_are_a_success_where_that_is_wished_and_the_rest_comes_after() {
    let early = |deferred| {
        let mut service = rolling(4, (50, 200), Vec::new(), 0);
        service.deployments[0].roll =
            Roll::new(0, Vec::new(), Some(Early { percent: 75, deferred }), false, START);
        roll(&mut service).enter(Stage::BakeTime, START);
        service.tasks.extend((10..12).map(|at| task(at, "two", healthy())));
        service.tasks.extend((12..14).map(|at| task(at, "two", Phase::Pending)));
        service
    };
    let complete = Action::Complete { deployment: "two".into() };
    let mut deferred = early(true);
    assert!(!plan(&deferred, START).actions.contains(&complete), "two of four are too few");
    deferred.tasks[6].phase = healthy();
    let actions = plan(&deferred, START).actions;
    assert!(actions.contains(&complete) && !actions.contains(&Action::Steady), "{actions:?}");

    let mut blocking = early(false);
    blocking.tasks[6].phase = healthy();
    assert!(!plan(&blocking, START).actions.contains(&complete), "those of before are there");
    blocking.tasks.drain(..4);
    assert!(plan(&blocking, START).actions.contains(&complete));

    // After the end those of before go, and what is missing comes.
    deferred.deployments.truncate(1);
    (deferred.deployments[0].rollout, deferred.deployments[0].roll) = (Rollout::Completed, None);
    deferred.tasks.retain(|task| task.phase == healthy());
    let actions = plan(&deferred, START).actions;
    assert_eq!((started(&actions), stopped(&actions).len()), (1, 3), "{actions:?}");
}

/// What one pass does; nodes do their part after it.
fn pass(service: &mut Service, now: Timestamp, made: &mut usize) -> Result<(), TestCaseError> {
    let held = service.deployments[0].roll.as_ref().is_some_and(Roll::is_held);
    let fit = |service: &Service| service.tasks.iter().filter(|task| task.is_healthy(now)).count();
    let before = fit(service);
    let plan = plan(service, now);
    for action in plan.actions {
        match action {
            Action::Forget { task } => service.tasks.retain(|one| one.id != task),
            Action::Start { deployment, count } => {
                prop_assert!(!held || deployment == "one", "nothing new is started before its time");
                for _ in 0..count {
                    *made += 1;
                    let new = Task { created_at: now, ..task(*made, &deployment, Phase::Pending) };
                    service.tasks.push(new);
                }
            }
            Action::Stop { task, .. } => {
                let found = service.tasks.iter_mut().find(|one| one.id == task);
                found.ok_or_else(|| TestCaseError::fail("nobody"))?.phase = Phase::Stopping;
            }
            Action::Await { hook, at, .. } => {
                let roll = roll(service);
                let mut pause = roll.hooks[hook].begin(hook, at, format!("h{hook}"), now);
                pause.status = PauseStatus::Succeeded;
                roll.pauses.push(pause);
            }
            Action::Advance { to, .. } => {
                let roll = roll(service);
                prop_assert!(to > roll.stage, "stages follow each other");
                roll.enter(to, now);
            }
            Action::Complete { .. } => {
                prop_assert_eq!(
                    service.deployments[0].roll.as_ref().map(|roll| roll.stage),
                    Some(Stage::BakeTime)
                );
                service.deployments.truncate(1);
                service.deployments[0].rollout = Rollout::Completed;
                service.deployments[0].roll = None;
            }
            Action::Throttle(throttle) => service.throttle = throttle,
            Action::Steady => service.steady = true,
            Action::Unsteady => service.steady = false,
            Action::Failed { .. } | Action::Recovered { .. } | Action::Stuck => {}
            other => prop_assert!(false, "not of such a deployment: {other:?}"),
        }
    }
    let lower = service.lower() as usize;
    prop_assert!(fit(service) >= lower.min(before), "fewer than the minimum by the plan's own doing");
    for task in &mut service.tasks {
        match task.phase {
            Phase::Pending => task.phase = Phase::Running { since: now, checks: Checks::Passing },
            Phase::Stopping => task.phase = Phase::Stopped { failed: false },
            _ => {}
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn every_way_through_hooks_and_bake_time_ends_completed(
        count in 2u32..6,
        percents in prop_oneof![Just((100, 200)), Just((50, 100)), Just((50, 150)), Just((0, 200))],
        stages in prop::sample::subsequence(
            vec![HookStage::ReconcileService, HookStage::PreScaleUp, HookStage::PostScaleUp], 1..3),
        bake in 0u32..3,
        losses in prop::collection::vec((any::<prop::sample::Index>(), 0usize..30), 0..6),
    ) {
        let (mut service, mut now, mut made) = (rolling(count, percents, vec![hook(&stages)], bake), START, 100);
        for step in 0..120 {
            for (index, at) in &losses {
                if *at == step && !service.tasks.is_empty() {
                    index.get_mut(&mut service.tasks).phase = Phase::Stopped { failed: false };
                }
            }
            pass(&mut service, now, &mut made)?;
            now = now + Duration::from_secs(10);
        }
        prop_assert_eq!(service.deployments.len(), 1);
        prop_assert_eq!(service.deployments[0].rollout, Rollout::Completed);
        prop_assert!(service.steady && service.tasks.iter().all(|task| task.deployment == "two"));
        prop_assert_eq!(service.tasks.len(), count as usize);
    }
}
