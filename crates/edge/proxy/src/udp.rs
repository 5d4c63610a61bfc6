//! Datagrams: each client's go to one target, and that target's come back.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::listen::{Live, Shared};
use crate::table::Lease;
use crate::tcp;

/// How many clients a listener has at once.
const FLOWS: usize = 8192;
/// How long a flow lives without a datagram, as AWS has it.
const IDLE: Duration = Duration::from_secs(120);
/// How many datagrams of one client may wait; more are lost, as datagrams are.
const WAITING: usize = 64;
/// The largest datagram.
const LARGEST: usize = 65_535;

/// Carries datagrams until the listener stops.
pub async fn serve(
    socket: UdpSocket,
    live: watch::Receiver<Arc<Live>>,
    shared: Arc<Shared>,
    stop: CancellationToken,
) {
    let socket = Arc::new(socket);
    let mut flows: HashMap<SocketAddr, mpsc::Sender<Vec<u8>>> = HashMap::new();
    let mut buffer = vec![0; LARGEST];
    loop {
        let received = tokio::select! {
            () = stop.cancelled() => return,
            received = socket.recv_from(&mut buffer) => received,
        };
        // An answer to what was sent to a client that is gone; the next one may be anybody's.
        let Ok((size, client)) = received else { continue };
        let datagram = buffer[..size].to_vec();
        if let Some(flow) = flows.get(&client)
            && !flow.is_closed()
        {
            let _ = flow.try_send(datagram);
            continue;
        }
        flows.retain(|_, flow| !flow.is_closed());
        if flows.len() >= FLOWS {
            continue;
        }
        let (flow, waiting) = mpsc::channel(WAITING);
        let _ = flow.try_send(datagram);
        flows.insert(client, flow);
        let (live, shared, socket, stop) =
            (live.borrow().clone(), shared.clone(), socket.clone(), stop.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                _ = carry(socket, client, waiting, &live, &shared) => {}
            }
        });
    }
}

/// One client's flow, until it is idle or its target is gone.
async fn carry(
    socket: Arc<UdpSocket>,
    client: SocketAddr,
    mut waiting: mpsc::Receiver<Vec<u8>>,
    live: &Live,
    shared: &Shared,
) -> Option<()> {
    let group = tcp::group(live, shared)?;
    let flow = tcp::flow(client, live.listener.port, &group);
    let member = group.choose(&live.of.zones, live.of.options.cross_zone, &[], Some(flow))?;
    let lease = Lease::new(member.clone());
    let _counted = live.counts.connected();
    let bytes = &live.counts.processed_bytes;
    let kept = group.configuration().preserve_client.then_some(client);
    let target = shared.reach.datagrams(kept, &group.way(), member.address()).await.ok()?;
    let mut buffer = vec![0; LARGEST];
    let mut healthy = member.healthy.subscribe();
    loop {
        tokio::select! {
            datagram = waiting.recv() => {
                let datagram = datagram?;
                bytes.add(datagram.len() as u64);
                let _ = target.send(&datagram).await;
            }
            received = target.recv(&mut buffer) => {
                // A target that refuses is found out by its checks.
                let Ok(size) = received else { continue };
                bytes.add(size as u64);
                let _ = socket.send_to(&buffer[..size], client).await;
            }
            changed = healthy.changed() => {
                changed.ok()?;
                if !*healthy.borrow_and_update() {
                    return None;
                }
            }
            () = member.gone.cancelled() => {
                drop(lease);
                return None;
            }
            () = tokio::time::sleep(IDLE) => return None,
        }
    }
}
