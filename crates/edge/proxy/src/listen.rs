//! Where load balancers listen. A change of configuration changes what a listener does, not its socket.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use gantry_elb_core::access_log::Journal;
use gantry_elb_core::configuration::{
    Configuration, Interface, Listener, LoadBalancer, Options as Behaviour, Protocol,
};
use gantry_elb_core::name::Kind;
use gantry_elb_core::rule::Rules;
use http::HeaderValue;
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::http::cookie::Jar;
use crate::http::headers::without_port;
use crate::http::serve::serve;
use crate::reach::Reach;
use crate::table::Table;
use crate::workers::Workers;
use crate::{Options, counts, tcp, tls, udp};

/// How many connections are served at once, over all load balancers.
const CONNECTIONS: usize = 32_768;

/// Where the front door is. No load balancer has it for its own.
const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// What all connections share.
pub struct Shared {
    pub table: Arc<Table>,
    pub jar: Jar,
    pub reach: Arc<dyn Reach>,
    /// Where entries of access logs go.
    pub journal: Option<Arc<dyn Journal>>,
}

/// A listener as it is now.
pub struct Live {
    /// Its load balancer, without its listeners.
    pub of: LoadBalancer,
    pub listener: Listener,
    pub rules: Rules,
    pub counts: Arc<counts::Balancer>,
    /// Its port, as targets are told it.
    pub port: HeaderValue,
    tls: Option<Arc<ServerConfig>>,
}

impl Live {
    fn new(of: &LoadBalancer, listener: &Listener, counts: Arc<counts::Balancer>) -> Live {
        Live {
            counts,
            port: HeaderValue::from(listener.port),
            of: LoadBalancer { listeners: Vec::new(), ..of.clone() },
            rules: Rules::new(listener.rules.iter().cloned()),
            tls: listener.tls.as_ref().and_then(tls::of_listener),
            listener: listener.clone(),
        }
    }

    fn is(&self, of: &LoadBalancer, listener: &Listener) -> bool {
        self.listener == *listener && self.of == LoadBalancer { listeners: Vec::new(), ..of.clone() }
    }
}

/// Where a connection came in: at a listener's own address, or at loopback for all of a port.
#[derive(Clone)]
pub enum Door {
    Own(watch::Receiver<Arc<Live>>),
    Front(watch::Receiver<Arc<[Arc<Live>]>>),
}

impl Door {
    /// The listener for a host's name, with a port or without. At loopback it is the one whose load balancer has that
    /// name; a name of somebody's own leads to one that has a rule for it, or else to the first.
    pub fn live(&self, host: &str) -> Option<Arc<Live>> {
        match self {
            Door::Own(live) => Some(live.borrow().clone()),
            Door::Front(all) => {
                let (all, host) = (all.borrow(), without_port(host));
                let named = all.iter().find(|live| live.of.dns_name.eq_ignore_ascii_case(host));
                if named.is_none() && all.iter().any(|live| is_named_like(host, &live.of.dns_name)) {
                    // A load balancer that is gone, or has no such listener.
                    return None;
                }
                let ruled = || all.iter().find(|live| live.rules.name(host));
                named.or_else(ruled).or_else(|| all.first()).cloned()
            }
        }
    }

    /// The listener if what comes can be for no other.
    pub fn only(&self) -> Option<Arc<Live>> {
        match self {
            Door::Own(live) => Some(live.borrow().clone()),
            Door::Front(all) => match &**all.borrow() {
                [one] => Some(one.clone()),
                _ => None,
            },
        }
    }

    /// The listener where there is one alone, or the first.
    pub fn any(&self) -> Option<Arc<Live>> {
        match self {
            Door::Own(live) => Some(live.borrow().clone()),
            Door::Front(all) => all.borrow().first().cloned(),
        }
    }

    /// Whether clients encrypt.
    pub fn is_secure(&self) -> bool {
        self.any().is_some_and(|live| matches!(live.listener.protocol, Protocol::Https | Protocol::Tls))
    }

    /// The settings for a client that asks for this name; none where there is no certificate.
    pub fn tls(&self, name: &str) -> Option<Arc<ServerConfig>> {
        self.live(name)?.tls.clone()
    }

    /// How connections are treated before a request is seen.
    pub fn options(&self) -> Behaviour {
        match self.any() {
            Some(live) => live.of.options.clone(),
            None => gantry_elb_core::configuration::Options {
                idle_timeout_seconds: 60,
                client_keep_alive_seconds: 3600,
                http2: true,
                drop_invalid_headers: false,
                preserve_host: false,
                forwarded_for: gantry_elb_core::configuration::ForwardedFor::Append,
                forwarded_for_port: false,
                tls_headers: false,
                desync: gantry_elb_core::configuration::Desync::Defensive,
                cross_zone: true,
            },
        }
    }
}

/// Whether a host is in the domain in which load balancers have their names.
fn is_named_like(host: &str, dns_name: &str) -> bool {
    let domain = |name: &str| name.split_once('.').map(|(_, domain)| domain.to_ascii_lowercase());
    domain(host).is_some_and(|of| domain(dns_name) == Some(of))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Http,
    Https,
    Stream,
    Datagram,
}

/// Where something listens: on the host, or at an interface in a network.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    address: SocketAddr,
    what: What,
    interface: Option<Interface>,
}

struct Socket<T> {
    live: watch::Sender<T>,
    stop: CancellationToken,
}

impl<T> Drop for Socket<T> {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// All sockets.
pub struct Sockets {
    shared: Arc<Shared>,
    front_door: bool,
    own: BTreeMap<Place, Socket<Arc<Live>>>,
    front: BTreeMap<Place, Socket<Arc<[Arc<Live>]>>>,
    incomplete: bool,
    connections: Arc<Semaphore>,
    serving: TaskTracker,
    workers: Arc<Workers>,
}

impl Sockets {
    /// None yet.
    pub fn new(table: Arc<Table>, options: Options) -> Sockets {
        Sockets {
            shared: Arc::new(Shared {
                table,
                jar: Jar::new(&options.cookie_key),
                reach: options.reach,
                journal: options.journal,
            }),
            front_door: options.front_door,
            own: BTreeMap::new(),
            front: BTreeMap::new(),
            incomplete: false,
            connections: Arc::new(Semaphore::new(CONNECTIONS)),
            serving: TaskTracker::new(),
            workers: Arc::new(Workers::start()),
        }
    }

    /// Whether a port of a load balancer could not be had yet.
    pub fn incomplete(&self) -> bool {
        self.incomplete
    }

    /// Listens where it is to be listened, and nowhere else.
    pub async fn follow(&mut self, wanted: &Configuration) {
        let (mut own, mut front) = (BTreeMap::new(), BTreeMap::<Place, Vec<Arc<Live>>>::new());
        for of in &wanted.load_balancers {
            for listener in &of.listeners {
                let address = SocketAddr::new(of.address, listener.port);
                let on_host = |address, what| Place { address, what, interface: None };
                // What is as it was need not be prepared again: certificates, regular expressions.
                let kinds = kinds(listener.protocol);
                let before = kinds.iter().find_map(|what| self.own.get(&on_host(address, *what)));
                let before = before.map(|socket| socket.live.borrow().clone());
                let live = before.filter(|live| live.is(of, listener));
                let live = live.unwrap_or_else(|| {
                    Arc::new(Live::new(of, listener, self.shared.table.counts_of(&of.arn)))
                });
                for what in kinds {
                    own.insert(on_host(address, *what), live.clone());
                    for interface in &of.way.interfaces {
                        let address = SocketAddr::new(interface.address, listener.port);
                        let place = Place { address, what: *what, interface: Some(interface.clone()) };
                        own.insert(place, live.clone());
                    }
                    let loopback = SocketAddr::new(LOOPBACK, listener.port);
                    if self.front_door {
                        front.entry(on_host(loopback, *what)).or_default().push(live.clone());
                    }
                }
            }
        }
        // What is no HTTP has no name to go by: the door leads to the one that has the port, if it is one.
        for (place, all) in &front {
            if let (What::Stream | What::Datagram, [one]) = (place.what, all.as_slice()) {
                own.insert(place.clone(), one.clone());
            }
        }
        front.retain(|place, _| matches!(place.what, What::Http | What::Https));
        self.own.retain(|place, _| own.contains_key(place));
        self.front.retain(|place, _| front.contains_key(place));
        self.incomplete = false;
        for (place, live) in own {
            match self.own.get(&place) {
                Some(socket) => drop(socket.live.send_replace(live)),
                None => match self.open(&place, live).await {
                    Ok(socket) => drop(self.own.insert(place, socket)),
                    Err(error) if place.address.ip() == LOOPBACK => {
                        tracing::debug!(address = %place.address, %error, "no front door: others listen there");
                    }
                    // There are no networks here.
                    Err(error) if error.kind() == std::io::ErrorKind::Unsupported => {}
                    Err(error) if place.interface.is_some() => {
                        self.incomplete = true;
                        tracing::debug!(address = %place.address, %error, "a load balancer has no interface yet");
                    }
                    Err(error) => {
                        self.incomplete = true;
                        tracing::warn!(address = %place.address, %error, "a load balancer can't listen");
                    }
                },
            }
        }
        for (place, all) in front {
            let all: Arc<[Arc<Live>]> = all.into();
            match self.front.get(&place) {
                Some(socket) => drop(socket.live.send_replace(all)),
                None => match TcpListener::bind(place.address).await {
                    Ok(listener) => {
                        let (live, seen) = watch::channel(all);
                        let stop = CancellationToken::new();
                        match self.accept(listener, Door::Front(seen), stop.clone()) {
                            Ok(()) => drop(self.front.insert(place, Socket { live, stop })),
                            Err(error) => tracing::warn!(%error, "a front door can't be kept open"),
                        }
                    }
                    Err(error) => {
                        tracing::debug!(address = %place.address, %error, "no front door: others listen there");
                    }
                },
            }
        }
    }

    async fn open(&self, place: &Place, now: Arc<Live>) -> std::io::Result<Socket<Arc<Live>>> {
        let (live, seen) = watch::channel(now);
        let stop = CancellationToken::new();
        let (address, reach) = (place.address, &self.shared.reach);
        match (place.what, &place.interface) {
            (What::Datagram, interface) => {
                let socket = match interface {
                    None => UdpSocket::bind(address).await?,
                    Some(interface) => reach.bind(interface, address.port()).await?,
                };
                self.serving.spawn(udp::serve(socket, seen, self.shared.clone(), stop.clone()));
            }
            (_, interface) => {
                let listener = match interface {
                    None => TcpListener::bind(address).await?,
                    Some(interface) => reach.listen(interface, address.port()).await?,
                };
                self.accept(listener, Door::Own(seen), stop.clone())?;
            }
        }
        Ok(Socket { live, stop })
    }

    /// Takes connections on every worker; whoever takes one keeps it.
    fn accept(&self, listener: TcpListener, door: Door, stop: CancellationToken) -> std::io::Result<()> {
        let listener = listener.into_std()?;
        for worker in self.workers.all() {
            let accepting = Accepting {
                door: door.clone(),
                stop: stop.clone(),
                shared: self.shared.clone(),
                connections: self.connections.clone(),
                serving: self.serving.clone(),
                _workers: self.workers.clone(),
            };
            let listener = listener.try_clone()?;
            self.serving.spawn_on(accepting.run(listener), worker);
        }
        Ok(())
    }

    /// Stops listening, and waits for what is under way.
    pub async fn end(mut self) {
        self.own.clear();
        self.front.clear();
        self.serving.close();
        self.serving.wait().await;
    }
}

/// What takes connections at a listener, on one worker.
struct Accepting {
    door: Door,
    stop: CancellationToken,
    shared: Arc<Shared>,
    connections: Arc<Semaphore>,
    serving: TaskTracker,
    /// They are there as long as somebody listens.
    _workers: Arc<Workers>,
}

impl Accepting {
    async fn run(self, listener: std::net::TcpListener) {
        let listener = match TcpListener::from_std(listener) {
            Ok(listener) => listener,
            Err(error) => return tracing::warn!(%error, "a core takes no connections of a listener"),
        };
        loop {
            let Ok(permit) = self.connections.clone().acquire_owned().await else { return };
            let accepted = tokio::select! {
                () = self.stop.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, client)) => {
                    let (door, shared, stop) = (self.door.clone(), self.shared.clone(), self.stop.clone());
                    self.serving.spawn(async move {
                        let _permit = permit;
                        carry(stream, client, door, shared, stop).await;
                    });
                    // Who has much to do comes back late, and leaves connections to the others.
                    tokio::task::yield_now().await;
                }
                Err(error) => {
                    // Out of descriptors, or the client is gone already.
                    tracing::debug!(%error, "a connection was not accepted");
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            }
        }
    }
}

/// Carries a connection until it ends.
async fn carry(
    stream: TcpStream,
    client: SocketAddr,
    door: Door,
    shared: Arc<Shared>,
    stop: CancellationToken,
) {
    let live = door.any();
    // At a front door it is not known whose a connection is.
    let _counted = match door {
        Door::Own(_) => live.as_ref().map(|live| live.counts.connected()),
        Door::Front(_) => None,
    };
    match live.map(|live| (live.of.kind, live)) {
        Some((Kind::Network, live)) => Box::pin(tcp::serve(stream, client, live, &shared, stop)).await,
        _ => serve(stream, client, door, shared, stop).await,
    }
}

fn kinds(protocol: Protocol) -> &'static [What] {
    match protocol {
        Protocol::Http => &[What::Http],
        Protocol::Https => &[What::Https],
        Protocol::Tcp | Protocol::Tls => &[What::Stream],
        Protocol::Udp => &[What::Datagram],
        Protocol::TcpUdp => &[What::Stream, What::Datagram],
    }
}
