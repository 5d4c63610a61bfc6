//! Starting, and doing nothing.

use std::time::{Duration, Instant};

use gantry_e2e::World;

use crate::report::{Aim, Report, median};
use crate::tasks::prepare;

/// How many tasks do nothing at once.
const TASKS: usize = 500;

/// From the start of the process to healthy, with a data directory that was used before.
pub fn start(report: &mut Report) {
    let mut world = World::start();
    let mut seconds = Vec::new();
    for _ in 0..5 {
        world.stop();
        let began = Instant::now();
        world.up();
        seconds.push(began.elapsed().as_secs_f64());
    }
    let ours = median(seconds);
    report.add("start to healthy, in seconds", format!("{ours:.2} s"), String::new(), ours, Aim::AtMost(1.0));
}

/// Memory and processor time of Gantry and its containerd, with nothing to do.
pub fn idle(report: &mut Report) {
    let world = World::start();
    std::thread::sleep(Duration::from_secs(5));
    let processes = world.processes();
    let share = share(&processes);
    let memory: f64 = processes.iter().filter_map(|pid| resident_mib(*pid)).sum();
    report.add(
        "idle memory with containerd, in MB",
        format!("{memory:.0} MB"),
        String::new(),
        memory,
        Aim::AtMost(100.0),
    );
    report.add(
        "idle share of a core, in percent",
        format!("{share:.2} %"),
        String::new(),
        share,
        Aim::AtMost(1.0),
    );
}

/// The same with many tasks that do nothing, and what each of them costs the node.
pub fn with_tasks(report: &mut Report) {
    let (world, _image) = prepare(&["--overcommit-cpu", "64", "--overcommit-memory", "32"]);
    let script = format!(
        r#"
import time
ecs = boto3.client('ecs', endpoint_url=endpoint)
subnet = boto3.client('ec2', endpoint_url=endpoint).describe_subnets()['Subnets'][0]['SubnetId']
arns = []
while len(arns) < {TASKS}:
    answer = ecs.run_task(taskDefinition='bench', launchType='FARGATE', count=10,
        overrides=dict(containerOverrides=[dict(name='main', command=['/bin/sh', '-c', 'exec sleep 100000'])]),
        networkConfiguration=dict(awsvpcConfiguration=dict(subnets=[subnet])))
    assert not answer['failures'], answer['failures']
    arns += [task['taskArn'] for task in answer['tasks']]
    while True:
        tasks = ecs.describe_tasks(tasks=arns[-10:])['tasks']
        assert all(task['lastStatus'] != 'STOPPED' for task in tasks), tasks
        if all(task['lastStatus'] == 'RUNNING' for task in tasks):
            break
        time.sleep(0.1)
"#
    );
    world.aws().boto3(&script);
    std::thread::sleep(Duration::from_secs(10));
    let all = world.processes();
    let containerd = world.containerd_pid();
    let is_ours = |pid: &&u32| **pid == world.pid() || Some(**pid) == containerd;
    let ours: Vec<u32> = all.iter().filter(is_ours).copied().collect();
    let share = share(&ours);
    let memory: f64 = ours.iter().filter_map(|pid| resident_mib(*pid)).sum();
    let shims: f64 = shims(&world).iter().filter_map(|pid| resident_mib(*pid)).sum();
    let each = shims / TASKS as f64;
    let none = String::new;
    let what = format!("with {TASKS} idle tasks, percent of a core");
    report.add(&what, format!("{share:.2} %"), none(), share, Aim::AtMost(2.0));
    let what = format!("with {TASKS} idle tasks, in MB");
    report.add(&what, format!("{memory:.0} MB"), none(), memory, Aim::AtMost(200.0));
    report.add("a task's shim, in MB", format!("{each:.1} MB"), none(), each, Aim::AtMost(10.0));
}

/// The shims of a world's tasks: children of nobody, known by the socket of its containerd.
fn shims(world: &World) -> Vec<u32> {
    let line = |pid: u32| std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let text = |pid: u32| String::from_utf8_lossy(&line(pid)).into_owned();
    let settings =
        std::fs::read_to_string(world.data().join("containerd/config.toml")).expect("its settings");
    let socket = settings.split('"').find(|word| word.ends_with(".sock")).expect("its socket").to_owned();
    let pids = std::fs::read_dir("/proc").expect("there is a /proc").flatten();
    let pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.filter(|pid| {
        let line = text(*pid);
        line.contains("containerd-shim") && line.contains(&socket)
    })
    .collect()
}

/// What part of a core processes take, in percent.
fn share(processes: &[u32]) -> f64 {
    const WATCHED: Duration = Duration::from_secs(20);
    let ticks = || processes.iter().map(|pid| cpu_ticks(*pid).unwrap_or(0)).sum::<u64>();
    let before = ticks();
    std::thread::sleep(WATCHED);
    // The kernel counts in hundredths of a second on every common machine.
    (ticks() - before) as f64 / 100.0 / WATCHED.as_secs_f64() * 100.0
}

fn cpu_ticks(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    Some(fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?)
}

/// Proportional size where the kernel tells it, so that shared pages count once.
fn resident_mib(pid: u32) -> Option<f64> {
    let rollup = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = rollup.lines().find(|line| line.starts_with("Pss:"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024.0)
}
