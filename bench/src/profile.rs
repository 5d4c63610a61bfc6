//! Where the time of a start goes: Gantry's own spans, as its log tells them at the level of debugging.

use std::collections::BTreeMap;

use gantry_e2e::World;

use crate::report::{Report, median};
use crate::tasks;

/// How often a task is started.
const ROUNDS: usize = 15;
/// What is logged of each start.
const LOGGED: &str = "info,gantry_gateway=debug,gantry_node=debug,gantry_net=debug,gantry_runtime=debug";
/// How the spans are called in the log, and here; what is further right is a part of what stands before it.
const SPANS: &[(&str, &str)] = &[
    ("call{operation=\"RunTask\"}", "RunTask"),
    ("step{name=\"prepare\"", "node: prepare"),
    ("pull", "    look for the image"),
    ("group", "    users and control group"),
    ("attach", "    network"),
    ("plug", "        namespace and interface"),
    ("rules", "        rules of the VPC"),
    ("step{name=\"create\"", "node: create"),
    ("furnish", "    file system and record"),
    ("create_process", "    containerd: shim, runc create"),
    ("step{name=\"start\"", "node: start (containerd: runc start)"),
];

/// Prints medians. Parts that run at once overlap.
pub fn start(_: &mut Report) {
    let mut world = World::unstarted(&[]);
    world.set_variable("GANTRY_LOG", LOGGED);
    world.up();
    let (world, _image) = tasks::furnish(world);
    let whole = median(tasks::gantry_seconds(&world, ROUNDS, 1));
    row("run-task to RUNNING, with its spans logged", Some(whole * 1000.0));
    let log = std::fs::read_to_string(world.data().join("gantry.log")).expect("Gantry logs");
    let mut took: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (span, millis) in log.lines().filter_map(closed) {
        if let Some((name, _)) = SPANS.iter().find(|(name, _)| span.starts_with(name)) {
            took.entry(name).or_default().push(millis);
        }
    }
    for (name, what) in SPANS {
        row(what, took.remove(name).map(median));
    }
}

fn row(what: &str, millis: Option<f64>) {
    match millis {
        Some(millis) => println!("{what:<56} {millis:>9.1} ms"),
        None => println!("{what:<56} {:>12}", "not seen"),
    }
}

/// The innermost span of a line that says how long it was open, in milliseconds.
fn closed(line: &str) -> Option<(&str, f64)> {
    let (head, times) = line.split_once(": close time.busy=")?;
    let (busy, idle) = times.split_once(" time.idle=")?;
    let (spans, _target) = head.rsplit_once(": ")?;
    let name_ends = if spans.ends_with('}') { spans.rfind('{')? } else { spans.len() };
    let begins = spans[..name_ends].rfind([':', ' ']).map_or(0, |at| at + 1);
    Some((&spans[begins..], millis(busy)? + millis(idle)?))
}

/// `1.25ms`, `340µs` or `2.1s` in milliseconds.
fn millis(text: &str) -> Option<f64> {
    let number_ends = text.find(|it: char| !it.is_ascii_digit() && it != '.')?;
    let (number, unit) = text.split_at(number_ends);
    let scale = match unit.trim() {
        "s" => 1000.0,
        "ms" => 1.0,
        "µs" => 0.001,
        "ns" => 0.000_001,
        _ => return None,
    };
    Some(number.parse::<f64>().ok()? * scale)
}
