//! Services of many tasks, and tasks over several zones.

use std::collections::HashMap;

use gantry_ecs_core::service::{
    Action, Checks, Deployment, Phase, Rebalancing, Rollout, Service, Task, Turn, Wanted, plan,
};

use crate::service::{START, deployment, healthy, service, started, stopped, task, tasks};

#[test]
fn a_rolling_deployment_of_100_000_tasks_keeps_its_percentages() {
    const COUNT: u32 = 100_000;
    let (lower, upper) = (90_000, 120_000);
    let mut service = Service {
        deployments: vec![deployment("two", Rollout::InProgress), deployment("one", Rollout::Completed)],
        tasks: tasks(COUNT as usize, "one", healthy()),
        ..service(COUNT, 90, 120)
    };
    let mut made = COUNT as usize;
    for steps in 1.. {
        assert!(steps < 100, "it does not end");
        let actions = plan(&service, START).actions;
        let stops: HashMap<&str, ()> = stopped(&actions).into_iter().map(|id| (id, ())).collect();
        service.tasks.retain(|task| !stops.contains_key(task.id.as_str()));
        let serving = service.tasks.iter().filter(|task| task.phase == healthy()).count();
        assert!(serving >= lower, "{serving} in step {steps}");
        for task in &mut service.tasks {
            task.phase = healthy();
        }
        for _ in 0..started(&actions) {
            made += 1;
            service.tasks.push(task(made, "two", Phase::Pending));
        }
        assert!(service.tasks.len() <= upper, "{} in step {steps}", service.tasks.len());
        if actions.contains(&Action::Complete { deployment: "two".into() }) {
            break;
        }
    }
    assert_eq!(service.tasks.len(), COUNT as usize);
    assert!(service.tasks.iter().all(|task| task.deployment == "two"));
}

/// A service that has come to rest, with tasks in these zones.
fn spread(of: &[&str], zones: &[&str]) -> Service {
    let tasks = of.iter().enumerate();
    let in_zone =
        |(at, zone): (usize, &&str)| Task { zone: Some(zone.to_string()), ..task(at, "one", healthy()) };
    let count = u32::try_from(of.len()).unwrap();
    Service {
        deployments: vec![Deployment {
            rollout: Rollout::Completed,
            ..deployment("one", Rollout::Completed)
        }],
        tasks: tasks.map(in_zone).collect(),
        steady: true,
        wanted: Wanted::Replicas(count),
        rebalancing: Some(Rebalancing {
            zones: zones.iter().map(|zone| zone.to_string()).collect(),
            moving: false,
        }),
        ..service(count, 100, 200)
    }
}

#[test]
fn a_task_is_started_in_the_poor_zone_before_one_in_the_rich_one_goes() {
    let mut service = spread(&["a", "a", "a", "b"], &["a", "b", "c"]);
    let actions = plan(&service, START).actions;
    let zones = vec![("a".into(), 3), ("b".into(), 1), ("c".into(), 0)];
    let begins = Action::Rebalance { turn: Turn::Begins, zones };
    let start = Action::StartIn { deployment: "one".into(), zone: "c".into() };
    assert_eq!(actions, [begins, start, Action::Unsteady]);

    (service.rebalancing.as_mut().unwrap().moving, service.steady) = (true, false);
    service.tasks.push(Task { zone: Some("c".into()), ..task(9, "one", Phase::Pending) });
    assert_eq!(plan(&service, START).actions, [], "nobody goes before it is healthy");
    service.tasks[4].phase = healthy();
    let actions = plan(&service, START).actions;
    assert_eq!(stopped(&actions), ["0002"], "the newest of the richest");
    service.tasks[2].phase = Phase::Stopping;
    assert_eq!(plan(&service, START).actions, [Action::Steady], "its end is waited for");
    service.tasks.remove(2);
    let zones = vec![("a".into(), 2), ("b".into(), 1), ("c".into(), 1)];
    let ends = Action::Rebalance { turn: Turn::Balanced, zones };
    assert!(plan(&service, START).actions.contains(&ends));
}

#[test]
fn zones_are_left_alone_while_something_else_goes_on() {
    let zones = ["a", "b"];
    let rich = ["a", "a", "a"];
    // As even as it can be.
    assert_eq!(plan(&spread(&["a", "b", "b"], &zones), START).actions, []);
    // It is not wanted.
    let off = Service { rebalancing: None, ..spread(&rich, &zones) };
    assert_eq!(plan(&off, START).actions, []);
    // There is one zone alone.
    assert_eq!(plan(&spread(&rich, &["a"]), START).actions, []);
    // There is no room for one more.
    let full = Service { maximum_percent: 100, minimum_percent: 0, ..spread(&rich, &zones) };
    assert_eq!(plan(&full, START).actions, []);
    // Nobody may go.
    let mut kept = spread(&rich, &zones);
    kept.tasks.iter_mut().for_each(|task| task.protected = true);
    assert_eq!(plan(&kept, START).actions, []);
    // One is not well.
    let mut sick = spread(&rich, &zones);
    sick.tasks[0].phase = Phase::Running { since: START, checks: Checks::Failing };
    assert!(!plan(&sick, START).actions.iter().any(|one| matches!(one, Action::StartIn { .. })));
    // A deployment is under way: what was begun is not told of as balanced.
    let mut begun = spread(&rich, &zones);
    begun.rebalancing.as_mut().unwrap().moving = true;
    begun.deployments.insert(0, deployment("two", Rollout::InProgress));
    let turns: Vec<Turn> = plan(&begun, START)
        .actions
        .into_iter()
        .filter_map(|one| if let Action::Rebalance { turn, .. } = one { Some(turn) } else { None })
        .collect();
    assert_eq!(turns, [Turn::Interrupted]);
    let mut rolls = spread(&rich, &zones);
    rolls.deployments.insert(0, deployment("two", Rollout::InProgress));
    assert!(!plan(&rolls, START).actions.iter().any(|one| matches!(one, Action::StartIn { .. })));
}

#[test]
fn those_of_before_leave_zones_as_alike_as_they_were() {
    let mut service = spread(&["a", "a", "b", "b", "c", "c"], &["a", "b", "c"]);
    (service.minimum_percent, service.maximum_percent, service.rebalancing) = (50, 100, None);
    service.deployments.insert(0, deployment("two", Rollout::InProgress));
    let actions = plan(&service, START).actions;
    let mut zones: Vec<&str> = stopped(&actions)
        .into_iter()
        .filter_map(|id| service.tasks.iter().find(|task| task.id == id)?.zone.as_deref())
        .collect();
    zones.sort_unstable();
    assert_eq!(zones, ["a", "b", "c"], "half go, one of each zone");
}
