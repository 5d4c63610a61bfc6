//! Where tasks go.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use gantry_base::Timestamp;
use gantry_ecs_core::placement::{
    Action, Instance, Node, Refusal, Refusals, Snapshot, Strategy as Placing, Waiting, Wants, explain,
    group_key, plan,
};
use gantry_ecs_core::spec::{Architecture, Compatibility, Protocol};
use insta::assert_snapshot;
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::from_secs(1_000_000);
const CLUSTER: &str = "cluster";

fn node(id: &str, zone: &str, cpu_units: u32, memory_mib: u32) -> Node {
    Node {
        id: id.into(),
        zone: zone.into(),
        architecture: Architecture::X86_64,
        serves: vec![Compatibility::Ec2, Compatibility::Fargate],
        draining: false,
        last_heard: Some(NOW),
        free_cpu_units: cpu_units,
        free_memory_mib: memory_mib,
        ports: HashSet::new(),
        tasks: 0,
        shared_files: true,
        in_every_zone: false,
    }
}

fn wants(cpu_units: u32, memory_mib: u32) -> Wants {
    Wants {
        launch: Compatibility::Fargate,
        architecture: Architecture::Any,
        cpu_units,
        memory_mib,
        gpus: 0,
        host_ports: Vec::new(),
        group: "family:web".into(),
        cluster: CLUSTER.into(),
        distinct: false,
        member_of: Vec::new(),
        instance: None,
        provider: None,
        shared_files: false,
        zone: None,
        strategy: Vec::new(),
    }
}

fn waiting(wants: &Wants, count: usize) -> Vec<Waiting> {
    let wants = Arc::new(wants.clone());
    (0..count).map(|at| Waiting { id: format!("t{at}"), wants: Arc::clone(&wants) }).collect()
}

/// The plan in one line for each task.
fn shown(snapshot: &Snapshot) -> String {
    let line = |action: Action| match action {
        Action::Place { task, node } => {
            format!("{} -> {}", snapshot.waiting[task].id, snapshot.nodes[node].id)
        }
        Action::Refuse { task, why } => format!("{}: {why}", snapshot.waiting[task].id),
    };
    plan(snapshot, NOW).into_iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn tasks_go_to_the_least_loaded_node_until_all_are_full() {
    let nodes = vec![node("a", "1", 1024, 4096), node("b", "1", 2048, 2048)];
    assert_snapshot!(shown(&Snapshot { leaving: HashMap::new(), groups: HashMap::new(), instances: HashMap::new(), nodes, waiting: waiting(&wants(512, 1024), 6) }), @r"
    t0 -> a
    t1 -> b
    t2 -> a
    t3 -> b
    t4: node a has 0 CPU units free and the task needs 512; node b has 0 MiB free and the task needs 1024
    t5: node a has 0 CPU units free and the task needs 512; node b has 0 MiB free and the task needs 1024
    ");
}

#[test]
fn every_node_says_why_not() {
    let mut silent = node("silent", "1", 9999, 9999);
    silent.last_heard = Some(Timestamp::from_secs(1_000_000 - 30));
    let mut draining = node("draining", "1", 9999, 9999);
    draining.draining = true;
    let mut taken = node("taken", "1", 9999, 9999);
    taken.ports.insert((Protocol::Tcp, 80));
    let mut arm = node("arm", "1", 9999, 9999);
    arm.architecture = Architecture::Arm64;
    let mut ec2 = node("ec2", "1", 9999, 9999);
    ec2.serves = vec![Compatibility::Ec2];
    let nodes = vec![silent, draining, taken, arm, ec2];
    let mut wants = wants(256, 512);
    wants.host_ports = vec![(Protocol::Tcp, 80)];
    wants.architecture = Architecture::X86_64;
    assert_snapshot!(shown(&Snapshot { leaving: HashMap::new(), groups: HashMap::new(), instances: HashMap::new(), nodes, waiting: waiting(&wants, 1) }), @"t0: node silent has been silent for 30 s; node draining is draining; node taken has its port 80/tcp taken; node arm is Arm64 and the task is for X86_64; node ec2 does not serve the launch type FARGATE");
    assert_snapshot!(shown(&Snapshot { leaving: HashMap::new(), groups: HashMap::new(), instances: HashMap::new(), nodes: vec![], waiting: waiting(&wants, 1) }), @"t0: there is no node");
}

#[test]
fn spreading_counts_the_group_s_tasks_and_binpacking_fills_the_fullest() {
    let nodes = vec![node("a", "1", 4096, 8192), node("b", "1", 4096, 4096), node("c", "2", 4096, 8192)];
    let groups = HashMap::from([(group_key(CLUSTER, "family:web"), HashMap::from([(0, 2)]))]);
    let mut wants = wants(256, 512);
    wants.strategy = vec![Placing::SpreadOverZones, Placing::BinpackMemory];
    assert_snapshot!(shown(&Snapshot { leaving: HashMap::new(), groups: groups.clone(), instances: HashMap::new(), nodes: nodes.clone(), waiting: waiting(&wants, 5) }), @r"
    t0 -> c
    t1 -> c
    t2 -> b
    t3 -> c
    t4 -> b
    ");
    wants.strategy = vec![Placing::SpreadOverNodes];
    assert_snapshot!(shown(&Snapshot { leaving: HashMap::new(), groups, instances: HashMap::new(), nodes, waiting: waiting(&wants, 4) }), @r"
    t0 -> c
    t1 -> b
    t2 -> c
    t3 -> b
    ");
}

#[test]
fn tasks_with_file_systems_go_where_those_are() {
    let mut elsewhere = node("joined", "2", 4096, 8192);
    elsewhere.shared_files = false;
    let nodes = vec![elsewhere, node("own", "1", 256, 512)];
    let wants = Wants { shared_files: true, ..wants(256, 512) };
    assert_snapshot!(shown(&Snapshot { leaving: HashMap::new(), groups: HashMap::new(), instances: HashMap::new(), nodes, waiting: waiting(&wants, 2) }), @r"
    t0 -> own
    t1: node joined has no file systems of EFS, which are on the control plane's machine; node own has 0 MiB free and the task needs 512
    ");
}

#[test]
fn a_fargate_task_is_in_its_zone_as_long_as_that_has_room() {
    let mut own = node("own", "1", 512, 1024);
    (own.in_every_zone, own.tasks) = (true, 9);
    let nodes = vec![own, node("two", "2", 1024, 2048), node("three", "3", 1024, 2048)];
    let in_zone = |zone: &str| {
        let wants = Wants { zone: Some(zone.into()), ..wants(256, 512) };
        let nodes = nodes.clone();
        shown(&Snapshot { nodes, waiting: waiting(&wants, 3), ..Snapshot::default() })
    };
    assert_eq!(in_zone("4"), "t0 -> own\nt1 -> own\nt2 -> two");
    assert_eq!(in_zone("2"), "t0 -> two\nt1 -> two\nt2 -> two");
}

#[test]
fn a_fixed_port_and_a_distinct_group_are_had_once_on_each_node() {
    let nodes = vec![node("a", "1", 4096, 8192), node("b", "1", 4096, 8192)];
    let mut port = wants(256, 512);
    port.host_ports = vec![(Protocol::Udp, 53)];
    let mut distinct = wants(256, 512);
    distinct.distinct = true;
    let mut all = waiting(&port, 3);
    all.extend(waiting(&distinct, 1));
    assert_snapshot!(shown(&Snapshot { leaving: HashMap::new(), groups: HashMap::new(), instances: HashMap::new(), nodes, waiting: all }), @r"
    t0 -> a
    t1 -> b
    t2: node a has its port 53/udp taken; node b has its port 53/udp taken
    t0: node a already has a task of family:web; node b already has a task of family:web
    ");
}

fn instance(id: &str, attributes: &[(&str, &str)]) -> Instance {
    let attributes = attributes.iter().map(|(name, value)| (name.to_string(), value.to_string()));
    Instance { id: id.into(), attributes: attributes.collect(), ..Instance::default() }
}

#[test]
fn tasks_of_container_instances_go_to_those_of_their_cluster_that_their_constraints_allow() {
    let nodes: Vec<_> = ["a", "b", "c", "d"].iter().map(|id| node(id, "1", 4096, 8192)).collect();
    let mut draining = instance("i-c", &[("stack", "prod")]);
    draining.draining = true;
    let of_cluster = HashMap::from([
        (0, instance("i-a", &[("stack", "prod"), ("rack", "1")])),
        (1, instance("i-b", &[("stack", "test"), ("rack", "2")])),
        (2, draining),
    ]);
    let instances = HashMap::from([(CLUSTER.to_owned(), of_cluster)]);
    let mut wants = Wants { launch: Compatibility::Ec2, ..wants(256, 512) };
    let shown_of = |wants: &Wants, count| {
        let (instances, nodes) = (instances.clone(), nodes.clone());
        shown(&Snapshot {
            leaving: HashMap::new(),
            groups: HashMap::new(),
            instances,
            nodes,
            waiting: waiting(wants, count),
        })
    };
    assert_snapshot!(shown_of(&wants, 2), @r"
    t0 -> a
    t1 -> b
    ");
    wants.strategy = vec![Placing::SpreadOverAttribute("rack".into()), Placing::BinpackCpu];
    assert_snapshot!(shown_of(&wants, 3), @r"
    t0 -> a
    t1 -> b
    t2 -> a
    ");
    wants.member_of = vec!["attribute:stack == prod".into()];
    assert_snapshot!(shown_of(&wants, 2), @r"
    t0 -> a
    t1 -> a
    ");
    wants.member_of.push("not(task:group == family:web) and runningTasksCount < 1".into());
    assert_snapshot!(shown_of(&wants, 2), @r"
    t0 -> a
    t1: node a does not meet the memberOf constraint not(task:group == family:web) and runningTasksCount < 1; node b does not meet the memberOf constraint attribute:stack == prod; node c is draining
    ");
    wants.member_of.clear();
    wants.instance = Some("i-b".into());
    assert_snapshot!(shown_of(&wants, 1), @"t0 -> b");
    let elsewhere = Wants { cluster: "other".into(), ..wants.clone() };
    assert_snapshot!(shown_of(&elsewhere, 1), @"t0: there is no node");
}

#[test]
fn tasks_of_a_capacity_provider_go_to_its_instances() {
    let nodes: Vec<_> = ["own", "a", "b"].iter().map(|id| node(id, "1", 4096, 8192)).collect();
    let own = Instance { stands_in: true, ..instance("i-own", &[]) };
    let of = |provider: &str, id| Instance { provider: Some(provider.into()), ..instance(id, &[]) };
    let wants = Wants { launch: Compatibility::Ec2, provider: Some("blue".into()), ..wants(256, 512) };
    let shown_with = |of_cluster: HashMap<usize, Instance>| {
        let instances = HashMap::from([(CLUSTER.to_owned(), of_cluster)]);
        let (nodes, waiting) = (nodes.clone(), waiting(&wants, 1));
        shown(&Snapshot { leaving: HashMap::new(), groups: HashMap::new(), instances, nodes, waiting })
    };
    let both = HashMap::from([(0, own.clone()), (1, of("green", "i-a")), (2, of("blue", "i-b"))]);
    assert_snapshot!(shown_with(both), @"t0 -> b");
    // Without an instance of the provider's the control plane's machine stands in, and no other provider's.
    let none = HashMap::from([(0, own), (1, of("green", "i-a"))]);
    assert_snapshot!(shown_with(none), @"t0 -> own");
    let others = HashMap::from([(1, of("green", "i-a"))]);
    assert_snapshot!(shown_with(others), @"t0: node a is not of the capacity provider blue");
}

#[test]
fn each_node_says_whether_it_takes_one_more() {
    let mut draining = node("draining", "1", 4096, 8192);
    draining.draining = true;
    let nodes = vec![draining, node("small", "1", 4096, 128), node("free", "1", 4096, 8192)];
    let snapshot = Snapshot { nodes, ..Snapshot::default() };
    let said = explain(&snapshot, &wants(256, 512), NOW);
    assert_eq!(
        said,
        [(0, Some(Refusal::Draining)), (1, Some(Refusal::Memory { needs: 512, free: 128 })), (2, None)]
    );
    let ec2 = Wants { launch: Compatibility::Ec2, ..wants(256, 512) };
    assert!(explain(&snapshot, &ec2, NOW).is_empty(), "none is an instance of the cluster");
}

#[test]
fn a_node_that_only_lacks_room_comes_closest() {
    let refusals = Refusals(vec![
        ("a".into(), Refusal::Silent { seconds: Some(40) }),
        ("b".into(), Refusal::NotMember { expression: "attribute:a == b".into() }),
        ("c".into(), Refusal::Cpu { needs: 512, free: 0 }),
        ("d".into(), Refusal::Port(Protocol::Tcp, 80)),
    ]);
    let (node, why) = refusals.closest().unwrap();
    assert_eq!((node.as_str(), why.event().as_str()), ("c", "has insufficient CPU units available"));
    assert_eq!(refusals.0[0].1.event(), "encountered error \"AGENT\"");
    assert_eq!(refusals.0[3].1.event(), "is already using a port required by your task");
    assert!(Refusals::default().closest().is_none());
}

fn any_strategy() -> impl proptest::strategy::Strategy<Value = Vec<Placing>> {
    let one = prop_oneof![
        Just(Placing::Random),
        Just(Placing::SpreadOverZones),
        Just(Placing::SpreadOverNodes),
        Just(Placing::BinpackCpu),
        Just(Placing::BinpackMemory),
    ];
    prop::collection::vec(one, 0..4)
}

fn any_wants() -> impl proptest::strategy::Strategy<Value = Wants> {
    (0u32..4, 0u32..4, prop::option::of(1u16..4), 0usize..3, any::<bool>(), any_strategy()).prop_map(
        |(cpu, memory, port, group, distinct, strategy)| Wants {
            cpu_units: cpu * 256,
            memory_mib: memory * 512,
            host_ports: port.map(|port| (Protocol::Tcp, port)).into_iter().collect(),
            group: format!("group-{group}"),
            distinct,
            strategy,
            ..wants(0, 0)
        },
    )
}

fn any_snapshot() -> impl proptest::strategy::Strategy<Value = Snapshot> {
    let node = (0usize..3, 0u32..8, 0u32..8, any::<bool>());
    let nodes = prop::collection::vec(node, 0..8).prop_map(|all| {
        let one = |(at, (zone, cpu, memory, draining)): (usize, (usize, u32, u32, bool))| {
            let mut node = node_of(at, zone, cpu, memory);
            node.draining = draining && at % 3 == 0;
            node
        };
        all.into_iter().enumerate().map(one).collect::<Vec<_>>()
    });
    let kinds = prop::collection::vec((any_wants(), 1usize..6), 0..6);
    (nodes, kinds).prop_map(|(nodes, kinds)| {
        let waiting = kinds.iter().flat_map(|(wants, count)| waiting(wants, *count)).collect();
        Snapshot {
            leaving: HashMap::new(),
            groups: HashMap::new(),
            instances: HashMap::new(),
            nodes,
            waiting,
        }
    })
}

fn node_of(at: usize, zone: usize, cpu: u32, memory: u32) -> Node {
    node(&format!("n{at}"), &format!("z{zone}"), cpu * 256, memory * 512)
}

/// The world once the plan is carried out; nothing waits.
fn carried_out(snapshot: &Snapshot, actions: &[Action]) -> Snapshot {
    let mut after = Snapshot { waiting: Vec::new(), ..snapshot.clone() };
    for action in actions {
        let Action::Place { task, node: at } = action else { continue };
        let (wants, node) = (&snapshot.waiting[*task].wants, &mut after.nodes[*at]);
        assert!(!node.draining);
        node.free_cpu_units = node.free_cpu_units.checked_sub(wants.cpu_units).expect("enough CPU");
        node.free_memory_mib = node.free_memory_mib.checked_sub(wants.memory_mib).expect("enough memory");
        for port in &wants.host_ports {
            assert!(node.ports.insert(*port), "a port twice");
        }
        let count = after.groups.entry(group_key(CLUSTER, &wants.group)).or_default().entry(*at).or_default();
        assert!(!wants.distinct || *count == 0, "one of the group at most");
        *count += 1;
        node.tasks += 1;
    }
    after
}

proptest! {
    #[test]
    fn each_task_is_answered_once_and_no_node_gives_more_than_it_has(snapshot in any_snapshot()) {
        let actions = plan(&snapshot, NOW);
        let mut answered = HashMap::new();
        for action in &actions {
            let (Action::Place { task, .. } | Action::Refuse { task, .. }) = action;
            *answered.entry(*task).or_insert(0) += 1;
        }
        prop_assert!(answered.values().all(|count| *count == 1));
        prop_assert_eq!(answered.len(), snapshot.waiting.len());
        carried_out(&snapshot, &actions);
    }

    #[test]
    fn what_was_refused_is_refused_again_by_every_node_and_for_the_same_reasons(snapshot in any_snapshot()) {
        let actions = plan(&snapshot, NOW);
        let after = carried_out(&snapshot, &actions);
        let left = |action: &Action| match action {
            Action::Refuse { task, .. } => Some(snapshot.waiting[*task].clone()),
            Action::Place { .. } => None,
        };
        let waiting: Vec<_> = actions.iter().filter_map(left).collect();
        let count = waiting.len();
        for action in plan(&Snapshot { waiting, ..after }, NOW) {
            match action {
                Action::Refuse { why, .. } => prop_assert_eq!(why.0.len(), snapshot.nodes.len()),
                Action::Place { .. } => prop_assert!(false, "{} were left, and one is placed", count),
            }
        }
    }

    #[test]
    fn spreading_over_zones_keeps_them_level(count in 1usize..40) {
        let nodes: Vec<_> = (0..6).map(|at| node_of(at, at % 3, 100, 100)).collect();
        let wants = Wants { strategy: vec![Placing::SpreadOverZones], ..wants(256, 512) };
        let snapshot = Snapshot { leaving: HashMap::new(), groups: HashMap::new(), instances: HashMap::new(), nodes, waiting: waiting(&wants, count) };
        let mut zones = [0usize; 3];
        for action in plan(&snapshot, NOW) {
            if let Action::Place { node, .. } = action {
                zones[node % 3] += 1;
            }
        }
        prop_assert!(zones.iter().max().unwrap() - zones.iter().min().unwrap() <= 1, "{:?}", zones);
    }
}

#[test]
fn tasks_that_shall_stop_are_there_and_do_not_count_for_spreading() {
    let nodes: Vec<_> = ["a", "b"].iter().map(|id| node(id, "1", 4096, 8192)).collect();
    let of_cluster = HashMap::from([(0, instance("i-a", &[])), (1, instance("i-b", &[]))]);
    let instances = HashMap::from([(CLUSTER.to_owned(), of_cluster)]);
    let wants =
        Wants { launch: Compatibility::Ec2, strategy: vec![Placing::SpreadOverNodes], ..wants(256, 512) };
    let group = group_key(&wants.cluster, &wants.group);
    let counts = |pairs: &[(usize, u32)]| HashMap::from([(group.clone(), pairs.iter().copied().collect())]);
    let snapshot = Snapshot {
        nodes,
        instances,
        groups: counts(&[(1, 1)]),
        leaving: counts(&[(0, 3)]),
        waiting: waiting(&wants, 1),
    };
    assert_eq!(shown(&snapshot), "t0 -> a", "three that leave weigh nothing against one that stays");
    let distinct = Wants { distinct: true, ..wants };
    let snapshot = Snapshot { waiting: waiting(&distinct, 1), ..snapshot };
    let refused = shown(&snapshot);
    assert!(refused.contains("node a already has a task of"), "{refused}");
}
