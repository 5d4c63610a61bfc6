//! Service Connect's way from a task to others: each name has an address of the task's own loopback, and what connects
//! there is led to an instance that takes connections.
//!
//! Both ends are in the task's namespace, so that security groups hold as if its containers had connected themselves.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gantry_net::Label;
use gantry_node_proto::v1;
use nix::sys::socket::{getsockopt, sockopt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use super::View;
use super::balance::Balancer;
use crate::network::Network;

/// Connections of one task at once.
const CONNECTIONS: usize = 1024;
/// An instance that does not take a connection for so long is passed over.
const DIAL: Duration = Duration::from_secs(2);
/// How many instances are tried for one connection: AWS's proxy tries again twice.
const TRIES: usize = 3;
/// A connection over which nothing went for so long ends, unless the service says otherwise.
const IDLE: Duration = Duration::from_secs(60 * 60);
/// A listener that fails (no descriptors left) is tried again after this.
const PAUSE: Duration = Duration::from_millis(200);
const CHUNK: usize = 16 * 1024;

/// Serves the names of a task on the socket that they all lead to, wherever they lead by now, until the future is
/// dropped.
pub async fn serve(
    listener: std::net::TcpListener,
    network: Arc<dyn Network>,
    label: Label,
    mut view: watch::Receiver<View>,
) {
    let ways = Arc::new(Ways::default());
    let follow = async {
        loop {
            let sent = Arc::clone(&view.borrow_and_update().task.sent);
            ways.lead_to(&network, &label, &sent.upstreams);
            if view.changed().await.is_err() {
                // Nothing changes any more; connections are taken until the task is closed.
                return;
            }
        }
    };
    tokio::join!(follow, accept(Arc::clone(&ways), listener));
}

/// Where each name leads, by the address and the port that it is known by.
#[derive(Default)]
struct Ways(Mutex<HashMap<SocketAddrV4, Arc<Way>>>);

impl Ways {
    fn all(&self) -> std::sync::MutexGuard<'_, HashMap<SocketAddrV4, Arc<Way>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lead_to(&self, network: &Arc<dyn Network>, label: &Label, upstreams: &[v1::Upstream]) {
        let wanted: HashMap<SocketAddrV4, &v1::Upstream> =
            upstreams.iter().filter_map(|upstream| Some((listening(upstream)?, upstream))).collect();
        let mut ways = self.all();
        ways.retain(|at, _| wanted.contains_key(at));
        for (at, upstream) in wanted {
            let way = ways.entry(at).or_insert_with(|| {
                let idle = match upstream.idle_timeout_seconds {
                    None => Some(IDLE),
                    Some(0) => None,
                    Some(seconds) => Some(Duration::from_secs(seconds.into())),
                };
                let (network, label) = (Arc::clone(network), label.clone());
                Arc::new(Way { network, label, balancer: Mutex::default(), idle })
            });
            let targets = upstream.targets.iter().filter_map(|target| target.parse().ok());
            way.balancer().set(targets.collect());
        }
    }

    /// The way that a connection is meant for: it was led here from where it was going.
    fn of(&self, stream: &TcpStream) -> Option<Arc<Way>> {
        let meant = getsockopt(stream, sockopt::OriginalDst).ok()?;
        let address = Ipv4Addr::from(u32::from_be(meant.sin_addr.s_addr));
        let at = SocketAddrV4::new(address, u16::from_be(meant.sin_port));
        self.all().get(&at).cloned()
    }
}

fn listening(upstream: &v1::Upstream) -> Option<SocketAddrV4> {
    let port = u16::try_from(upstream.listen_port).ok()?;
    Some(SocketAddrV4::new(upstream.listen_ipv4.parse().ok()?, port))
}

/// The way to a service's instances.
struct Way {
    network: Arc<dyn Network>,
    label: Label,
    balancer: Mutex<Balancer>,
    idle: Option<Duration>,
}

impl Way {
    fn balancer(&self) -> std::sync::MutexGuard<'_, Balancer> {
        self.balancer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection to an instance: to another where one takes none.
    async fn connect(&self) -> Option<TcpStream> {
        let mut tried = Vec::new();
        while tried.len() < TRIES {
            let target = self.balancer().pick(Instant::now(), &tried)?;
            tried.push(target);
            match self.dial(target).await {
                Ok(stream) => {
                    self.balancer().took(target);
                    return Some(stream);
                }
                Err(error) => {
                    tracing::debug!(%target, %error, "an instance takes no connection");
                    self.balancer().failed(target, Instant::now());
                }
            }
        }
        None
    }

    async fn dial(&self, target: SocketAddr) -> std::io::Result<TcpStream> {
        let socket = self.network.socket(&self.label).await.map_err(std::io::Error::other)?;
        timeout(DIAL, socket.connect(target)).await?
    }
}

async fn accept(ways: Arc<Ways>, listener: std::net::TcpListener) {
    let listener = match TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => return tracing::error!(%error, "a listener cannot be used"),
    };
    let turns = Arc::new(Semaphore::new(CONNECTIONS));
    let mut open = JoinSet::new();
    loop {
        while open.try_join_next().is_some() {}
        let Ok(turn) = Arc::clone(&turns).acquire_owned().await else {
            return;
        };
        match listener.accept().await {
            Ok((near, _)) => {
                let Some(way) = ways.of(&near) else { continue };
                open.spawn(async move {
                    // Without an instance the client sees its connection end.
                    if let Some(far) = way.connect().await {
                        join(near, far, way.idle).await;
                    }
                    drop(turn);
                });
            }
            Err(error) => {
                tracing::debug!(%error, "a connection could not be taken");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Bytes both ways until both have ended, one has broken, or nothing has gone over for too long.
async fn join(near: TcpStream, far: TcpStream, idle: Option<Duration>) {
    let _ = (near.set_nodelay(true), far.set_nodelay(true));
    let (near_in, near_out) = near.into_split();
    let (far_in, far_out) = far.into_split();
    let moved = Notify::new();
    let both = async { tokio::try_join!(copy(near_in, far_out, &moved), copy(far_in, near_out, &moved)) };
    let quiet = async {
        let Some(idle) = idle else { return std::future::pending().await };
        while timeout(idle, moved.notified()).await.is_ok() {}
    };
    tokio::select! {
        ended = both => {
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection by Service Connect broke off");
            }
        }
        () = quiet => {}
    }
}

async fn copy(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, moved: &Notify) -> std::io::Result<()> {
    let mut chunk = vec![0; CHUNK];
    loop {
        let length = from.read(&mut chunk).await?;
        if length == 0 {
            return to.shutdown().await;
        }
        to.write_all(&chunk[..length]).await?;
        moved.notify_one();
    }
}
