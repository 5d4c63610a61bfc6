//! Machines that come to join, leave, or reach Gantry's endpoint by this port.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures::Stream;
use gantry_node_proto::v1::membership_server::Membership;
use gantry_node_proto::v1::{self, Chunk};
use gantry_node_proto::{CHUNK_BYTES, SILENCE};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};

use super::{Trust, check_name};
use crate::Ecs;
use crate::membership::{MembershipError, Ticket};

/// Chunks on their way to a node.
const CHUNKS: usize = 8;
const CONNECT: Duration = Duration::from_secs(5);
/// A wrong token is answered slowly: guessing is to take for ever.
const WRONG_TOKEN: Duration = Duration::from_secs(1);
/// The longest name of a host.
const MAX_HOSTNAME: usize = 253;

/// Signs a request in PEM for a certificate of that name; the certificate in PEM.
pub type Signer = Arc<dyn Fn(&str, &str) -> Result<String, String> + Send + Sync>;

/// What machines that join are given.
#[derive(Clone)]
pub struct Door {
    pub signer: Signer,
    /// The authority that signs.
    pub ca_pem: String,
    /// Where Gantry's endpoint is from here.
    pub endpoint: SocketAddr,
}

pub(super) struct Doorkeeper {
    pub ecs: Ecs,
    pub door: Door,
}

impl Doorkeeper {
    /// Whether the other end is that node, and still one.
    async fn admit<T>(&self, request: &Request<T>, node: &str) -> Result<(), Status> {
        check_name(Trust::Certificate, request, node)?;
        enrolled(&self.ecs, node).await
    }
}

/// Refuses a node that was removed.
pub(super) async fn enrolled(ecs: &Ecs, node: &str) -> Result<(), Status> {
    match ecs.is_enrolled(node).await.map_err(super::unavailable)? {
        true => Ok(()),
        false => {
            Err(Status::permission_denied(format!("node {node} was removed; join again with a new token")))
        }
    }
}

type Outgoing = Pin<Box<dyn Stream<Item = Result<Chunk, Status>> + Send>>;

#[tonic::async_trait]
impl Membership for Doorkeeper {
    async fn join(&self, request: Request<v1::JoinRequest>) -> Result<Response<v1::JoinResponse>, Status> {
        let remote = request.remote_addr();
        let v1::JoinRequest {
            token,
            hostname,
            certificate_request_pem,
            activation_id,
            activation_code,
            cluster,
        } = request.into_inner();
        if hostname.len() > MAX_HOSTNAME || cluster.len() > MAX_HOSTNAME + 2 {
            return Err(Status::invalid_argument("the host's name is too long"));
        }
        let bad = || Status::permission_denied(MembershipError::BadToken.to_string());
        let ticket = match token.split_once('.') {
            Some((id, secret)) => Ticket::Token { id, secret },
            None if activation_id.is_empty() || !token.is_empty() => return Err(bad()),
            None => Ticket::Activation { id: &activation_id, code: &activation_code, cluster: &cluster },
        };
        let sign = |node: &str| (self.door.signer)(&certificate_request_pem, node);
        match self.ecs.join_node(ticket, &hostname, sign).await {
            Ok((node_id, certificate_pem)) => {
                let ca_pem = self.door.ca_pem.clone();
                Ok(Response::new(v1::JoinResponse { node_id, certificate_pem, ca_pem }))
            }
            Err(MembershipError::BadToken) => {
                tracing::warn!(
                    hostname,
                    ?remote,
                    "a machine came with a token or activation that is not good"
                );
                tokio::time::sleep(WRONG_TOKEN).await;
                Err(bad())
            }
            Err(error @ (MembershipError::Refused(_) | MembershipError::NoCluster(_))) => {
                Err(Status::invalid_argument(error.to_string()))
            }
            Err(other) => Err(super::unavailable(other)),
        }
    }

    async fn leave(&self, request: Request<v1::LeaveRequest>) -> Result<Response<v1::LeaveResponse>, Status> {
        let node = request.get_ref().node_id.clone();
        self.admit(&request, &node).await?;
        match self.ecs.remove_node(&node).await {
            Ok(()) => Ok(Response::new(v1::LeaveResponse {})),
            Err(error) => Err(super::unavailable(error)),
        }
    }

    type EndpointStream = Outgoing;

    async fn endpoint(&self, request: Request<Streaming<Chunk>>) -> Result<Response<Outgoing>, Status> {
        let (metadata, extensions, mut incoming) = request.into_parts();
        let first = tokio::time::timeout(SILENCE, incoming.message()).await;
        let first = first.map_err(|_| Status::deadline_exceeded("the node did not say who it is"))??;
        let node = first.map(|chunk| chunk.node_id).unwrap_or_default();
        self.admit(&Request::from_parts(metadata, extensions, ()), &node).await?;
        let stream = tokio::time::timeout(CONNECT, TcpStream::connect(self.door.endpoint)).await;
        let stream = match stream {
            Ok(Ok(stream)) => stream,
            _ => return Err(Status::unavailable("the endpoint does not answer")),
        };
        // A connection that is slower for it still works.
        let _ = stream.set_nodelay(true);
        let (read, write) = stream.into_split();
        let (sender, receiver) = mpsc::channel(CHUNKS);
        tokio::spawn(inward(incoming, write));
        tokio::spawn(outward(read, sender));
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }
}

/// What the node sends, until it has no more.
async fn inward(mut incoming: Streaming<Chunk>, mut write: OwnedWriteHalf) {
    while let Ok(Some(chunk)) = incoming.message().await {
        if write.write_all(&chunk.data).await.is_err() {
            return;
        }
    }
    // The other end may have gone first.
    let _ = write.shutdown().await;
}

/// What the endpoint answers, until it has no more or the node has gone.
async fn outward(mut read: OwnedReadHalf, sender: mpsc::Sender<Result<Chunk, Status>>) {
    let mut buffer = vec![0; CHUNK_BYTES];
    loop {
        let read = tokio::select! {
            read = read.read(&mut buffer) => read,
            () = sender.closed() => return,
        };
        let Ok(length) = read else { return };
        if length == 0 {
            return;
        }
        let chunk = Chunk { data: buffer[..length].to_vec().into(), node_id: String::new() };
        if sender.send(Ok(chunk)).await.is_err() {
            return;
        }
    }
}
