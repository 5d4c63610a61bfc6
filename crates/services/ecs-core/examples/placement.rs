//! How fast tasks are placed: a million of them, of a hundred kinds, on five thousand nodes, in batches as the loop
//! has them. Prints placements a second.
//!
//! `cargo run --release -p gantry-ecs-core --example placement [TASKS] [NODES] [BATCH]`

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

use gantry_base::Timestamp;
use gantry_ecs_core::placement::{
    Action, Instance, Node, Snapshot, Strategy, Waiting, Wants, group_key, plan,
};
use gantry_ecs_core::spec::{Architecture, Compatibility};

const KINDS: u32 = 100;
const CLUSTER: &str = "cluster";

fn main() {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<usize>().expect("a number"));
    let tasks = arguments.next().unwrap_or(1_000_000);
    let nodes = arguments.next().unwrap_or(5_000);
    let batch = arguments.next().unwrap_or(1_000);
    let now = Timestamp::from_secs(0);
    let kinds: Vec<Arc<Wants>> = (0..KINDS).map(|kind| Arc::new(wants(kind))).collect();
    let mut snapshot = Snapshot {
        nodes: (0..nodes).map(node).collect(),
        waiting: Vec::new(),
        groups: HashMap::new(),
        leaving: HashMap::new(),
        instances: instances(nodes),
    };

    let (mut placed, mut refused) = (0, 0);
    let start = Instant::now();
    let mut tenths = vec![0.0];
    for first in (0..tasks).step_by(batch) {
        let one = |at: usize| Waiting { id: at.to_string(), wants: Arc::clone(&kinds[at * 7 % kinds.len()]) };
        snapshot.waiting = (first..tasks.min(first + batch)).map(one).collect();
        for action in plan(&snapshot, now) {
            match action {
                Action::Place { task, node } => {
                    take(&mut snapshot, task, node);
                    placed += 1;
                }
                Action::Refuse { .. } => refused += 1,
            }
        }
        if (first + batch) * 10 / tasks.max(1) >= tenths.len() {
            tenths.push(start.elapsed().as_secs_f64());
        }
    }
    let took = start.elapsed().as_secs_f64();
    let rate = f64::from(placed) / took;
    let parts = tenths.windows(2).map(|two| format!("{:.1}", two[1] - two[0]));
    println!("seconds for each tenth: {}", parts.collect::<Vec<_>>().join(" "));
    if let Some(kib) = peak_kib() {
        println!("{kib} KiB at most, {:.1} bytes for each task", kib * 1024.0 / f64::from(placed));
    }
    println!("{placed} placed and {refused} refused in {took:.1} s: {rate:.0} placements a second");
}

/// The most memory that this process has had, nodes and all.
fn peak_kib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// Every node is an instance of the one cluster.
fn instances(nodes: usize) -> HashMap<String, HashMap<usize, Instance>> {
    let each = (0..nodes).map(|at| (at, Instance { id: at.to_string(), ..Instance::default() }));
    HashMap::from([(CLUSTER.to_owned(), each.collect())])
}

fn wants(kind: u32) -> Wants {
    let strategy = match kind % 4 {
        0 => vec![Strategy::SpreadOverZones, Strategy::BinpackMemory],
        1 => vec![Strategy::BinpackCpu],
        2 => vec![Strategy::Random],
        _ => Vec::new(),
    };
    Wants {
        launch: if kind.is_multiple_of(2) { Compatibility::Ec2 } else { Compatibility::Fargate },
        architecture: Architecture::Any,
        cpu_units: 128 << (kind % 3),
        memory_mib: 256 << (kind % 4),
        gpus: 0,
        host_ports: Vec::new(),
        group: format!("service:{kind}"),
        cluster: CLUSTER.into(),
        distinct: false,
        member_of: Vec::new(),
        instance: None,
        provider: None,
        shared_files: false,
        zone: None,
        strategy,
    }
}

fn node(at: usize) -> Node {
    Node {
        id: format!("node-{at}"),
        zone: format!("zone-{}", at % 3),
        architecture: Architecture::X86_64,
        serves: vec![Compatibility::Ec2, Compatibility::Fargate],
        draining: false,
        last_heard: Some(Timestamp::from_secs(0)),
        free_cpu_units: 96 * 1024,
        free_memory_mib: 384 * 1024,
        ports: HashSet::new(),
        tasks: 0,
        shared_files: true,
        in_every_zone: false,
    }
}

fn take(snapshot: &mut Snapshot, task: usize, at: usize) {
    let (wants, node) = (&snapshot.waiting[task].wants, &mut snapshot.nodes[at]);
    node.free_cpu_units -= wants.cpu_units;
    node.free_memory_mib -= wants.memory_mib;
    node.tasks += 1;
    *snapshot.groups.entry(group_key(CLUSTER, &wants.group)).or_default().entry(at).or_default() += 1;
}
