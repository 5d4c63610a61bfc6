//! The machine goes down with everything on it and comes back: what ran has stopped and says so, and new tasks run.

use std::path::Path;
use std::process::Command;

use gantry_e2e::world::eventually;
use gantry_e2e::{Image, World};
use serde_json::{Value, json};

use crate::chaos::{kill, listed, processes};
use crate::crash::containers;
use crate::{PATIENCE, define, describe, execution_role, lines_of, run_tasks, wait_for};

fn quietly(program: &str, arguments: &[&str]) {
    let _ = Command::new(program).args(arguments).output();
}

/// What a power failure does: no process is left, and nothing that lies in memory alone.
fn lose_power(world: &mut World, instance: &str, mark: &str) {
    world.kill();
    // Shims name the run directory, and containerd its settings in the data directory.
    let words = [format!("gantry-{instance}"), world.data().to_string_lossy().into_owned()];
    let ours = || words.iter().flat_map(|word| processes(word)).map(|(_, pid)| pid).collect::<Vec<u32>>();
    let containers = containers(mark).into_iter().map(|pid| pid.parse().expect("a process id"));
    for pid in containers.chain(ours()).collect::<Vec<u32>>() {
        kill(pid);
    }
    eventually("no process is left", PATIENCE, || {
        (containers_of(mark) == 0 && ours().is_empty()).then_some(())
    });
    let runs = [format!("/run/gantry-{instance}"), world.data().join("run").to_string_lossy().into_owned()];
    let mounts = std::fs::read_to_string("/proc/mounts").expect("a list of mounts");
    let targets: Vec<&str> = mounts.lines().filter_map(|line| line.split(' ').nth(1)).collect();
    for target in
        targets.into_iter().rev().filter(|target| runs.iter().any(|dir| target.starts_with(dir.as_str())))
    {
        quietly("umount", &["--lazy", target]);
    }
    for dir in runs {
        std::fs::remove_dir_all(&dir).expect("the run directory goes");
    }
    for name in listed(Path::new("/sys/class/net")) {
        if name.starts_with(&format!("g{instance}")) {
            quietly("ip", &["link", "delete", &name]);
        }
    }
    quietly("nft", &["delete", "table", "ip", &format!("gantry_{instance}")]);
}

fn containers_of(mark: &str) -> usize {
    containers(mark).len()
}

#[test]
fn a_reboot_stops_tasks_truly_and_new_ones_run() {
    let mut world = World::start();
    let aws = world.aws();
    let execution = execution_role(&aws);
    let image = Image::script("echo up; trap 'exit 0' TERM; while :; do sleep 0.2; done");
    let value = format!("reboot-{}", std::process::id());
    let mark = format!("E2E_MARK={value}");
    let more = json!({ "stopTimeout": 5, "environment": [{ "name": "E2E_MARK", "value": value }] });
    define(&world, "steady", &image, more, json!({ "executionRoleArn": execution }));
    let arns = run_tasks(&aws, "steady", 5);
    for arn in &arns {
        wait_for(&aws, arn, "RUNNING");
    }
    let instance = world.instance().expect("it has a containerd");
    lose_power(&mut world, &instance, &mark);
    world.up();
    eventually("all have stopped", PATIENCE, || {
        describe(&aws, &arns).iter().all(|task| task["lastStatus"] == "STOPPED").then_some(())
    });
    for task in describe(&aws, &arns) {
        let container = &task["containers"][0];
        assert_eq!(task["stopCode"], "EssentialContainerExited", "{task}");
        assert_eq!(task["stoppedReason"], "Essential container in task exited", "{task}");
        // How it ended nobody saw.
        assert_eq!(container["exitCode"], Value::Null, "{task}");
        assert!(!container["reason"].as_str().unwrap_or_default().is_empty(), "{task}");
        let id = task["taskArn"].as_str().expect("an ARN").rsplit('/').next().expect("an id").to_owned();
        assert_eq!(lines_of(&aws, "/ecs/steady", &format!("test/main/{id}")), ["up"], "what it said is kept");
    }
    assert_eq!(containers_of(&mark), 0, "none began anew");
    let new = run_tasks(&aws, "steady", 5);
    for arn in &new {
        wait_for(&aws, arn, "RUNNING");
    }
    assert_eq!(containers_of(&mark), 5);
    world.down();
    assert!(!world.data().join("run").exists(), "nothing of a run is left");
}
