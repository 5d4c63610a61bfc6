//! A place for a network of the test's own, and what tasks say to each other in it.

use std::collections::HashSet;
use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use gantry_net::{Attachment, Config, Group, Instance, Mac, Net, Protocol, Route, Rule, Vpc, Way};
use nix::sched::{CloneFlags, setns};

pub const SHORT: Duration = Duration::from_millis(400);
pub const LONG: Duration = Duration::from_secs(5);

/// One Gantry's network in a directory of its own; what it leaves is removed at the end, also after a panic.
pub struct Place {
    pub dir: tempfile::TempDir,
    pub instance: Instance,
}

impl Place {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let instance = Instance::of(dir.path());
        Self { dir, instance }
    }

    pub async fn open(&self) -> Net {
        Net::open(Config { instance: self.instance.clone(), run_dir: self.dir.path().join("netns") })
            .await
            .unwrap()
    }

    /// Everything on the host that carries this instance's name.
    pub fn left(&self) -> Vec<String> {
        let mut left = Vec::new();
        for entry in std::fs::read_dir(self.dir.path().join("netns")).unwrap() {
            left.push(entry.unwrap().path().display().to_string());
        }
        let tag = self.instance.to_string();
        for (program, args) in [
            ("ip", vec!["-o", "link"]),
            ("ip", vec!["route"]),
            ("nft", vec!["list", "tables"]),
            ("findmnt", vec!["-rno", "TARGET"]),
        ] {
            let text = Command::new(program).args(args).output().unwrap().stdout;
            let text = String::from_utf8(text).unwrap();
            let dir = self.dir.path().to_str().unwrap();
            left.extend(
                text.lines().filter(|line| line.contains(&tag) || line.contains(dir)).map(str::to_owned),
            );
        }
        left
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let config = Config { instance: self.instance.clone(), run_dir: self.dir.path().join("netns") };
        let cleaned = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                let net = Net::open(config).await.unwrap();
                net.retain(&HashSet::new()).await.unwrap();
            });
        });
        cleaned.join().unwrap();
    }
}

pub fn everyone(protocol: Protocol) -> Rule {
    Rule { protocol, peers: vec!["0.0.0.0/0".parse().unwrap()] }
}

pub fn task(last: u8, ingress: Vec<Rule>) -> Attachment {
    Attachment {
        task: format!("task-{last}").parse().unwrap(),
        vpc: Vpc { id: "vpc-0a".parse().unwrap(), cidr: "10.99.0.0/16".parse().unwrap() },
        subnet: "10.99.0.0/20".parse().unwrap(),
        gateway: "10.99.0.1".parse().unwrap(),
        mac: Mac([2, 0x42, 0, 0, 0, last]),
        private_ipv4: Ipv4Addr::new(10, 99, 0, last),
        public_ipv4: None,
        groups: vec![Group { ingress, egress: vec![everyone(Protocol::Any)] }],
        routes: vec![out_by(Way::Internet)],
        acl: None,
        balances: false,
    }
}

pub fn out_by(way: Way) -> Route {
    Route { to: "0.0.0.0/0".parse().unwrap(), way }
}

/// Connects from inside a namespace (or the host) and reads what the other end says.
pub fn dial(from: Option<&Path>, to: (Ipv4Addr, u16), wait: Duration) -> std::io::Result<String> {
    let file = from.map(|path| File::open(path).unwrap());
    std::thread::spawn(move || {
        if let Some(file) = file {
            setns(file, CloneFlags::CLONE_NEWNET).unwrap();
        }
        let mut stream = TcpStream::connect_timeout(&SocketAddr::from(to), wait)?;
        stream.set_read_timeout(Some(wait))?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        Ok(text)
    })
    .join()
    .unwrap()
}

/// Answers every connection with the address of who called, until the process ends.
pub fn answer(listener: TcpListener) {
    listener.set_nonblocking(false).unwrap();
    std::thread::spawn(move || {
        while let Ok((mut stream, peer)) = listener.accept() {
            stream.write_all(peer.ip().to_string().as_bytes()).unwrap();
        }
    });
}

pub fn any(port: u16) -> SocketAddrV4 {
    SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, port)
}
