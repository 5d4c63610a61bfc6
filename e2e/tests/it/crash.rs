//! `kill -9`, in the middle of things.

use gantry_e2e::world::{eventually, run};
use gantry_e2e::{Aws, Image, World};
use serde_json::{Value, json};
use std::process::Command;
use std::time::Duration;

use crate::{PATIENCE, define, describe, execution_role, run_tasks};

const TASKS: usize = 20;

fn all_are(status: &str, aws: &Aws, arns: &[String]) -> Option<Vec<Value>> {
    Some(describe(aws, arns)).filter(|tasks| tasks.iter().all(|task| task["lastStatus"] == status))
}

/// The processes of the host that run the images' script and have `mark` in their environment.
pub fn containers(mark: &str) -> Vec<String> {
    let mut pids: Vec<String> = std::fs::read_dir("/proc")
        .expect("there is a /proc")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|pid| pid.bytes().all(|byte| byte.is_ascii_digit()))
        .filter(|pid| {
            let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            let command = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            // A shell that is about to become another program looks like the first process for a moment.
            let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            let mut numbers = status.lines().filter_map(|line| line.strip_prefix("NSpid:"));
            let first = numbers.next().is_some_and(|pids| pids.ends_with("\t1"));
            first && command.contains("/bin/main") && String::from_utf8_lossy(&environment).contains(mark)
        })
        .collect();
    pids.sort();
    pids
}

#[test]
fn tasks_outlive_gantry_and_containerd() {
    let mut world = World::start();
    let aws = world.aws();
    aws.ok(&["ecs", "create-cluster"]);
    let execution = execution_role(&aws);
    let image = Image::script("trap 'exit 0' TERM; while :; do sleep 0.2; done");
    let value = format!("crash-{}", std::process::id());
    let mark = format!("E2E_MARK={value}");
    let more = json!({ "stopTimeout": 5, "environment": [{ "name": "E2E_MARK", "value": value }] });
    define(&world, "steady", &image, more, json!({ "executionRoleArn": execution }));
    let arns: Vec<String> = (0..TASKS / 10).flat_map(|_| run_tasks(&aws, "steady", 10)).collect();
    eventually("all run", PATIENCE, || all_are("RUNNING", &aws, &arns));
    let before = containers(&mark);
    assert_eq!(before.len(), TASKS);

    world.kill();
    assert_eq!(containers(&mark), before, "tasks outlive Gantry");
    world.up();
    eventually("the states are right", PATIENCE, || all_are("RUNNING", &aws, &arns));
    assert_eq!(containers(&mark), before, "none is doubled, none begun anew");

    let containerd = world.containerd_pid().expect("containerd runs");
    let killed = Command::new("kill").args(["-9", &containerd.to_string()]).status();
    assert!(killed.is_ok_and(|status| status.success()));
    eventually("another containerd runs", PATIENCE, || {
        world.containerd_pid().filter(|pid| *pid != containerd)
    });
    eventually("the states are right", PATIENCE, || all_are("RUNNING", &aws, &arns));
    assert_eq!(containers(&mark), before, "tasks outlive containerd");

    for arn in &arns {
        aws.ok(&["ecs", "stop-task", "--task", arn]);
    }
    eventually("all stop", PATIENCE, || all_are("STOPPED", &aws, &arns));
    assert_eq!(containers(&mark), Vec::<String>::new());
}

/// What a task says, in whatever order and however often its logs have it.
fn said_by(aws: &Aws, arn: &str) -> Vec<String> {
    let id = arn.rsplit('/').next().expect("an id");
    let stream = format!("test/main/{id}");
    let found = aws.ok(&[
        "logs",
        "filter-log-events",
        "--log-group-name",
        "/ecs/brief",
        "--log-stream-names",
        &stream,
    ]);
    let events = found["events"].as_array().expect("events").iter();
    events.map(|event| event["message"].as_str().expect("a message").to_owned()).collect()
}

#[test]
#[ignore = "takes minutes: cargo test -p gantry-e2e -- --ignored short_tasks"]
fn short_tasks_run_once_and_are_heard_whole_whatever_dies() {
    const ROUNDS: usize = 8;
    let mut world = World::start();
    let aws = world.aws();
    aws.ok(&["ecs", "create-cluster"]);
    let execution = execution_role(&aws);
    let image = Image::script(
        "i=0; while [ $i -lt 40 ]; do echo line $i; echo err $i >&2; i=$((i+1)); sleep 0.05; done; exit 3",
    );
    define(&world, "brief", &image, json!({}), json!({ "executionRoleArn": execution }));
    let mut wanted: Vec<String> = (0..40).flat_map(|i| [format!("line {i}"), format!("err {i}")]).collect();
    wanted.sort();
    let mut arns = Vec::new();
    for round in 0..ROUNDS {
        arns.extend(run_tasks(&aws, "brief", 8));
        // Each time at another moment of their lives.
        std::thread::sleep(Duration::from_millis(150 + 211 * (round as u64 * 5 % ROUNDS as u64)));
        if round % 2 == 0 {
            world.kill();
            world.up();
        } else if let Some(containerd) = world.containerd_pid() {
            let killed = Command::new("kill").args(["-9", &containerd.to_string()]).status();
            assert!(killed.is_ok_and(|status| status.success()));
        }
    }
    eventually("all have ended", PATIENCE, || all_are("STOPPED", &aws, &arns));
    let mut wrong = Vec::new();
    for task in describe(&aws, &arns) {
        if task["containers"][0]["exitCode"] != 3 {
            wrong.push(format!("{} {} {}", task["taskArn"], task["stoppedReason"], task["containers"][0]));
        }
    }
    for arn in &arns {
        let heard = || {
            let mut said = said_by(&aws, arn);
            said.sort();
            said
        };
        let deadline = std::time::Instant::now() + Duration::from_secs(20);
        let mut said = heard();
        while said != wanted && std::time::Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(200));
            said = heard();
        }
        if said != wanted {
            wrong.push(format!("{arn} said {} lines", said.len()));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    run(world.gantry().args(["down", "--stop-tasks"]));
    assert!(!world.data().join("run").exists(), "nothing of a run is left");
}
