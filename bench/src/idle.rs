//! Starting, and doing nothing.

use std::time::{Duration, Instant};

use gantry_e2e::World;

use crate::report::{Aim, Report, median};

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
    let ticks = |pid: &u32| cpu_ticks(*pid).unwrap_or(0);
    let before: u64 = processes.iter().map(ticks).sum();
    const WATCHED: Duration = Duration::from_secs(20);
    std::thread::sleep(WATCHED);
    let after: u64 = processes.iter().map(ticks).sum();
    // The kernel counts in hundredths of a second on every common machine.
    let share = (after - before) as f64 / 100.0 / WATCHED.as_secs_f64() * 100.0;
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
