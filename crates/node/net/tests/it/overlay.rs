//! A VPC over two hosts, which are network namespaces of the test's own.

use std::collections::HashSet;
use std::future::Future;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU16, Ordering};

use gantry_net::{
    Attachment, Config, Group, Instance, Net, Overlay, OverlayNode, OverlayTask, Ports, Protocol, Rule,
};
use nix::sched::{CloneFlags, setns};

use crate::behalf::{CLIENT, HTTP, balancer, only, seen};
use crate::world::{LONG, SHORT, answer, any, dial, everyone, task};

const VNI: u32 = 0x00ab_cdef;

/// One host with one Gantry's network.
struct Host {
    name: String,
    address: Ipv4Addr,
    own: Ipv4Addr,
    dir: tempfile::TempDir,
}

fn ip(command: &str) {
    let status = Command::new("ip").args(command.split(' ')).status().unwrap();
    assert!(status.success(), "ip {command}");
}

impl Host {
    /// Two that have a cable between them.
    fn two() -> [Host; 2] {
        static PAIRS: AtomicU16 = AtomicU16::new(0);
        let (pid, pair) = (std::process::id(), PAIRS.fetch_add(1, Ordering::Relaxed));
        let host = |number: u8| Host {
            name: format!("gn{pid}-{pair}-{number}"),
            address: [198, 18, 77, number].into(),
            own: [169, 254, 128, number].into(),
            dir: tempfile::tempdir().unwrap(),
        };
        let hosts = [host(1), host(2)];
        for host in &hosts {
            ip(&format!("netns add {}", host.name));
        }
        let [one, two] = &hosts;
        ip(&format!("-n {} link add cable type veth peer name cable netns {}", one.name, two.name));
        for host in &hosts {
            ip(&format!("-n {} addr add {}/24 dev cable", host.name, host.address));
            ip(&format!("-n {} link set cable up", host.name));
            ip(&format!("-n {} link set lo up", host.name));
        }
        hosts
    }

    fn namespace(&self) -> PathBuf {
        PathBuf::from("/run/netns").join(&self.name)
    }

    fn config(&self) -> Config {
        Config { instance: Instance::of(self.dir.path()), run_dir: self.dir.path().join("netns") }
    }

    /// Does it on the host.
    fn run<T: Send>(&self, work: impl Future<Output = T> + Send) -> T {
        let namespace = std::fs::File::open(self.namespace()).unwrap();
        std::thread::scope(|scope| {
            let here = scope.spawn(move || {
                setns(namespace, CloneFlags::CLONE_NEWNET).unwrap();
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(work)
            });
            here.join().unwrap()
        })
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let config = self.config();
        let left = self.run(gantry_net::clear(config));
        let _ = Command::new("ip").args(["netns", "del", &self.name]).status();
        if !std::thread::panicking() {
            assert!(left.is_empty(), "{left:?}");
        }
    }
}

/// What `host` is told when the tasks are on the other one.
fn overlay(host: &Host, other: &Host, tasks: &[&Attachment]) -> Overlay {
    let tasks = tasks.iter().map(|task| OverlayTask {
        private_ipv4: task.private_ipv4,
        public_ipv4: task.public_ipv4,
        open: true,
        balances: task.balances,
    });
    let node = OverlayNode { address: other.address, own: other.own, tasks: tasks.collect() };
    let vpc = task(0, vec![]).vpc;
    Overlay { vpc, vni: VNI, port: 4569, own: host.own, wanted: true, nodes: vec![node] }
}

#[test]
fn tasks_on_two_hosts_reach_each_other_as_far_as_their_groups_let_them() {
    let hosts = Host::two();
    let [one, two] = &hosts;
    let near = one.run(Net::open(one.config())).unwrap();
    let far = two.run(Net::open(two.config())).unwrap();
    let http = Protocol::Tcp(Ports { from: 80, to: 80 });
    let members = Rule { protocol: http, peers: vec!["10.99.0.11/32".parse().unwrap()] };
    let server = task(10, vec![members]);
    let public = Ipv4Addr::new(198, 51, 100, 7);
    let client = Attachment { public_ipv4: Some(public), ..task(11, vec![everyone(http)]) };
    let mute = Group { ingress: vec![], egress: vec![] };
    let stranger = Attachment { groups: vec![mute], ..task(12, vec![]) };

    near.namespace_of(&server.task);
    one.run(async {
        near.spread(vec![overlay(one, two, &[&client, &stranger])]).await.unwrap();
        near.attach(server.clone()).await.unwrap();
        answer(near.listen(&server.task, any(80)).await.unwrap());
    });
    let [from_client, from_stranger] = two.run(async {
        let paths = [far.attach(client.clone()).await.unwrap(), far.attach(stranger.clone()).await.unwrap()];
        far.spread(vec![overlay(two, one, &[&server])]).await.unwrap();
        answer(far.listen(&client.task, any(80)).await.unwrap());
        paths
    });

    let at = |last| (Ipv4Addr::new(10, 99, 0, last), 80);
    assert_eq!(dial(Some(&from_client), at(10), LONG).unwrap(), "10.99.0.11", "its own address is seen");
    assert!(dial(Some(&from_stranger), at(10), SHORT).is_err(), "its own group lets nothing out");
    let from_server = near.namespace_of(&server.task);
    assert!(dial(Some(&from_server), at(12), SHORT).is_err(), "the other's group lets nothing in");

    // The hosts themselves, which are outside of the VPC, are seen as who they are.
    let as_itself = |to| dial(Some(&one.namespace()), to, LONG).unwrap();
    let uplink = as_itself(at(11));
    assert!(uplink.starts_with("100."), "{uplink}");
    assert_eq!(as_itself((public, 80)), uplink);
    assert_eq!(
        dial(Some(&from_server), (public, 80), SHORT).err().map(|_| ()),
        Some(()),
        "it has no way out"
    );
    assert!(dial(Some(&two.namespace()), at(10), SHORT).is_err(), "the group names another");

    // The task goes from the one host to the other, while its old interface is still there.
    two.run(async {
        far.spread(vec![overlay(two, one, &[])]).await.unwrap();
        far.attach(Attachment {
            groups: vec![Group { ingress: vec![everyone(http)], egress: vec![] }],
            ..server.clone()
        })
        .await
        .unwrap();
        answer(far.listen(&server.task, any(80)).await.unwrap());
    });
    one.run(async {
        near.spread(vec![overlay(one, two, &[&client, &stranger, &server])]).await.unwrap();
        near.detach(&server.task).await.unwrap();
        near.mend().await.unwrap();
    });
    assert_eq!(as_itself(at(10)), uplink);

    // No overlay, no way.
    one.run(async {
        near.spread(Vec::new()).await.unwrap();
    });
    assert!(dial(Some(&one.namespace()), at(11), SHORT).is_err());
    two.run(async {
        far.spread(Vec::new()).await.unwrap();
        far.retain(&HashSet::new()).await.unwrap();
    });
}

#[test]
fn a_balancer_on_one_host_has_its_clients_addresses_on_the_other() {
    let hosts = Host::two();
    let [one, two] = &hosts;
    let near = one.run(Net::open(one.config())).unwrap();
    let far = two.run(Net::open(two.config())).unwrap();
    let from = balancer(20);
    let everyones = task(21, vec![everyone(HTTP)]);
    let balanced = task(22, vec![only(20)]);
    let member = task(23, vec![]);
    let datagrams = task(24, vec![everyone(Protocol::Any)]);
    let stranger = one.run(async {
        near.spread(vec![overlay(one, two, &[&everyones, &balanced, &member, &datagrams])]).await.unwrap();
        near.attach(from.clone()).await.unwrap();
        near.attach(task(25, vec![])).await.unwrap()
    });
    two.run(async {
        far.spread(vec![overlay(two, one, &[&from])]).await.unwrap();
        for server in [&everyones, &balanced, &member] {
            far.attach(server.clone()).await.unwrap();
            answer(far.listen(&server.task, any(80)).await.unwrap());
        }
    });
    one.run(async {
        let from = &from.task;
        assert_eq!(seen(&near, from, CLIENT, 21, LONG).await.unwrap(), "203.0.113.9");
        assert_eq!(
            seen(&near, from, CLIENT, 22, LONG).await.unwrap(),
            "203.0.113.9",
            "by the balancer's group"
        );
        assert!(seen(&near, from, CLIENT, 23, SHORT).await.is_err(), "nobody comes in");
        // One that is where the target is, and is not spoken to.
        let member = std::net::SocketAddrV4::new(member.private_ipv4, 40_003);
        assert_eq!(seen(&near, from, member, 21, LONG).await.unwrap(), "10.99.0.23");
    });
    let direct = dial(Some(&stranger), (balanced.private_ipv4, 80), SHORT);
    assert!(direct.is_err(), "the balancer is let in, and not the node that it is on");

    // A datagram that fills a packet is too large for VXLAN as it is.
    let large = [7; 1472];
    let taken = two.run(async {
        far.attach(datagrams.clone()).await.unwrap();
        far.datagrams(&datagrams.task, any(53)).await.unwrap()
    });
    let sent = one.run(near.datagrams_as(&from.task, CLIENT)).unwrap();
    sent.connect((datagrams.private_ipv4, 53)).unwrap();
    sent.send(&large).unwrap();
    taken.set_nonblocking(false).unwrap();
    taken.set_read_timeout(Some(LONG)).unwrap();
    let mut buffer = [0; 2000];
    let (size, peer) = taken.recv_from(&mut buffer).unwrap();
    assert_eq!((&buffer[..size], peer), (&large[..], CLIENT.into()));

    // Nothing of it stays in the routers.
    let marks = |host: &Host| {
        let router = host.config().run_dir.join("r-vpc-0a");
        let router = format!("--net={}", router.display());
        let rules = Command::new("nsenter").args([router.as_str(), "ip", "rule"]).output().unwrap();
        String::from_utf8(rules.stdout).unwrap().matches("fwmark").count()
    };
    assert_eq!((marks(one), marks(two)), (2, 2), "one is for the other node");
    for (host, net) in [(one, &near), (two, &far)] {
        let router = format!("--net={}", host.config().run_dir.join("r-vpc-0a").display());
        let taken = Command::new("nsenter").args([&router, "ip", "rule", "del", "pref", "1000"]).status();
        assert!(taken.unwrap().success());
        host.run(net.mend()).unwrap();
    }
    assert_eq!((marks(one), marks(two)), (2, 2), "what somebody takes away comes back");
    one.run(near.detach(&from.task)).unwrap();
    two.run(far.spread(vec![overlay(two, one, &[])])).unwrap();
    assert_eq!((marks(one), marks(two)), (1, 1));
}
