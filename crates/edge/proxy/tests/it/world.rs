//! A data plane, targets, and clients that write bytes.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicUsize, Ordering};
use std::time::Duration;

use gantry_elb_core::access_log::{Connection, Entry, Journal, Logged};
use gantry_elb_core::action::{Action, Forward, What};
use gantry_elb_core::choose::Algorithm;
use gantry_elb_core::configuration::{
    Configuration, Desync, ForwardedFor, HealthCheck, Listener, LoadBalancer, Options, Protocol, Target,
    TargetGroup, Tls, Version,
};
use gantry_elb_core::health::{Health, State};
use gantry_elb_core::matcher::Matcher;
use gantry_elb_core::name::Kind;
use gantry_elb_core::rule::Rule;
use gantry_proxy::{FromHost, Proxy, Waker};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

pub const GROUP: &str = "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/g/1";
pub const OTHER: &str = "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/h/2";

pub struct World {
    pub proxy: Proxy,
    pub wanted: Configuration,
    pub at: SocketAddr,
    /// What access logs would have; there are none at first.
    pub entries: Arc<Kept>,
    hand: watch::Sender<Arc<Configuration>>,
    pub woken: Arc<Woken>,
}

/// Whether targets are to come when they are asked for, and how often they were.
#[derive(Default)]
pub struct Woken {
    pub comes: AtomicBool,
    pub asked: AtomicUsize,
}

#[async_trait::async_trait]
impl Waker for Woken {
    async fn wake(&self, _: &str) -> bool {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.comes.load(Ordering::Relaxed)
    }
}

/// An address of loopback that no other test has.
pub fn own_address() -> IpAddr {
    static NEXT: AtomicU16 = AtomicU16::new(1);
    let [a, b] = NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    let [p, q, ..] = std::process::id().to_le_bytes();
    [127, 32 | (p & 31), q, (a ^ b).clamp(1, 254)].into()
}

pub fn options() -> Options {
    Options {
        idle_timeout_seconds: 60,
        client_keep_alive_seconds: 3600,
        http2: true,
        drop_invalid_headers: false,
        preserve_host: false,
        forwarded_for: ForwardedFor::Append,
        forwarded_for_port: false,
        tls_headers: false,
        desync: Desync::Defensive,
        cross_zone: true,
    }
}

pub fn forward(arn: &str) -> Vec<Action> {
    vec![Action { order: None, what: What::Forward(Forward::to(arn)) }]
}

pub fn group(arn: &str, protocol: Protocol, targets: &[SocketAddr]) -> TargetGroup {
    let target = |address: &SocketAddr| Target {
        id: address.ip().to_string(),
        address: address.ip(),
        port: address.port(),
        zone: "all".into(),
        draining: false,
        known: Health::registered(),
    };
    TargetGroup {
        arn: arn.into(),
        protocol,
        version: Version::Http1,
        check: HealthCheck {
            enabled: true,
            protocol,
            port: None,
            path: "/health".into(),
            interval_seconds: 1,
            timeout_seconds: 1,
            healthy_threshold: 2,
            unhealthy_threshold: 2,
            matcher: Matcher::parse("200", 200..=499).unwrap(),
        },
        algorithm: Algorithm::RoundRobin,
        slow_start_seconds: 0,
        stickiness: None,
        cross_zone: None,
        proxy_protocol: false,
        preserve_client: false,
        terminate_connections: false,
        minimum_healthy_count: 1,
        minimum_healthy_percentage: 0,
        of_instances: false,
        targets: targets.iter().map(target).collect(),
    }
}

/// A listener whose default rule forwards to a group. Its load balancer says at which port.
pub fn listener(protocol: Protocol, tls: Option<Tls>, group: &str) -> Listener {
    let default = Rule {
        arn: "default".into(),
        priority: None,
        conditions: vec![],
        actions: forward(group),
        transforms: vec![],
    };
    Listener {
        arn: "listener".into(),
        protocol,
        port: 0,
        rules: vec![default],
        tls,
        idle_timeout_seconds: 350,
        server_header: true,
        response_headers: vec![],
    }
}

/// A load balancer with one listener.
pub fn balancer(name: &str, kind: Kind, at: SocketAddr, listener: Listener) -> LoadBalancer {
    LoadBalancer {
        arn: name.into(),
        kind,
        address: at.ip(),
        dns_name: format!("{name}.elb.localhost"),
        zones: vec!["us-east-1a".into()],
        way: Arc::default(),
        access_log: None,
        options: options(),
        listeners: vec![Listener { port: at.port(), ..listener }],
    }
}

/// Entries of access logs.
#[derive(Default)]
pub struct Kept(std::sync::Mutex<Vec<Entry>>, std::sync::Mutex<Vec<Connection>>);

impl Journal for Kept {
    fn take(&self, logged: Logged) {
        match logged {
            Logged::Request(entry) => self.0.lock().unwrap().push(entry),
            Logged::Connection(connection) => self.1.lock().unwrap().push(connection),
        }
    }
}

impl Kept {
    /// What was taken since this was asked last.
    pub fn taken(&self) -> Vec<Entry> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    /// The same of connections.
    pub fn connections(&self) -> Vec<Connection> {
        std::mem::take(&mut *self.1.lock().unwrap())
    }
}

impl World {
    /// A load balancer with one listener, whose default rule forwards to the first group.
    pub async fn new(kind: Kind, protocol: Protocol, tls: Option<Tls>, groups: Vec<TargetGroup>) -> World {
        let at = SocketAddr::new(own_address(), 8000);
        let of = balancer("lb", kind, at, listener(protocol, tls, &groups[0].arn));
        Self::of(vec![of], groups, false).await
    }

    /// These load balancers; `at` is the first's.
    pub async fn of(load_balancers: Vec<LoadBalancer>, groups: Vec<TargetGroup>, front_door: bool) -> World {
        let first = &load_balancers[0];
        let (address, protocol) = (first.address, first.listeners[0].protocol);
        let at = SocketAddr::new(address, first.listeners[0].port);
        let target_groups: BTreeMap<_, _> =
            groups.into_iter().map(|group| (group.arn.clone(), Arc::new(group))).collect();
        let wanted = Configuration { generation: 1, load_balancers, target_groups };
        let (hand, taken) = watch::channel(Arc::new(wanted.clone()));
        let (entries, woken) = (Arc::<Kept>::default(), Arc::<Woken>::default());
        let options = gantry_proxy::Options {
            reach: Arc::new(FromHost),
            waker: woken.clone(),
            cookie_key: [7; 32],
            front_door,
            journal: Some(entries.clone()),
        };
        let world = World { proxy: Proxy::start(taken, options), wanted, at, entries, hand, woken };
        if protocol != Protocol::Udp {
            until(async || TcpStream::connect(world.at).await.is_ok()).await;
        }
        world
    }

    /// An application load balancer over targets.
    pub async fn http(targets: &[SocketAddr]) -> World {
        let world =
            Self::new(Kind::Application, Protocol::Http, None, vec![group(GROUP, Protocol::Http, targets)])
                .await;
        world.healthy(targets.len()).await;
        world
    }

    /// Hands over a changed configuration.
    pub fn change(&mut self, change: impl FnOnce(&mut Configuration)) {
        change(&mut self.wanted);
        self.wanted.generation += 1;
        self.hand.send_replace(Arc::new(self.wanted.clone()));
    }

    /// Changes the group.
    pub fn change_group(&mut self, change: impl FnOnce(&mut TargetGroup)) {
        self.change(|wanted| {
            let mut group = (*wanted.target_groups[GROUP]).clone();
            change(&mut group);
            wanted.target_groups.insert(GROUP.into(), Arc::new(group));
        });
    }

    /// Changes the listener.
    pub fn change_listener(&mut self, change: impl FnOnce(&mut Listener)) {
        self.change(|wanted| change(&mut wanted.load_balancers[0].listeners[0]));
    }

    /// How many targets are in a state.
    pub fn count(&self, state: State) -> usize {
        self.proxy.known().borrow().values().filter(|health| health.state == state).count()
    }

    /// Waits until so many targets are healthy.
    pub async fn healthy(&self, count: usize) {
        until(async || self.count(State::Healthy) == count).await;
    }

    /// What comes back for these bytes, until the connection ends or nothing comes for a while.
    pub async fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.at).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        read(&mut stream).await
    }

    /// The answer to a GET.
    pub async fn get(&self, path: &str, headers: &str) -> String {
        self.raw(
            format!("GET {path} HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n{headers}\r\n")
                .as_bytes(),
        )
        .await
    }
}

/// Reads until the end, or until nothing comes for two seconds.
pub async fn read(stream: &mut TcpStream) -> String {
    let (mut all, mut buffer) = (Vec::new(), vec![0; 65536]);
    while let Ok(Ok(size)) = tokio::time::timeout(Duration::from_secs(2), stream.read(&mut buffer)).await {
        if size == 0 {
            break;
        }
        all.extend_from_slice(&buffer[..size]);
    }
    String::from_utf8_lossy(&all).into_owned()
}

/// Waits until something holds.
pub async fn until(mut holds: impl AsyncFnMut() -> bool) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    while !holds().await {
        assert!(tokio::time::Instant::now() < deadline, "it did not come to hold");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A target of HTTP/1: it answers with its name and the head of the request as it came. What it was sent, all of it, is
/// kept. `/health` answers with the status that `health` has.
pub struct Echo {
    pub at: SocketAddr,
    pub health: Arc<AtomicU16>,
    pub seen: Arc<std::sync::Mutex<Vec<u8>>>,
    pub serving: tokio::task::JoinHandle<()>,
}

impl Drop for Echo {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Echo {
    pub async fn new(name: &'static str) -> Echo {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let at = listener.local_addr().unwrap();
        let (health, seen) = (Arc::new(AtomicU16::new(200)), Arc::<std::sync::Mutex<Vec<u8>>>::default());
        let (asked, kept) = (health.clone(), seen.clone());
        let serving = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(echo(stream, name, asked.clone(), kept.clone()));
            }
        });
        Echo { at, health, seen, serving }
    }

    /// What it was sent but for checks.
    pub fn seen(&self) -> String {
        String::from_utf8_lossy(&self.seen.lock().unwrap()).into_owned()
    }
}

async fn echo(
    mut stream: TcpStream,
    name: &'static str,
    health: Arc<AtomicU16>,
    seen: Arc<std::sync::Mutex<Vec<u8>>>,
) -> Option<()> {
    let mut held = Vec::new();
    loop {
        let end = loop {
            if let Some(end) = held.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            let mut buffer = [0; 4096];
            let size = stream.read(&mut buffer).await.ok().filter(|size| *size > 0)?;
            held.extend_from_slice(&buffer[..size]);
        };
        let raw: Vec<u8> = held.drain(..end).collect();
        let head = String::from_utf8_lossy(&raw).into_owned();
        let lower = head.to_ascii_lowercase();
        if head.starts_with("GET /health ") {
            let status = health.load(Ordering::Relaxed);
            let text = format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            stream.write_all(text.as_bytes()).await.ok()?;
            return None;
        }
        seen.lock().unwrap().extend_from_slice(&raw);
        let length =
            lower.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next()?.parse().ok());
        let mut length: usize = length.unwrap_or(0);
        if lower.contains("transfer-encoding: chunked") {
            length = usize::MAX;
        }
        while held.len() < length && !held.windows(5).any(|five| length == usize::MAX && five == b"0\r\n\r\n")
        {
            let mut buffer = [0; 4096];
            let size = stream.read(&mut buffer).await.ok().filter(|size| *size > 0)?;
            held.extend_from_slice(&buffer[..size]);
        }
        let taken = length.min(held.len());
        seen.lock().unwrap().extend_from_slice(&held[..taken]);
        held.drain(..taken);
        if head.starts_with("GET /slow") {
            tokio::time::sleep(Duration::from_secs(4)).await;
        }
        let cookie = if head.starts_with("GET /login") { "Set-Cookie: session=1\r\n" } else { "" };
        let body = format!("[{name}]\n{head}");
        let text = format!("HTTP/1.1 200 OK\r\n{cookie}Content-Length: {}\r\n\r\n{body}", body.len());
        stream.write_all(text.as_bytes()).await.ok()?;
    }
}
