//! What becomes of a task.

use gantry_base::Timestamp;
use gantry_ecs_core::lifecycle::{ContainerReport, Life, NodePhase, Outcome, TaskReport};
use gantry_ecs_core::stop::{NodeReason, Stop};
use gantry_ecs_core::{ContainerStatus, DesiredStatus, HealthStatus, StopCode, TaskStatus};
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::from_secs(1000);

fn report(phase: NodePhase, reason: Option<(NodeReason, &str)>) -> TaskReport {
    let status = match phase {
        NodePhase::Pending => ContainerStatus::Pulling,
        NodePhase::Running => ContainerStatus::Running,
        _ => ContainerStatus::Stopped,
    };
    TaskReport {
        phase,
        containers: vec![ContainerReport {
            name: "app".into(),
            status,
            runtime_id: "id".into(),
            image_digest: String::new(),
            exit_code: (status == ContainerStatus::Stopped).then_some(1),
            reason: reason.map(|(reason, detail)| (reason, detail.to_owned())),
            health: HealthStatus::Unknown,
            started: None,
            bindings: Vec::new(),
        }],
        reason: reason.map(|(reason, detail)| (reason, detail.to_owned())),
        health: HealthStatus::Unknown,
        pull_started: None,
        pull_stopped: None,
        started: (phase == NodePhase::Running).then_some(NOW),
        execution_stopped: None,
        stopping: None,
        stopped: None,
    }
}

fn launched() -> Life {
    let mut life = Life::new(["app"]);
    life.launched(NOW);
    life
}

/// Code and reason of a task that a node stopped so, before or after it ran; and the container's.
fn stopped_by(ran: bool, reason: NodeReason, detail: &str) -> (StopCode, String, Option<String>) {
    let mut life = launched();
    if ran {
        life.observe(&report(NodePhase::Running, None), NOW);
    }
    assert_eq!(life.observe(&report(NodePhase::Stopped, Some((reason, detail))), NOW), Outcome::LeftNode);
    life.deprovisioned(NOW);
    assert!(life.is_stopped());
    let stop = life.stop_reason().expect("a reason");
    (stop.code, stop.reason.clone(), life.containers()[0].reason.clone())
}

#[test]
fn reasons_are_aws_s() {
    use StopCode::{EssentialContainerExited, TaskFailedToStart};
    let pull = "pull image manifest has been retried 1 time(s): not found";
    for (ran, reason, detail, code, task, container) in [
        (
            true,
            NodeReason::EssentialContainerExited,
            "",
            EssentialContainerExited,
            "Essential container in task exited",
            None,
        ),
        (
            true,
            NodeReason::OutOfMemory,
            "",
            EssentialContainerExited,
            "Essential container in task exited",
            Some("OutOfMemoryError: Container killed due to memory usage"),
        ),
        (
            false,
            NodeReason::CannotPullContainer,
            pull,
            TaskFailedToStart,
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): not found",
            Some("CannotPullContainerError: pull image manifest has been retried 1 time(s): not found"),
        ),
        (
            false,
            NodeReason::ResourceInitialization,
            "no bridge",
            TaskFailedToStart,
            "ResourceInitializationError: no bridge",
            Some("ResourceInitializationError: no bridge"),
        ),
        (
            false,
            NodeReason::CannotStartContainer,
            "exec: not found",
            TaskFailedToStart,
            "CannotStartContainerError: exec: not found",
            Some("CannotStartContainerError: exec: not found"),
        ),
    ] {
        let expected = (code, task.to_owned(), container.map(str::to_owned));
        assert_eq!(stopped_by(ran, reason, detail), expected);
    }
}

#[test]
fn the_first_reason_stays() {
    let mut life = launched();
    life.observe(&report(NodePhase::Running, None), NOW);
    assert_eq!(life.stop(Stop::by_user(Some("enough")), NOW), Outcome::Changed);
    assert_eq!(life.stop(Stop::by_user(None), NOW), Outcome::Unchanged);
    life.observe(&report(NodePhase::Stopping, Some((NodeReason::StopDesired, ""))), NOW);
    assert_eq!(life.status(), TaskStatus::Stopping);
    life.observe(&report(NodePhase::Stopped, Some((NodeReason::EssentialContainerExited, ""))), NOW);
    assert_eq!(life.stop_reason().map(|stop| stop.reason.as_str()), Some("enough"));
    assert_eq!(life.stop_reason().map(|stop| stop.code), Some(StopCode::UserInitiated));
}

#[test]
fn a_node_that_stops_without_a_word_is_believed() {
    let mut life = launched();
    life.observe(&report(NodePhase::Running, None), NOW);
    life.observe(&report(NodePhase::Stopping, None), NOW);
    assert_eq!(life.desired(), DesiredStatus::Stopped);
    assert!(life.stop_reason().is_some());
}

#[test]
fn what_a_node_removes_is_its_own_until_it_says_that_it_is_done() {
    let mut life = launched();
    life.observe(&report(NodePhase::Running, None), NOW);
    life.stop(Stop::by_user(None), NOW);
    let removing = report(NodePhase::Deprovisioning, Some((NodeReason::StopDesired, "")));
    assert_eq!(life.observe(&removing, NOW), Outcome::Changed);
    assert_eq!(life.status(), TaskStatus::Deprovisioning);
    let done = report(NodePhase::Stopped, Some((NodeReason::StopDesired, "")));
    assert_eq!(life.observe(&done, NOW), Outcome::LeftNode);
    assert_eq!(life.observe(&done, NOW), Outcome::Unchanged);
    life.deprovisioned(NOW);
    assert_eq!(life.status(), TaskStatus::Stopped);
}

#[test]
fn a_status_does_not_go_back() {
    assert_eq!(TaskStatus::Pending.advance(TaskStatus::Running), Ok(TaskStatus::Running));
    assert!(TaskStatus::Running.advance(TaskStatus::Pending).is_err());
    let mut life = launched();
    life.observe(&report(NodePhase::Running, None), NOW);
    life.observe(&report(NodePhase::Pending, None), NOW);
    assert_eq!(life.status(), TaskStatus::Running);
}

fn any_report() -> impl Strategy<Value = TaskReport> {
    let phase = prop::sample::select(vec![
        NodePhase::Pending,
        NodePhase::Running,
        NodePhase::Stopping,
        NodePhase::Deprovisioning,
        NodePhase::Stopped,
    ]);
    let reason = prop::option::of(prop::sample::select(vec![
        (NodeReason::StopDesired, ""),
        (NodeReason::EssentialContainerExited, ""),
        (NodeReason::CannotPullContainer, "no"),
        (NodeReason::ContainerLost, "gone"),
    ]));
    (phase, reason).prop_map(|(phase, reason)| report(phase, reason))
}

proptest! {
    #[test]
    fn whatever_is_reported_in_whatever_order_life_goes_forward(
        reports in prop::collection::vec((any_report(), any::<bool>()), 0..12)
    ) {
        let mut life = launched();
        let mut first_reason = None;
        for (report, user_stops) in reports {
            if user_stops {
                life.stop(Stop::by_user(None), NOW);
            }
            let before = life.clone();
            let outcome = life.observe(&report, NOW);
            prop_assert!(life.status() >= before.status());
            prop_assert!(life.version() >= before.version());
            prop_assert_eq!(outcome == Outcome::Unchanged, life == before);
            // The same again is nothing new.
            let again = life.clone();
            prop_assert_eq!(life.observe(&report, NOW), Outcome::Unchanged);
            prop_assert_eq!(&life, &again);
            // Who is to stop has a reason, and keeps it.
            prop_assert_eq!(life.desired() == DesiredStatus::Stopped, life.stop_reason().is_some());
            if let Some(reason) = &first_reason {
                prop_assert_eq!(life.stop_reason(), Some(reason));
            }
            first_reason = life.stop_reason().cloned();
        }
    }
}
