//! Tasks in bursts while Gantry, containerd and shims are killed at random: each ends in a true state, none begins
//! twice, and nothing of them stays on the machine.
//!
//! The short form runs with the other tests. `GANTRY_CHAOS_SECONDS=600` makes it the long one, with bursts of fifty;
//! `GANTRY_CHAOS_SEED` repeats a run's choices.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use gantry_e2e::world::eventually;
use gantry_e2e::{Aws, Image, World};
use serde_json::{Value, json};

use crate::crash::containers;
use crate::{PATIENCE, define, execution_role, run_tasks};

/// How many lines a brief task says between its first and its last.
const LINES: usize = 20;
/// Tasks that one call describes, and that one call starts.
const DESCRIBED: usize = 100;
const STARTED: usize = 10;

/// Choices that can be repeated: xorshift.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// What was killed, and how often.
#[derive(Debug, Default)]
struct Killed {
    gantry: usize,
    containerd: usize,
    shims: usize,
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

pub fn kill(pid: u32) -> bool {
    Command::new("kill").args(["-9", &pid.to_string()]).output().is_ok_and(|it| it.status.success())
}

pub fn listed(dir: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

/// Processes that have a word in their command line: name and number.
pub fn processes(word: &str) -> Vec<(String, u32)> {
    let numbers = listed(Path::new("/proc")).into_iter().filter_map(|name| name.parse::<u32>().ok());
    let named = numbers.filter(|pid| {
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(word)
    });
    let name = |pid: u32| std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    named.map(|pid| (name(pid).trim().to_owned(), pid)).collect()
}

fn shims(instance: &str) -> Vec<u32> {
    let ours = processes(&format!("/run/gantry-{instance}/"));
    ours.into_iter().filter(|(name, _)| name.starts_with("containerd-shim")).map(|(_, pid)| pid).collect()
}

fn groups(dir: &Path, instance: &str, found: &mut BTreeSet<String>) {
    for name in listed(dir) {
        let path = dir.join(&name);
        if path.is_dir() && !path.is_symlink() {
            if path.to_string_lossy().contains(instance) {
                found.insert(path.to_string_lossy().into_owned());
            }
            groups(&path, instance, found);
        }
    }
}

/// Everything on this machine that tasks may leave, by its kind.
fn left(world: &World, aws: &Aws, instance: &str) -> BTreeMap<&'static str, BTreeSet<String>> {
    let data = world.data();
    let run_dir = format!("/run/gantry-{instance}");
    let mut left = BTreeMap::new();
    let ours = processes(&format!("gantry-{instance}")).into_iter().chain(processes(&data.to_string_lossy()));
    let tasks = ours.filter(|(name, pid)| *pid != world.pid() && name != "containerd");
    left.insert("processes", tasks.map(|(name, pid)| format!("{name} {pid}")).collect());
    let mounts = std::fs::read_to_string("/proc/mounts").unwrap_or_default();
    let targets = mounts.lines().filter_map(|line| line.split(' ').nth(1));
    let below = |target: &&str| target.starts_with(&run_dir) || Path::new(target).starts_with(&data);
    left.insert("mounts", targets.filter(below).map(str::to_owned).collect());
    left.insert("network namespaces", listed(&data.join("run/net")));
    let links = listed(Path::new("/sys/class/net")).into_iter();
    left.insert("interfaces", links.filter(|name| name.starts_with(&format!("g{instance}"))).collect());
    let mut found = BTreeSet::new();
    groups(Path::new("/sys/fs/cgroup"), instance, &mut found);
    left.insert("control groups", found);
    for (what, dir) in [
        ("files of tasks", data.join("node/tasks")),
        ("output", data.join("node/output")),
        ("marks", data.join("containerd/marks")),
        ("file systems", data.join("containerd/root/io.containerd.snapshotter.v1.overlayfs/snapshots")),
        ("bundles", Path::new(&run_dir).join("state/io.containerd.runtime.v2.task/gantry")),
    ] {
        left.insert(what, listed(&dir));
    }
    let interfaces = aws.ok(&["ec2", "describe-network-interfaces"]);
    let interfaces = interfaces["NetworkInterfaces"].as_array().expect("interfaces").iter();
    let address = |it: &Value| format!("{} {}", it["NetworkInterfaceId"], it["PrivateIpAddress"]);
    left.insert("addresses", interfaces.map(address).collect());
    left
}

fn describe(aws: &Aws, arns: &[String]) -> Vec<Value> {
    arns.chunks(DESCRIBED).flat_map(|some| crate::describe(aws, some)).collect()
}

/// What every task of a family said, by the task's id.
fn said(aws: &Aws, family: &str) -> HashMap<String, Vec<String>> {
    let printed = aws.boto3(&format!(
        r#"
logs = boto3.client('logs', endpoint_url=endpoint)
said = {{}}
for page in logs.get_paginator('filter_log_events').paginate(logGroupName='/ecs/{family}'):
    for event in page['events']:
        said.setdefault(event['logStreamName'].split('/')[-1], []).append(event['message'])
print(json.dumps(said))
"#
    ));
    serde_json::from_str(&printed).expect("the script prints JSON")
}

/// Kills something now.
fn harm(world: &mut World, instance: &str, dice: &mut Dice, killed: &mut Killed) {
    // Each kind once, then at random.
    let kind = match killed {
        Killed { containerd: 0, .. } => 1,
        Killed { shims: 0, .. } => 2,
        Killed { gantry: 0, .. } => 0,
        _ => dice.below(4),
    };
    match kind {
        0 => {
            world.kill();
            // Sometimes it stays away for a while.
            std::thread::sleep(Duration::from_millis(dice.below(1500)));
            world.up();
            killed.gantry += 1;
        }
        1 => killed.containerd += usize::from(world.containerd_pid().is_some_and(kill)),
        _ => {
            let shims = shims(instance);
            if !shims.is_empty() {
                let one = shims[usize::try_from(dice.below(shims.len() as u64)).expect("an index")];
                killed.shims += usize::from(kill(one));
            }
        }
    }
}

fn stopped(aws: &Aws, arns: &[String]) -> bool {
    describe(aws, arns).iter().all(|task| task["lastStatus"] == "STOPPED")
}

/// What is untrue of a stopped task; `harmed` counts those that did not end by themselves.
fn untrue(
    task: &Value,
    family: &str,
    said: &[String],
    harmed: &mut BTreeMap<String, usize>,
) -> Option<String> {
    let container = &task["containers"][0];
    let (code, reason) = (&container["exitCode"], task["stoppedReason"].as_str().unwrap_or_default());
    let whole: Vec<String> = match family {
        "brief" => {
            let lines = (0..LINES).map(|line| format!("line {line}"));
            std::iter::once("began".to_owned()).chain(lines).chain(["ended".to_owned()]).collect()
        }
        _ => vec!["began".to_owned(), "ended".to_owned()],
    };
    let wrong = |why: &str| {
        Some(format!("{why}: {} {} {reason:?} {container} said {said:?}", task["taskArn"], task["stopCode"]))
    };
    let mut once = BTreeSet::new();
    if !said.iter().all(|line| once.insert(line)) {
        return wrong("it began twice, or a line is doubled");
    }
    if !whole.starts_with(said) {
        return wrong("lines are missing between others");
    }
    if reason.is_empty() || task["stopCode"].is_null() || task["stoppedAt"].is_null() {
        return wrong("it does not say why it stopped");
    }
    let by_itself = *code == if family == "brief" { 3 } else { 0 };
    if by_itself && said != whole {
        return wrong("it ended well, and not all of it was heard");
    }
    if !by_itself {
        let reasons = format!("{} {reason} / {} {}", task["stopCode"], code, container["reason"]);
        *harmed.entry(reasons).or_default() += 1;
    }
    None
}

#[test]
fn nothing_is_lost_doubled_or_left_whatever_dies() {
    let seconds = number("GANTRY_CHAOS_SECONDS");
    let (burst, time) = match seconds {
        Some(seconds) => (50, Duration::from_secs(seconds)),
        None => (10, Duration::from_secs(12)),
    };
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    let seed = number("GANTRY_CHAOS_SEED").unwrap_or(now.as_nanos() as u64 | 1);
    println!("GANTRY_CHAOS_SEED={seed}");
    let mut dice = Dice(seed);

    let mut world = World::start();
    let aws = world.aws();
    let execution = execution_role(&aws);
    let brief = format!(
        "echo began; i=0; while [ $i -lt {LINES} ]; do echo line $i; i=$((i+1)); sleep 0.1; done; echo ended; exit 3"
    );
    let steady = "trap 'echo ended; exit 0' TERM; echo began; while :; do sleep 0.2; done";
    let mark = format!("chaos-{}", std::process::id());
    for (family, script) in [("brief", brief.as_str()), ("steady", steady)] {
        let more = json!({ "stopTimeout": 10, "environment": [{ "name": "E2E_MARK", "value": mark }] });
        define(&world, family, &Image::script(script), more, json!({ "executionRoleArn": execution }));
        // So that what stays with the first task is there before it is counted.
        let first = run_tasks(&aws, family, 1);
        eventually("it is on its way", PATIENCE, || {
            (crate::describe(&aws, &first)[0]["lastStatus"] != "PROVISIONING").then_some(())
        });
        aws.ok(&["ecs", "stop-task", "--task", &first[0]]);
        eventually("it stops", PATIENCE, || stopped(&aws, &first).then_some(()));
    }
    let instance = world.instance().expect("it has a containerd");
    let settled = |world: &World| {
        let mut before = left(world, &aws, &instance);
        loop {
            std::thread::sleep(Duration::from_secs(2));
            let now = left(world, &aws, &instance);
            if now == before {
                return now;
            }
            before = now;
        }
    };
    let before = settled(&world);

    let began = Instant::now();
    let mut killed = Killed::default();
    let mut started: Vec<(String, &str)> = Vec::new();
    while began.elapsed() < time {
        let mut briefs = Vec::new();
        let mut steadies = Vec::new();
        for at in (0..burst).step_by(STARTED) {
            let (family, of) = match at % (2 * STARTED) {
                0 => ("brief", &mut briefs),
                _ => ("steady", &mut steadies),
            };
            of.extend(run_tasks(&aws, family, STARTED.min(burst - at)));
        }
        if steadies.is_empty() {
            steadies.extend(run_tasks(&aws, "steady", burst / 2));
        }
        let left = time.saturating_sub(began.elapsed());
        let deadline = Instant::now() + left.clamp(Duration::from_secs(15), Duration::from_secs(60));
        let mut told = false;
        loop {
            std::thread::sleep(Duration::from_millis(500 + dice.below(2500)));
            if Instant::now() > deadline {
                break;
            }
            harm(&mut world, &instance, &mut dice, &mut killed);
            // Their end falls into the middle of it.
            if !told && dice.below(3) == 0 {
                for arn in &steadies {
                    aws.ok(&["ecs", "stop-task", "--task", arn]);
                }
                told = true;
            }
            if told && stopped(&aws, &steadies) && stopped(&aws, &briefs) {
                break;
            }
        }
        for arn in steadies.iter().filter(|_| !told) {
            aws.ok(&["ecs", "stop-task", "--task", arn]);
        }
        for arns in [&briefs, &steadies] {
            eventually("all of a burst have stopped", 2 * PATIENCE, || stopped(&aws, arns).then_some(()));
        }
        started.extend(briefs.into_iter().map(|arn| (arn, "brief")));
        started.extend(steadies.into_iter().map(|arn| (arn, "steady")));
        println!("{} tasks after {} s; killed: {killed:?}", started.len(), began.elapsed().as_secs());
    }
    assert_eq!(containers(&format!("E2E_MARK={mark}")), Vec::<String>::new(), "what stopped runs");

    let mut harmed = BTreeMap::new();
    let mut wrong = Vec::new();
    for family in ["brief", "steady"] {
        let arns: Vec<String> =
            started.iter().filter(|(_, of)| *of == family).map(|(arn, _)| arn.clone()).collect();
        let tasks = describe(&aws, &arns);
        let judge = |harmed: &mut BTreeMap<String, usize>| {
            let said = said(&aws, family);
            let of = |task: &Value| {
                let arn = task["taskArn"].as_str().expect("an ARN").to_owned();
                said.get(arn.rsplit('/').next().expect("an id")).cloned().unwrap_or_default()
            };
            tasks.iter().filter_map(|task| untrue(task, family, &of(task), harmed)).collect::<Vec<_>>()
        };
        // The last lines may be on their way.
        let deadline = Instant::now() + Duration::from_secs(30);
        let mut found = judge(&mut BTreeMap::new());
        while !found.is_empty() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_secs(1));
            found = judge(&mut BTreeMap::new());
        }
        wrong.extend(judge(&mut harmed));
    }
    println!("{} tasks; killed: {killed:?}; did not end by themselves: {harmed:#?}", started.len());
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    let harmed: usize = harmed.values().sum();
    assert!(harmed <= killed.shims, "{harmed} tasks came to harm, and {} shims were killed", killed.shims);

    let deadline = Instant::now() + Duration::from_secs(90);
    let mut after = left(&world, &aws, &instance);
    while after != before && Instant::now() < deadline {
        std::thread::sleep(Duration::from_secs(1));
        after = left(&world, &aws, &instance);
    }
    for (what, now) in &after {
        let more: Vec<_> = now.difference(&before[what]).collect();
        assert!(more.is_empty(), "{what} that stay: {more:?}");
    }
    world.down();
    assert!(!world.data().join("run").exists(), "nothing of a run is left");
    let processes = processes(&format!("gantry-{instance}"));
    assert!(processes.is_empty(), "{processes:?} stay");
}
