//! Restarts of the agent and of the machine, and a control plane that is away.

use std::time::Duration;

use gantry_node_proto::v1::{ReasonCode, TaskStatus};
use gantry_runtime::{EngineError, Script};

use crate::world::{World, arn, stopped, task};

fn twenty() -> Vec<gantry_node_proto::v1::DesiredTask> {
    (0..20).map(|n| task(&format!("{n}"), &["web"])).collect()
}

#[tokio::test]
async fn a_new_agent_goes_on_with_what_runs() {
    let mut world = World::start().await;
    world.plane.desire(twenty());
    for n in 0..20 {
        let arn = arn(&n.to_string());
        world.plane.until_status(&arn, TaskStatus::Running).await;
    }
    world.end().await;
    // One ends while nobody looks.
    let ended = world.engine.specs()[0].clone();
    world.engine.exit(&ended.id, 7);
    world.begin();
    let arn_of_ended = arn(ended.task.as_str());
    let over = world.plane.until_status(&arn_of_ended, TaskStatus::Stopped).await;
    assert_eq!(over.containers[0].exit_code, Some(7));
    assert_eq!(world.calls("create"), 20, "none doubled");
    assert_eq!(world.calls("start"), 20);
    assert_eq!(world.engine.specs().len(), 19);
    let hellos = world.plane.hellos();
    assert!(hellos.len() >= 2);
    assert_eq!(hellos.last().unwrap().ledgered_generation, 1);
}

#[tokio::test]
async fn the_first_report_names_what_was_not_looked_at_yet() {
    let mut world = World::start().await;
    world.plane.desire([task("1", &["web"])]);
    world.plane.until_status(&arn("1"), TaskStatus::Running).await;
    world.end().await;
    for _ in 0..3 {
        world.engine.fail_next("inspect", EngineError::Unavailable("not yet".to_owned()));
    }
    world.begin();
    assert_eq!(world.plane.complete(2).await[1], [arn("1")]);
}

#[tokio::test]
async fn after_a_reboot_nothing_is_started_twice() {
    let mut world = World::start().await;
    world.plane.desire([task("1", &["web"])]);
    world.plane.until_status(&arn("1"), TaskStatus::Running).await;
    world.end().await;
    world.engine.reboot();
    world.begin();
    let over = world.plane.until_status(&arn("1"), TaskStatus::Stopped).await;
    let reason = over.containers[0].reason.clone().unwrap();
    assert_eq!(reason.code(), ReasonCode::ContainerLost);
    assert_eq!(world.calls("start"), 1);
}

#[tokio::test]
async fn a_stop_that_came_while_it_was_away_is_done_at_its_return() {
    let mut world = World::start().await;
    world.plane.desire([task("1", &["web"]), task("2", &["web"])]);
    for id in ["1", "2"] {
        world.plane.until_status(&arn(id), TaskStatus::Running).await;
    }
    world.end().await;
    world.plane.desire([stopped(task("1", &["web"]))]);
    world.begin();
    world.plane.until_status(&arn("1"), TaskStatus::Stopped).await;
    world.plane.until_status(&arn("2"), TaskStatus::Stopped).await;
    assert!(world.engine.specs().is_empty());
}

#[tokio::test]
async fn what_was_forgotten_is_not_ended_anew() {
    let mut world = World::start().await;
    world.plane.desire(twenty());
    for n in 0..20 {
        world.plane.until_status(&arn(&n.to_string()), TaskStatus::Running).await;
    }
    // One after the other goes, so that others are desired while one is being forgotten.
    for n in 0..20 {
        world.plane.desire(twenty().split_off(n + 1));
        world.plane.until_status(&arn(&n.to_string()), TaskStatus::Stopped).await;
    }
    world.end().await;
    let cleaned = world.calls("delete");
    world.begin();
    world.plane.desire([task("new", &["web"])]);
    world.plane.until_status(&arn("new"), TaskStatus::Running).await;
    assert_eq!(world.calls("delete"), cleaned);
}

#[tokio::test]
async fn a_node_that_is_cut_off_keeps_its_containers() {
    let mut world = World::start().await;
    world.plane.desire([task("1", &["web"])]);
    world.plane.until_status(&arn("1"), TaskStatus::Running).await;
    world.cut_off();
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(world.engine.specs().len(), 1);
    assert_eq!(world.calls("signal"), 0);
}

#[tokio::test]
async fn an_agent_that_ends_does_not_wait_for_a_pull() {
    let mut world = World::start().await;
    let script = Script { pull_takes: Duration::from_secs(3600), ..Script::default() };
    world.engine.script("large", script);
    world.plane.desire([task("1", &["large"])]);
    world.plane.until(&arn("1"), |report| report.pull_started_at_ms > 0).await;
    world.end().await;
    world.engine.script("large", Script::default());
    world.begin();
    world.plane.until_status(&arn("1"), TaskStatus::Running).await;
}
