//! Network load balancers: bytes go through as they are.

use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use gantry_elb_core::action::What;
use gantry_elb_core::choose::by_weight;
use gantry_elb_core::configuration::{Protocol, Stickiness, Version};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::counts::Counter;
use crate::listen::{Door, Live, Shared};
use crate::table::{Group, Lease, Member};
use crate::tcp_record::Record;
use crate::tls;
use crate::watched::Watched;

/// How long a client has for its handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How many targets are tried that take no connection.
const TRIES: usize = 3;

/// The group that a new connection or flow goes to, by the weights of those that its listener forwards to.
pub fn group(live: &Live, shared: &Shared) -> Option<Arc<Group>> {
    let rule = live.listener.rules.first()?;
    match &rule.actions.first()?.what {
        What::Forward(forward) => {
            let weights = forward.target_groups.iter().map(|group| u64::from(group.weight)).enumerate();
            shared.table.group(&forward.target_groups[by_weight(weights, rand::random())?].arn)
        }
        _ => None,
    }
}

/// A number that stays the same for a flow, or for a client where clients stay with their targets.
pub fn flow(client: SocketAddr, listener: u16, group: &Group) -> u64 {
    static HASH: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    let mut hasher = HASH.build_hasher();
    client.ip().hash(&mut hasher);
    if group.configuration().stickiness != Some(Stickiness::SourceIp) {
        (client.port(), listener).hash(&mut hasher);
    }
    hasher.finish()
}

/// Carries a connection to a target until it ends.
pub async fn serve(
    stream: TcpStream,
    client: SocketAddr,
    live: Arc<Live>,
    shared: &Shared,
    stop: CancellationToken,
) {
    let _ = stream.set_nodelay(true);
    let Ok(local) = stream.local_addr() else { return };
    let Some(group) = group(&live, shared) else { return };
    let Some((target, lease)) = connect(&group, &live, shared, client).await else { return };
    let mut target = target;
    if group.configuration().proxy_protocol && target.write_all(&proxy_header(client, local)).await.is_err() {
        return;
    }
    let idle = Duration::from_secs(live.listener.idle_timeout_seconds.into());
    let mut healthy = lease.member().healthy.subscribe();
    let ends = async move {
        // A target that is not healthy any more loses its connections; one that never was keeps them (fail open).
        let sick = async {
            let was = *healthy.borrow_and_update();
            if !was || healthy.wait_for(|healthy| !*healthy).await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! { () = sick => {}, () = stop.cancelled() => {} }
    };
    let bytes = &live.counts.processed_bytes;
    let to_tls = group.configuration().protocol == Protocol::Tls;
    if live.listener.protocol != Protocol::Tls {
        return match to_tls {
            false => copy(stream, target, idle, ends, bytes).await,
            true => {
                let Ok(target) = tls::to_target(target, Version::Http1).await else { return };
                copy(stream, target, idle, ends, bytes).await;
            }
        };
    }
    let (_, seen) = tokio::sync::watch::channel(live.clone());
    let Some(config) = Door::Own(seen).tls("") else { return };
    let record = Record::begin(&live, shared, client, local);
    let accepted = tokio::time::timeout(HANDSHAKE, TlsAcceptor::from(config).accept(stream)).await;
    let Ok(Ok(stream)) = accepted else { return live.counts.client_tls_errors.count() };
    if let Some(record) = &record {
        record.agreed(stream.get_ref().1);
    }
    let stream = Watched::new(stream, record);
    match to_tls {
        false => copy(stream, target, idle, ends, bytes).await,
        true => {
            let Ok(target) = tls::to_target(target, Version::Http1).await else { return };
            copy(stream, target, idle, ends, bytes).await;
        }
    }
}

async fn connect(
    group: &Group,
    live: &Live,
    shared: &Shared,
    client: SocketAddr,
) -> Option<(TcpStream, Lease)> {
    let mut tried = Vec::new();
    let flow = flow(client, live.listener.port, group);
    for _ in 0..TRIES {
        let member: Arc<Member> =
            group.choose(&live.of.zones, live.of.options.cross_zone, &tried, Some(flow))?;
        let lease = Lease::new(member.clone());
        let way = group.way();
        let connected = match group.configuration().preserve_client {
            true => shared.reach.connect_as(client, &way, member.address()).await,
            false => shared.reach.connect(&way, member.address()).await,
        };
        match connected {
            Ok(stream) => return Some((stream, lease)),
            Err(_) => {
                group.counts.connection_errors.count();
                tried.push(member.address());
            }
        }
    }
    None
}

/// Copies both ways until both have ended, nothing moves for `idle`, or `ends`.
pub async fn copy(
    client: impl AsyncRead + AsyncWrite + Unpin,
    target: impl AsyncRead + AsyncWrite + Unpin,
    idle: Duration,
    ends: impl Future<Output = ()>,
    bytes: &Counter,
) {
    let (client_read, client_write) = tokio::io::split(client);
    let (target_read, target_write) = tokio::io::split(target);
    let moved = tokio::sync::Notify::new();
    let both = async {
        tokio::join!(
            one_way(client_read, target_write, &moved, bytes),
            one_way(target_read, client_write, &moved, bytes)
        );
    };
    let still = async { while tokio::time::timeout(idle, moved.notified()).await.is_ok() {} };
    tokio::select! {
        () = both => {}
        () = still => {}
        () = ends => {}
    }
}

async fn one_way(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    moved: &tokio::sync::Notify,
    bytes: &Counter,
) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        match from.read(&mut buffer).await {
            Ok(0) | Err(_) => break,
            Ok(read) => {
                moved.notify_one();
                bytes.add(read as u64);
                if to.write_all(&buffer[..read]).await.is_err() || to.flush().await.is_err() {
                    break;
                }
            }
        }
    }
    let _ = to.shutdown().await;
}

/// The header of version 2 of the proxy protocol: who the client is, and what it connected to.
fn proxy_header(client: SocketAddr, local: SocketAddr) -> Vec<u8> {
    let mut header = b"\r\n\r\n\0\r\nQUIT\n".to_vec();
    // Version 2, on behalf of a client.
    header.push(0x21);
    match (client.ip().to_canonical(), local.ip().to_canonical()) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            header.extend_from_slice(&[0x11, 0, 12]);
            header.extend_from_slice(&from.octets());
            header.extend_from_slice(&to.octets());
        }
        (from, to) => {
            header.extend_from_slice(&[0x21, 0, 36]);
            for ip in [from, to] {
                let ip = match ip {
                    IpAddr::V4(ip) => ip.to_ipv6_mapped(),
                    IpAddr::V6(ip) => ip,
                };
                header.extend_from_slice(&ip.octets());
            }
        }
    }
    header.extend_from_slice(&client.port().to_be_bytes());
    header.extend_from_slice(&local.port().to_be_bytes());
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proxy_header_says_who_the_client_is() {
        let header = proxy_header("10.0.0.1:258".parse().unwrap(), "10.0.0.2:80".parse().unwrap());
        assert_eq!(&header[..12], b"\r\n\r\n\0\r\nQUIT\n");
        assert_eq!(&header[12..], [0x21, 0x11, 0, 12, 10, 0, 0, 1, 10, 0, 0, 2, 1, 2, 0, 80]);
    }
}
