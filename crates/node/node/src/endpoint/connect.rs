//! Service Connect's way from a task to others: each name has an address of the task's own loopback, and what connects
//! there is led to an instance that takes connections.
//!
//! Both ends are in the task's namespace, so that security groups hold as if its containers had connected themselves.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gantry_node_proto::v1;
use nix::sys::socket::{getsockopt, sockopt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::counts::Counts;
use super::way::{Carries, FromTask, Way};
use super::{View, requests};

/// Connections of one task at once.
const CONNECTIONS: usize = 1024;
/// A connection over which nothing went for so long ends, unless the service says otherwise; and one of requests.
const IDLE: Duration = Duration::from_secs(60 * 60);
const IDLE_OF_REQUESTS: Duration = Duration::from_secs(5 * 60);
/// How long a request may take, unless the service says otherwise.
const REQUEST: Duration = Duration::from_secs(15);
/// A listener that fails (no descriptors left) is tried again after this.
const PAUSE: Duration = Duration::from_millis(200);
const CHUNK: usize = 16 * 1024;

/// Serves the names of a task on the socket that they all lead to, wherever they lead by now, until the future is
/// dropped.
pub async fn serve(
    listener: std::net::TcpListener,
    from: FromTask,
    counts: Counts,
    mut view: watch::Receiver<View>,
) {
    let ways = Arc::new(Ways::default());
    let follow = async {
        loop {
            let sent = Arc::clone(&view.borrow_and_update().task.sent);
            ways.lead_to(&from, &counts, &sent);
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

    fn lead_to(&self, from: &FromTask, counts: &Counts, sent: &v1::DesiredTask) {
        let wanted: HashMap<SocketAddrV4, &v1::Upstream> =
            sent.upstreams.iter().filter_map(|upstream| Some((listening(upstream)?, upstream))).collect();
        let mut ways = self.all();
        ways.retain(|at, _| wanted.contains_key(at));
        for (at, upstream) in wanted {
            let way = ways.entry(at).or_insert_with(|| {
                let (idle, carries) = manner(upstream);
                let count = counts.of(&sent.task_arn, &upstream.namespace, &upstream.service);
                Arc::new(Way::new(Box::new(from.clone()), idle, carries, count))
            });
            let targets = upstream.targets.iter().filter_map(|target| target.parse().ok());
            let targets: Vec<SocketAddr> = targets.collect();
            way.pool.retain(&targets);
            way.balancer().set(targets);
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

/// How long a connection may be quiet, and what it carries. Unless the service says otherwise, times are AWS's.
fn manner(upstream: &v1::Upstream) -> (Option<Duration>, Carries) {
    let or = |seconds: Option<u32>, default: Duration| match seconds {
        None => Some(default),
        Some(0) => None,
        Some(seconds) => Some(Duration::from_secs(seconds.into())),
    };
    let time = or(upstream.request_timeout_seconds, REQUEST);
    let carries = match upstream.app_protocol.as_str() {
        "http" => Carries::Http1(time),
        "http2" | "grpc" => Carries::Http2(time),
        _ => Carries::Bytes,
    };
    let idle = if carries == Carries::Bytes { IDLE } else { IDLE_OF_REQUESTS };
    (or(upstream.idle_timeout_seconds, idle), carries)
}

fn listening(upstream: &v1::Upstream) -> Option<SocketAddrV4> {
    let port = u16::try_from(upstream.listen_port).ok()?;
    Some(SocketAddrV4::new(upstream.listen_ipv4.parse().ok()?, port))
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
                way.count.connections.add();
                open.spawn(async move {
                    if way.carries != Carries::Bytes {
                        requests::serve(near, way).await;
                        drop(turn);
                        return;
                    }
                    // Without an instance the client sees its connection end.
                    match way.connect().await {
                        Some(far) => join(near, far, way.idle).await,
                        None => way.count.unserved.add(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_aws_s_unless_the_service_says_otherwise() {
        let upstream = |protocol: &str, idle, request| v1::Upstream {
            app_protocol: protocol.to_owned(),
            idle_timeout_seconds: idle,
            request_timeout_seconds: request,
            ..Default::default()
        };
        assert_eq!(manner(&upstream("", None, None)), (Some(IDLE), Carries::Bytes));
        let defaults = (Some(IDLE_OF_REQUESTS), Carries::Http1(Some(REQUEST)));
        assert_eq!(manner(&upstream("http", None, None)), defaults);
        let own = (Some(Duration::from_secs(7)), Carries::Http2(None));
        assert_eq!(manner(&upstream("grpc", Some(7), Some(0))), own);
    }
}
