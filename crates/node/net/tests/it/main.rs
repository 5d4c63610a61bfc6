//! Real namespaces, interfaces and rules; needs root, as Gantry does.

#![allow(clippy::unwrap_used, reason = "an unwrap in a test is an assertion")]

mod behalf;
mod bridge;
mod mend;
mod overlay;
mod world;

use std::collections::HashSet;
use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener};
use std::path::Path;
use std::process::Command;

use gantry_net::{
    Acl, AclEntry, Attachment, Cidr, Config, Ports, Protocol, Rule, Vpc, Way, free_public_range,
};
use nix::sched::{CloneFlags, setns};

use world::{LONG, Place, SHORT, answer, any, dial, everyone, out_by, task};

#[tokio::test]
async fn tasks_reach_what_their_groups_let_through() {
    let place = Place::new();
    let net = place.open().await;
    let http = Protocol::Tcp(Ports { from: 80, to: 80 });
    let members = Rule { protocol: http, peers: vec!["10.99.0.11/32".parse().unwrap()] };
    let server = task(10, vec![members]);
    let (a, b, c) =
        tokio::join!(net.attach(server.clone()), net.attach(task(11, vec![])), net.attach(task(12, vec![])));
    let (a, b, c) = (a.unwrap(), b.unwrap(), c.unwrap());
    for (label, port) in [(&server, 80), (&server, 81), (&task(11, vec![]), 80)] {
        answer(net.listen(&label.task, any(port)).await.unwrap());
    }
    let at = |last, port| (Ipv4Addr::new(10, 99, 0, last), port);

    assert_eq!(dial(Some(&b), at(10, 80), LONG).unwrap(), "10.99.0.11");
    assert!(dial(Some(&c), at(10, 80), SHORT).is_err(), "not a member");
    assert!(dial(Some(&b), at(10, 81), SHORT).is_err(), "another port");
    assert!(dial(Some(&a), at(11, 80), SHORT).is_err(), "no rule at all");
    assert!(dial(None, at(10, 80), SHORT).is_err(), "the host is no member");

    // A change of groups is in force when the call returns.
    net.attach(task(10, vec![everyone(http)])).await.unwrap();
    assert_eq!(dial(Some(&c), at(10, 80), LONG).unwrap(), "10.99.0.12");
}

/// In a VPC of this process alone, as far as another run of the tests is concerned; so the host has a route to it.
fn routed(last: u8, vpc: &str, third: u8) -> Attachment {
    let octet = u8::try_from(std::process::id() % 200).unwrap();
    let mut task = task(last, vec![everyone(Protocol::Any)]);
    task.vpc.id = vpc.parse().unwrap();
    task.vpc.cidr = Cidr::new(Ipv4Addr::new(10, octet, third, 0), 20);
    task.subnet = task.vpc.cidr;
    task.gateway = task.vpc.cidr.nth(1);
    task.private_ipv4 = task.vpc.cidr.nth(last.into());
    task
}

#[tokio::test]
async fn the_host_reaches_a_vpc_whose_range_is_free() {
    let place = Place::new();
    let net = place.open().await;
    let server = routed(15, "vpc-0b", 160);
    net.attach(server.clone()).await.unwrap();
    answer(net.listen(&server.task, any(80)).await.unwrap());
    let seen = dial(None, (server.private_ipv4, 80), LONG).unwrap();
    assert!(seen.starts_with("100."), "{seen}: the uplink's own address");
}

#[tokio::test]
async fn vpcs_of_one_instance_do_not_meet_but_by_public_addresses() {
    let place = Place::new();
    let net = place.open().await;
    let range = free_public_range(&place.instance).await.unwrap();
    let mut server = routed(16, "vpc-0c", 176);
    server.public_ipv4 = Some(range.nth(7));
    net.attach(server.clone()).await.unwrap();
    answer(net.listen(&server.task, any(80)).await.unwrap());
    let other = Attachment { public_ipv4: Some(range.nth(8)), ..task(17, vec![]) };
    let other = net.attach(other).await.unwrap();
    dial(None, (server.private_ipv4, 80), LONG).expect("the host reaches it");
    assert!(dial(Some(&other), (server.private_ipv4, 80), SHORT).is_err());
    dial(Some(&other), (range.nth(7), 80), LONG).expect("as over the internet");
}

#[tokio::test]
async fn the_way_out_and_the_public_address() {
    let place = Place::new();
    let net = place.open().await;
    let range = free_public_range(&place.instance).await.unwrap();
    let mut server = task(20, vec![everyone(Protocol::Any)]);
    server.public_ipv4 = Some(range.nth(5));
    let namespace = net.attach(server.clone()).await.unwrap();
    answer(net.listen(&server.task, any(80)).await.unwrap());
    dial(None, (range.nth(5), 80), LONG).expect("reached by its public address");

    let outside = TcpListener::bind(any(0)).unwrap();
    let port = outside.local_addr().unwrap().port();
    answer(outside);
    let host = std::net::UdpSocket::bind(any(0)).unwrap();
    host.connect((range.nth(5), 9)).unwrap();
    let SocketAddr::V4(host) = host.local_addr().unwrap() else { panic!("an IPv4 socket") };
    let seen = dial(Some(&namespace), (*host.ip(), port), LONG).unwrap();
    assert_eq!(seen, range.nth(5).to_string(), "seen by its public address");

    net.detach(&server.task).await.unwrap();
    assert!(dial(None, (range.nth(5), 80), SHORT).is_err());
}

/// A machine beside this host: a namespace of the test's own with a link to the host.
struct Neighbour {
    name: String,
    host: Ipv4Addr,
    address: Ipv4Addr,
}

impl Neighbour {
    /// Another one for each kind in a process.
    fn new(kind: &str) -> Self {
        let number = std::process::id() * 2 + u32::from(kind == "np");
        let name = format!("{kind}{number}");
        let [third, fourth] = [(number >> 6) as u8, (number << 2) as u8];
        let host = Ipv4Addr::new(198, 19, third, fourth | 1);
        let address = Ipv4Addr::new(198, 19, third, fourth | 2);
        for command in [
            format!("ip netns add {name}"),
            format!("ip link add {name} type veth peer name out netns {name}"),
            format!("ip addr add {host}/30 dev {name}"),
            format!("ip link set {name} up"),
            format!("ip -n {name} addr add {address}/30 dev out"),
            format!("ip -n {name} link set out up"),
        ] {
            let mut words = command.split(' ');
            let status = Command::new(words.next().unwrap()).args(words).status().unwrap();
            assert!(status.success(), "{command}");
        }
        Self { name, host, address }
    }
}

impl Drop for Neighbour {
    fn drop(&mut self) {
        Command::new("ip").args(["netns", "del", &self.name]).status().unwrap();
    }
}

/// Answers at port 80 of a machine beside this host.
fn answer_at(neighbour: &Neighbour) {
    let file = File::open(format!("/run/netns/{}", neighbour.name)).unwrap();
    let listener = std::thread::spawn(move || {
        setns(file, CloneFlags::CLONE_NEWNET).unwrap();
        TcpListener::bind(any(80)).unwrap()
    });
    answer(listener.join().unwrap());
}

#[tokio::test]
async fn other_machines_see_the_hosts_address() {
    let place = Place::new();
    let net = place.open().await;
    let range = free_public_range(&place.instance).await.unwrap();
    let neighbour = Neighbour::new("nb");
    answer_at(&neighbour);
    let public = Attachment { public_ipv4: Some(range.nth(9)), ..task(25, vec![]) };
    let namespace = net.attach(public).await.unwrap();
    let seen = dial(Some(&namespace), (neighbour.address, 80), LONG).unwrap();
    assert_eq!(seen, neighbour.host.to_string());
}

#[tokio::test]
async fn a_private_task_goes_out_by_nat_and_nobody_comes_in() {
    let place = Place::new();
    let net = place.open().await;
    let nat = free_public_range(&place.instance).await.unwrap().nth(11);
    let neighbour = Neighbour::new("np");
    answer_at(&neighbour);
    let mut private = routed(26, "vpc-0d", 192);
    private.routes = vec![];
    let namespace = net.attach(private.clone()).await.unwrap();
    answer(net.listen(&private.task, any(80)).await.unwrap());
    let outside = (neighbour.address, 80);
    assert!(dial(Some(&namespace), outside, SHORT).is_err(), "there is no way out");

    private.routes = vec![out_by(Way::Internet)];
    net.attach(private.clone()).await.unwrap();
    assert!(dial(Some(&namespace), outside, SHORT).is_err(), "without a public address there is no way out");

    private.routes = vec![out_by(Way::Nat(nat))];
    net.attach(private.clone()).await.unwrap();
    assert_eq!(dial(Some(&namespace), outside, LONG).unwrap(), neighbour.host.to_string());
    let here = TcpListener::bind(any(0)).unwrap();
    let port = here.local_addr().unwrap().port();
    answer(here);
    let seen = dial(Some(&namespace), (neighbour.host, port), LONG).unwrap();
    assert_eq!(seen, nat.to_string(), "this host sees the NAT gateway");

    let inside = (private.private_ipv4, 80);
    assert!(dial(None, inside, SHORT).is_err(), "this host does not come in");
    assert!(dial(None, (nat, 80), SHORT).is_err(), "neither by the NAT gateway");
    for to in [inside.0, nat] {
        let via = format!("ip -n {} route replace {to} via {}", neighbour.name, neighbour.host);
        let mut words = via.split(' ');
        assert!(Command::new(words.next().unwrap()).args(words).status().unwrap().success());
        let file = format!("/run/netns/{}", neighbour.name);
        assert!(dial(Some(Path::new(&file)), (to, 80), SHORT).is_err(), "nor does another machine");
    }
}

#[tokio::test]
async fn a_network_acl_knows_no_connections_and_spares_the_subnet() {
    let place = Place::new();
    let net = place.open().await;
    let all = |allow, protocol| AclEntry { allow, protocol, peer: "0.0.0.0/0".parse().unwrap() };
    let http = Protocol::Tcp(Ports { from: 80, to: 80 });
    let answers = Protocol::Tcp(Ports { from: 1024, to: 65535 });
    let mut server = task(28, vec![everyone(Protocol::Any)]);
    let neighbour = net.attach(task(29, vec![])).await.unwrap();
    let mut far = task(30, vec![]);
    far.subnet = "10.99.16.0/20".parse().unwrap();
    far.gateway = "10.99.16.1".parse().unwrap();
    far.private_ipv4 = "10.99.16.30".parse().unwrap();
    let far = net.attach(far).await.unwrap();
    server.acl = Some(Acl { ingress: vec![all(true, http)], egress: vec![] });
    net.attach(server.clone()).await.unwrap();
    for port in [80, 81] {
        answer(net.listen(&server.task, any(port)).await.unwrap());
    }
    let at = |port| (server.private_ipv4, port);
    dial(Some(&neighbour), at(81), LONG).expect("in the subnet there is no ACL");
    assert!(dial(Some(&far), at(80), SHORT).is_err(), "the answers are dropped");
    server.acl = Some(Acl { ingress: vec![all(true, http)], egress: vec![all(true, answers)] });
    net.attach(server.clone()).await.unwrap();
    dial(Some(&far), at(80), LONG).expect("both ways are open");
    assert!(dial(Some(&far), at(81), SHORT).is_err(), "no entry lets it in");
    server.acl = Some(Acl {
        ingress: vec![all(false, http), all(true, Protocol::Any)],
        egress: vec![all(true, Protocol::Any)],
    });
    net.attach(server.clone()).await.unwrap();
    dial(Some(&far), at(81), LONG).expect("the second entry lets it in");
    assert!(dial(Some(&far), at(80), SHORT).is_err(), "the first entry decides");
}

fn run(program: &str, args: &[&str]) {
    let output = Command::new(program).args(args).output().unwrap();
    assert!(output.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn what_somebody_takes_away_comes_back() {
    let place = Place::new();
    let net = place.open().await;
    let range = free_public_range(&place.instance).await.unwrap();
    let mut server = routed(31, "vpc-0e", 208);
    server.public_ipv4 = Some(range.nth(12));
    net.attach(server.clone()).await.unwrap();
    let public = (range.nth(12), 80);
    let listen = async || answer(net.listen(&server.task, any(80)).await.unwrap());
    listen().await;
    dial(None, public, LONG).unwrap();
    let router = format!("--net={}", place.dir.path().join("netns/r-vpc-0e").display());

    run("nsenter", &[&router, "nft", "flush", "ruleset"]);
    net.mend().await.unwrap();
    dial(None, public, LONG).expect("the rules are there again");

    run("ip", &["route", "del", &range.nth(12).to_string()]);
    net.mend().await.unwrap();
    dial(None, public, LONG).expect("the host's route is there again");

    let table = format!("gantry_{}", place.instance);
    run("nft", &["delete", "table", "ip", &table]);
    net.mend().await.unwrap();
    run("nft", &["list", "table", "ip", &table]);

    let ports = Command::new("nsenter").args([&*router, "ip", "-br", "link"]).output().unwrap();
    let ports = String::from_utf8(ports.stdout).unwrap();
    let port = ports.lines().find(|line| line.starts_with('t')).unwrap();
    let port = port.split('@').next().unwrap();
    run("nsenter", &[&router, "ip", "link", "del", port]);
    assert!(dial(None, public, SHORT).is_err());
    net.mend().await.unwrap();
    dial(None, public, LONG).expect("the task's interface is there again");

    let links = Command::new("ip").args(["-br", "link"]).output().unwrap();
    let links = String::from_utf8(links.stdout).unwrap();
    let uplink = links.lines().find(|line| line.starts_with(&format!("g{}v", place.instance))).unwrap();
    let uplink = uplink.split('@').next().unwrap();
    run("ip", &["link", "set", uplink, "down"]);
    assert!(dial(None, public, SHORT).is_err());
    net.mend().await.unwrap();
    dial(None, public, LONG).expect("the uplink is up again");

    run("ip", &["link", "del", uplink]);
    assert!(dial(None, public, SHORT).is_err());
    net.mend().await.unwrap();
    dial(None, public, LONG).expect("the uplink is there again");
}

#[tokio::test]
async fn two_instances_do_not_meet() {
    let (one, two) = (Place::new(), Place::new());
    let (first, second) = (one.open().await, two.open().await);
    for (net, port) in [(&first, 80), (&second, 81)] {
        let server = task(30, vec![everyone(Protocol::Any)]);
        net.attach(server.clone()).await.unwrap();
        answer(net.listen(&server.task, any(port)).await.unwrap());
    }
    let client = task(31, vec![]);
    for (net, mine, other) in [(&first, 80, 81), (&second, 81, 80)] {
        let namespace = net.attach(client.clone()).await.unwrap();
        let address = Ipv4Addr::new(10, 99, 0, 30);
        assert_eq!(dial(Some(&namespace), (address, mine), LONG).unwrap(), "10.99.0.31");
        assert!(dial(Some(&namespace), (address, other), SHORT).is_err());
    }
}

#[tokio::test]
async fn a_new_run_finds_everything_and_removes_what_is_too_much() {
    let place = Place::new();
    let kept = task(40, vec![everyone(Protocol::Any)]);
    let gone = task(41, vec![]);
    let net = place.open().await;
    let client = net.attach(task(42, vec![])).await.unwrap();
    net.attach(kept.clone()).await.unwrap();
    net.attach(gone.clone()).await.unwrap();
    answer(net.listen(&kept.task, any(80)).await.unwrap());
    drop(net);

    let net = place.open().await;
    let at = (kept.private_ipv4, 80);
    net.expect(vec![kept.clone(), task(42, vec![]), gone.clone(), task(43, vec![])]).await.unwrap();
    net.attach(gone.clone()).await.unwrap();
    let reached =
        dial(Some(&client), at, SHORT).expect("what runs goes on while the others are attached again");
    assert_eq!(reached, "10.99.0.42");
    let tasks = HashSet::from([kept.task.clone(), task(42, vec![]).task]);
    net.retain(&tasks).await.unwrap();
    assert!(!net.namespace_of(&gone.task).exists());
    net.attach(kept.clone()).await.unwrap();
    net.attach(task(42, vec![])).await.unwrap();
    assert_eq!(dial(Some(&client), at, LONG).unwrap(), "10.99.0.42");

    net.retain(&HashSet::new()).await.unwrap();
    assert_eq!(place.left(), Vec::<String>::new());
}

#[tokio::test]
async fn a_task_may_only_send_with_its_own_address() {
    let place = Place::new();
    let net = place.open().await;
    let server = task(50, vec![everyone(Protocol::Any)]);
    let forger = task(51, vec![]);
    net.attach(server.clone()).await.unwrap();
    let namespace = net.attach(forger).await.unwrap();
    answer(net.listen(&server.task, any(80)).await.unwrap());
    let at = (server.private_ipv4, 80);
    dial(Some(&namespace), at, LONG).expect("its own address passes");
    let file = namespace.to_str().unwrap().to_owned();
    let added = Command::new("nsenter")
        .arg(format!("--net={file}"))
        .args(["sh", "-c"])
        .arg("ip addr del 10.99.0.51/20 dev eth0; ip addr add 10.99.0.52/20 dev eth0 && ip route replace 10.99.0.1 dev eth0 && ip route replace default via 10.99.0.1")
        .status()
        .unwrap();
    assert!(added.success());
    assert!(dial(Some(&namespace), at, SHORT).is_err());
}

#[tokio::test]
async fn a_lone_task_has_its_endpoint_and_nothing_else() {
    let place = Place::new();
    let net = place.open().await;
    let label = "task-60".parse().unwrap();
    let namespace = net.attach_lone(&label).await.unwrap();
    let at = SocketAddrV4::new(gantry_net::TASK_ENDPOINT, gantry_net::METADATA.taken);
    answer(net.listen(&label, at).await.unwrap());
    dial(Some(&namespace), (*at.ip(), gantry_net::METADATA.known), LONG).unwrap();
    // The port that leads there is the containers' own on every address, that one's included.
    let all = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, gantry_net::METADATA.known);
    net.listen(&label, all).await.expect("no one has taken it");
    assert!(dial(Some(&namespace), (Ipv4Addr::new(10, 99, 0, 1), 53), SHORT).is_err());
    net.detach(&label).await.unwrap();
    net.detach(&label).await.expect("gone already is fine");
}

#[tokio::test]
async fn a_vpc_cannot_change_its_range() {
    let place = Place::new();
    let net = place.open().await;
    net.attach(task(70, vec![])).await.unwrap();
    let mut other = task(71, vec![]);
    other.vpc.cidr = Cidr::new(Ipv4Addr::new(10, 98, 0, 0), 16);
    let error = net.attach(other).await.unwrap_err();
    assert!(error.to_string().contains("10.99.0.0/16"), "{error}");
}

#[tokio::test]
async fn what_a_crash_left_is_cleared_and_named_until_then() {
    let place = Place::new();
    let net = place.open().await;
    net.attach(task(10, vec![everyone(Protocol::Any)])).await.unwrap();
    net.attach_lone(&"alone".parse().unwrap()).await.unwrap();
    // A namespace of which only the file was made.
    std::fs::write(place.dir.path().join("netns/t-half"), "").unwrap();
    drop(net);
    let config = || Config { instance: place.instance.clone(), run_dir: place.dir.path().join("netns") };
    let left = gantry_net::left(&config());
    for kind in
        ["interface g", "nftables table ip gantry_", "network namespace t-half", "network namespace r-"]
    {
        assert!(left.iter().any(|it| it.starts_with(kind)), "{kind} is not in {left:?}");
    }
    for _ in 0..2 {
        assert_eq!(gantry_net::clear(config()).await, Vec::<String>::new());
    }
    std::fs::create_dir(place.dir.path().join("netns")).unwrap();
    assert_eq!(place.left(), Vec::<String>::new());
}

#[tokio::test]
async fn a_second_instance_on_one_range_is_told_so() {
    let (first, second) = (Place::new(), Place::new());
    // A range of its own: other tests use the usual one at the same time.
    let range: Cidr = "10.97.0.0/16".parse().unwrap();
    let wanted = Attachment {
        vpc: Vpc { id: "vpc-0b".parse().unwrap(), cidr: range },
        subnet: "10.97.0.0/20".parse().unwrap(),
        gateway: "10.97.0.1".parse().unwrap(),
        private_ipv4: Ipv4Addr::new(10, 97, 0, 10),
        ..task(10, vec![])
    };
    let net = first.open().await;
    net.attach(wanted.clone()).await.unwrap();
    assert_eq!(gantry_net::doctor::range_taken(&first.instance, range), None);
    let found = gantry_net::doctor::range_taken(&second.instance, range).unwrap();
    assert!(found.what.contains("another Gantry") && found.what.contains("10.97.0.0/16"), "{found:?}");
    // It works all the same, but for the host's way in.
    let net = second.open().await;
    net.attach(wanted).await.unwrap();
}
