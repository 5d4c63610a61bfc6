//! Gantry's endpoint on a machine that joined: a listener here, each of whose connections goes to the control plane by
//! the port of nodes' sessions, under the node's certificate. So a node needs no other way to Gantry, and what its
//! containers and its pulls say to it is read by nobody on the way.

use std::time::Duration;

use gantry_node_proto::CHUNK_BYTES;
use gantry_node_proto::tls::Material;
use gantry_node_proto::v1::Chunk;
use gantry_node_proto::v1::membership_client::MembershipClient;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::OwnedReadHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;
use tracing::debug;

use crate::join::{JoinError, channel};

/// Connections at once.
const CONNECTIONS: usize = 1024;
/// Chunks on their way.
const CHUNKS: usize = 8;
/// A listener that fails (no descriptors left) is tried again after this.
const PAUSE: Duration = Duration::from_millis(200);

/// Leads connections of the listener to the endpoint of the Gantry at `server`, until `stop` is cancelled.
pub async fn lead(
    listener: TcpListener,
    server: &str,
    node_id: &str,
    material: &Material,
    stop: CancellationToken,
) -> Result<(), JoinError> {
    let client = MembershipClient::new(channel(server, material.client())?);
    let mut open = JoinSet::new();
    loop {
        while open.try_join_next().is_some() {}
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return Ok(()),
        };
        match accepted {
            Ok((near, _)) if open.len() < CONNECTIONS => {
                open.spawn(carry(client.clone(), node_id.to_owned(), near));
            }
            // It is hung up.
            Ok(_) => debug!("too many connections to the endpoint at once"),
            Err(error) => {
                debug!(%error, "a connection could not be taken");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

async fn carry(mut client: MembershipClient<Channel>, node_id: String, near: TcpStream) {
    // A connection that is slower for it still works.
    let _ = near.set_nodelay(true);
    let (read, mut write) = near.into_split();
    let (sender, receiver) = mpsc::channel(CHUNKS);
    if sender.send(Chunk { node_id, ..Chunk::default() }).await.is_err() {
        return;
    }
    let mut inbound = match client.endpoint(ReceiverStream::new(receiver)).await {
        Ok(response) => response.into_inner(),
        Err(status) => return debug!(%status, "the endpoint is not reached"),
    };
    let sending = tokio::spawn(send(read, sender));
    loop {
        match inbound.message().await {
            Ok(Some(chunk)) => {
                if write.write_all(&chunk.data).await.is_err() {
                    break;
                }
            }
            Ok(None) => break,
            Err(status) => {
                debug!(%status, "a connection to the endpoint broke off");
                break;
            }
        }
    }
    // The near end may have gone first.
    let _ = write.shutdown().await;
    sending.abort();
}

async fn send(mut read: OwnedReadHalf, sender: mpsc::Sender<Chunk>) {
    let mut buffer = vec![0; CHUNK_BYTES];
    loop {
        let Ok(length) = read.read(&mut buffer).await else { return };
        if length == 0 {
            return;
        }
        let data = buffer[..length].to_vec().into();
        if sender.send(Chunk { data, node_id: String::new() }).await.is_err() {
            return;
        }
    }
}
