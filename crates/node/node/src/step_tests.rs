//! Short cases: a task and what is known of it in one line each, and the step that follows.
//!
//! A task is written as its containers: `a` is essential, `a?` is not, `b:a=START` depends on `a`. What is known is
//! written as a state for each: `pending`, `pulled`, `created`, `running`, `healthy`, `asked@5`, `killed@5`, `exit0`,
//! `broken` (never started). Times are in seconds.

use std::sync::Arc;

use gantry_node_proto::v1;

use super::*;
use crate::known::{Status, Stop};

fn task(text: &str, desired: Desired) -> Task {
    let names: Vec<&str> =
        text.split(' ').map(|it| it.split(':').next().unwrap().trim_end_matches('?')).collect();
    let containers = text
        .split(' ')
        .map(|word| {
            let (name, on) = word.split_once(':').unwrap_or((word, ""));
            v1::Container {
                name: name.trim_end_matches('?').to_owned(),
                essential: !name.ends_with('?'),
                stop_timeout_seconds: Some(10),
                start_timeout_seconds: Some(60),
                health_check: Some(v1::HealthCheck {
                    command: vec!["CMD".to_owned(), "true".to_owned()],
                    ..v1::HealthCheck::default()
                }),
                depends_on: on
                    .split(',')
                    .filter(|it| !it.is_empty())
                    .map(|it| {
                        let (container, condition) = it.split_once('=').unwrap();
                        assert!(names.contains(&container));
                        let condition = format!("CONDITION_{condition}");
                        v1::Dependency {
                            container: container.to_owned(),
                            condition: v1::dependency::Condition::from_str_name(&condition).unwrap().into(),
                        }
                    })
                    .collect(),
                ..v1::Container::default()
            }
        })
        .collect();
    let mut task = Task::parse(Arc::new(v1::DesiredTask {
        task_arn: "arn:task".to_owned(),
        task_id: "1".to_owned(),
        containers,
        network: Some(v1::Network { mode: v1::NetworkMode::Host.into(), interface: None }),
        ..v1::DesiredTask::default()
    }))
    .unwrap();
    task.desired = desired;
    task
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_secs(seconds)
}

fn known(text: &str) -> Known {
    let containers = text
        .split(' ')
        .map(|state| {
            let (state, seconds) = state.split_once('@').unwrap_or((state, "1"));
            let moment = Some(at(seconds.parse().unwrap()));
            let mut it = KnownContainer { created_at: moment, ..KnownContainer::default() };
            it.status = match state {
                "pending" => Status::Pending,
                "pulled" => Status::Pulled,
                "created" => Status::Created,
                "broken" => {
                    it.reason = Some(Reason::new(Code::CannotPullContainer, "no such image"));
                    Status::Stopped
                }
                _ => {
                    it.started_at = moment;
                    match state {
                        "running" => Status::Running,
                        "healthy" => {
                            it.health = Health::Healthy;
                            Status::Running
                        }
                        "asked" | "killed" => {
                            it.asked_to_stop_at = moment;
                            it.killed_at = moment.filter(|_| state == "killed");
                            Status::Running
                        }
                        exit => {
                            it.finished_at = moment;
                            it.exit_code = Some(exit.strip_prefix("exit").unwrap().parse().unwrap());
                            Status::Stopped
                        }
                    }
                }
            };
            it
        })
        .collect();
    Known { containers, network: true, group: true, ..Known::default() }
}

fn say(task: &Task, step: Step) -> String {
    let name = |index: usize| &task.containers[index].name;
    match step {
        Step::Prepare { network, group, pulls } => {
            let pulls: Vec<&str> = pulls.iter().map(|index| name(*index).as_str()).collect();
            format!("prepare {network} {group} [{}]", pulls.join(" "))
        }
        Step::Create(index) => format!("create {}", name(index)),
        Step::Start(index) => format!("start {}", name(index)),
        Step::Restart(index) => format!("restart {}", name(index)),
        Step::GiveUp(index, reason) => format!("give up {} {:?}", name(index), reason.code),
        Step::End(reason) => format!("end {:?} {}", reason.code, reason.container.unwrap_or_default()),
        Step::AskToStop(index) => format!("ask {}", name(index)),
        Step::Kill(index) => format!("kill {}", name(index)),
        Step::Clean => "clean".to_owned(),
        Step::Wait { until: None } => "wait".to_owned(),
        Step::Wait { until: Some(until) } => format!("wait {}", until.as_secs()),
        Step::Forget => "forget".to_owned(),
    }
}

/// While the task shall run, at 20 seconds.
#[track_caller]
fn runs(containers: &str, states: &str, wanted: &str) {
    let task = task(containers, Desired::Running);
    assert_eq!(say(&task, next(&task, &known(states), at(20))).trim(), wanted);
}

/// While the task ends, at 20 seconds.
#[track_caller]
fn ends(containers: &str, states: &str, wanted: &str) {
    let task = task(containers, Desired::Stopped);
    let mut known = known(states);
    known.stop = Some(Stop { reason: Reason::new(Code::StopDesired, "it was asked to"), at: at(5) });
    assert_eq!(say(&task, next(&task, &known, at(20))).trim(), wanted);
}

#[test]
fn toward_running() {
    runs("a", "pending", "prepare false false [a]");
    runs("a b", "pulled pending", "prepare false false [b]");
    runs("a", "pulled", "create a");
    runs("a b", "created pulled", "create b");
    runs("a", "created", "start a");
    runs("a b", "running created", "start b");
    runs("a", "running", "wait");
    runs("a b?", "running exit1", "wait");
    runs("a b?", "running broken", "wait");
}

#[test]
fn everything_is_prepared_at_once() {
    let task = task("a b", Desired::Running);
    let known = Known::new(2);
    let step = next(&task, &known, at(0));
    assert_eq!(say(&task, step), "prepare true true [a b]");
}

#[test]
fn after_a_restart_a_running_task_gets_its_network_again() {
    let task = task("a", Desired::Running);
    let mut known = known("running");
    (known.network, known.group) = (false, false);
    assert_eq!(say(&task, next(&task, &known, at(20))), "prepare true true []");
}

#[test]
fn an_essential_container_ends_the_task() {
    runs("a", "exit0", "end EssentialContainerExited a");
    runs("a b", "running exit3", "end EssentialContainerExited b");
    runs("a b", "broken pending", "end CannotPullContainer a");
    runs("a? b", "broken running", "wait");
}

#[test]
fn order_of_start() {
    runs("a b:a=START", "created created", "start a");
    runs("a:b=START b", "created created", "start b");
    runs("a:b=START b", "created running", "start a");
    runs("a:b=START b?", "created exit1", "start a");
    runs("a:b=COMPLETE b?", "created running", "wait 61");
    runs("a:b=COMPLETE b?", "created exit1", "start a");
    runs("a:b=SUCCESS b?", "created exit0", "start a");
    runs("a:b=HEALTHY b", "created running", "wait 61");
    runs("a:b=HEALTHY b", "created healthy", "start a");
    runs("a:b=HEALTHY,c=SUCCESS b c?", "created healthy running", "wait 61");
}

#[test]
fn a_condition_that_cannot_come_true() {
    runs("a:b=SUCCESS b?", "created exit1", "give up a DependencyFailed");
    runs("a:b=START b?", "created broken", "give up a DependencyFailed");
    runs("a:b=COMPLETE b?", "created broken", "give up a DependencyFailed");
    runs("a:b=HEALTHY b?", "created exit0", "give up a DependencyFailed");
    runs("a:b=HEALTHY b", "created running@-50", "give up a DependencyFailed");
}

#[test]
fn toward_stopped() {
    ends("a", "running", "ask a");
    ends("a", "asked@15", "wait 25");
    ends("a", "asked@10", "kill a");
    ends("a", "killed@15", "wait 25");
    ends("a", "killed@10", "kill a");
    ends("a", "exit143", "clean");
    ends("a", "pending", "clean");
    ends("a b", "created exit0", "clean");
    ends("a b", "asked@15 running", "ask b");
    ends("a b", "asked@15 asked@12", "wait 22");
}

#[test]
fn dependents_stop_first() {
    ends("a b:a=START", "running running", "ask b");
    ends("a b:a=START", "running asked@15", "wait 25");
    ends("a b:a=START", "running exit0", "ask a");
    ends("a b:a=START c:b=START", "running running running", "ask c");
}

#[test]
fn a_task_that_is_asked_to_stop() {
    for desired in [Desired::Stopped, Desired::Gone] {
        for states in ["pending", "created", "running"] {
            let task = task("a", desired);
            let step = next(&task, &known(states), at(20));
            assert_eq!(say(&task, step).trim(), "end StopDesired");
        }
    }
}

#[test]
fn at_the_end() {
    for (desired, wanted) in
        [(Desired::Running, "wait"), (Desired::Stopped, "wait"), (Desired::Gone, "forget")]
    {
        let task = task("a", desired);
        let mut known = known("exit0");
        known.end(Reason::new(Code::StopDesired, ""), at(1));
        known.stopped_at = Some(at(2));
        assert_eq!(say(&task, next(&task, &known, at(20))), wanted);
    }
}
