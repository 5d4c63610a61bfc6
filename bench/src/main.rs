//! Gantry beside real peers, in one run on one machine, as ratios.
//!
//! Invariants: every figure is measured here and now, the peer's in the same run; nothing is a test, as
//! machines are noisy. Each part starts its own Gantry and its own peer and ends them.
//!
//! Read in this order: [`report`], then one file for each part.

mod idle;
mod load_balancer;
mod logs;
mod profile;
mod registry;
mod report;
mod tasks;

use report::Report;

/// A part's name and what measures it.
type Part = (&'static str, fn(&mut Report));

const PARTS: &[Part] = &[
    ("start", idle::start),
    ("idle", idle::idle),
    ("idle-tasks", idle::with_tasks),
    ("run-task", tasks::latency),
    ("profile", profile::start),
    ("burst", tasks::burst),
    ("describe", tasks::describe),
    ("placement", tasks::placement),
    ("logs", logs::throughput),
    ("registry", registry::push_and_pull),
    ("load-balancer", load_balancer::proxy),
];

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let unknown: Vec<_> = wanted.iter().filter(|name| PARTS.iter().all(|(part, _)| part != name)).collect();
    if !unknown.is_empty() {
        let names: Vec<&str> = PARTS.iter().map(|(name, _)| *name).collect();
        eprintln!("no such part: {unknown:?}; there are {}", names.join(", "));
        std::process::exit(2);
    }
    let mut report = Report::begin();
    for (name, measure) in PARTS {
        if wanted.is_empty() || wanted.iter().any(|w| w == name) {
            eprintln!("measuring {name}");
            measure(&mut report);
        }
    }
}
