//! The control plane's side of the nodes' sessions.
//!
//! A session has two halves. The outgoing half looks at what the node shall run whenever it is woken, and sends the
//! whole of it if it has changed. The incoming half takes reports, one transaction each, and acknowledges them once
//! they are durable.

mod balancers;
mod connect;
mod desired;
mod hello;
mod logs;
mod membership;
mod overlays;
mod processes;
mod protection;
mod report;
mod rules;
mod subnets;
mod usage;
mod zones;

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

use futures::Stream;
use gantry_base::{Authority, Timestamp};
use gantry_node_proto::tls::Material;
use gantry_node_proto::v1::control_server::{Control, ControlServer};
use gantry_node_proto::v1::membership_server::MembershipServer;
use gantry_node_proto::v1::processes_server::{Processes, ProcessesServer};
use gantry_node_proto::v1::{self, ControlMessage, NodeMessage, control_message, node_message};
use gantry_node_proto::{MAX_SESSION_MESSAGE_BYTES, SILENCE, WINDOW_BYTES};
use rustls::pki_types::ServerName;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};

use crate::Ecs;

pub(crate) use desired::of_task;
pub(crate) use logs::{LogWriters, writer as log_writer};
pub use membership::{Door, Signer};
pub(crate) use report::observe;
pub use usage::NodeUsage;
pub(crate) use usage::Usages;

/// Wakes every session: what some node shall run has changed.
pub(crate) const SESSION_WAKE: &str = "ecs.session";

/// How many messages may wait for a slow node.
const OUTGOING: usize = 16;

/// Calls of one node at once, connections of its containers to the endpoint among them.
const STREAMS: u32 = 4096;

/// How a node proves its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// By the certificate of its connection, which carries the node's id as a DNS name.
    Certificate,
    /// By the connection alone: for simulated nodes inside the process.
    Connection,
}

/// The gRPC service, for a server or a transport of the caller's own.
pub fn control(ecs: &Ecs, trust: Trust) -> ControlServer<impl Control> {
    ControlServer::new(Sessions { ecs: ecs.clone(), trust })
        .max_decoding_message_size(MAX_SESSION_MESSAGE_BYTES)
        .max_encoding_message_size(MAX_SESSION_MESSAGE_BYTES)
}

/// The streams of processes in containers, beside [`control`] on the same server.
pub fn processes(ecs: &Ecs, trust: Trust) -> ProcessesServer<impl Processes> {
    ProcessesServer::new(Sessions { ecs: ecs.clone(), trust })
}

/// Serves sessions to nodes with a certificate of the local CA, until `stop` is cancelled; with a door machines may
/// join as well.
pub async fn serve(
    ecs: &Ecs,
    listener: TcpListener,
    material: &Material,
    door: Option<Door>,
    stop: CancellationToken,
) -> Result<(), tonic::transport::Error> {
    let doorkeeper = door.map(|door| membership::Doorkeeper { ecs: ecs.clone(), door });
    tonic::transport::Server::builder()
        .tls_config(material.server())?
        .initial_stream_window_size(WINDOW_BYTES)
        .initial_connection_window_size(2 * WINDOW_BYTES)
        .max_concurrent_streams(Some(STREAMS))
        .http2_keepalive_interval(Some(SILENCE))
        .http2_keepalive_timeout(Some(SILENCE))
        .add_service(control(ecs, Trust::Certificate))
        .add_optional_service(doorkeeper.map(MembershipServer::new))
        .add_service(processes(ecs, Trust::Certificate))
        .serve_with_incoming_shutdown(TcpListenerStream::new(listener), stop.cancelled_owned())
        .await
}

/// Which nodes are connected, and when each was heard last. A restart begins with all of them as just heard.
#[derive(Debug)]
pub struct Connected {
    started: Timestamp,
    nodes: Mutex<HashMap<String, Link>>,
}

#[derive(Debug)]
struct Link {
    last_heard: Timestamp,
    /// The session that is in force: a newer one ends it.
    session: CancellationToken,
    /// None once it has ended.
    sender: Option<Outbox>,
}

/// The way to a node.
type Outbox = mpsc::Sender<Result<ControlMessage, Status>>;

impl Connected {
    pub(crate) fn new(started: Timestamp) -> Self {
        Connected { started, nodes: Mutex::default() }
    }

    fn nodes(&self) -> std::sync::MutexGuard<'_, HashMap<String, Link>> {
        self.nodes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When the node was heard last.
    pub fn last_heard(&self, node: &str) -> Timestamp {
        self.nodes().get(node).map_or(self.started, |link| link.last_heard)
    }

    /// The nodes with an open session, sorted.
    pub fn open(&self) -> Vec<String> {
        let nodes = self.nodes();
        let mut ids: Vec<String> =
            nodes.iter().filter(|(_, link)| link.sender.is_some()).map(|(id, _)| id.clone()).collect();
        ids.sort_unstable();
        ids
    }

    /// The node is none any more: its session ends.
    pub(crate) fn forget(&self, node: &str) {
        if let Some(link) = self.nodes().remove(node) {
            link.session.cancel();
        }
    }

    /// Ends the sessions of all nodes, which begin anew with whoever serves them next.
    pub fn end_all(&self) {
        self.nodes().values().for_each(|link| link.session.cancel());
    }

    /// Whether the node has an open session.
    pub(crate) fn is_open(&self, node: &str) -> bool {
        self.nodes().get(node).is_some_and(|link| link.sender.is_some())
    }

    /// Says something to a node that has an open session.
    pub(crate) async fn tell(&self, node: &str, message: control_message::Message) -> Result<(), Status> {
        let sender = self.nodes().get(node).and_then(|link| link.sender.clone());
        let sender = sender.ok_or_else(|| Status::unavailable("the node has no session"))?;
        send(&sender, message).await
    }

    fn heard(&self, node: &str, now: Timestamp) {
        if let Some(link) = self.nodes().get_mut(node) {
            link.last_heard = link.last_heard.max(now);
        }
    }

    fn begin(&self, node: &str, sender: Outbox, now: Timestamp) -> CancellationToken {
        let session = CancellationToken::new();
        let link = Link { last_heard: now, session: session.clone(), sender: Some(sender) };
        if let Some(older) = self.nodes().insert(node.to_owned(), link) {
            older.session.cancel();
        }
        session
    }

    fn end(&self, node: &str, session: &CancellationToken) {
        let superseded = session.is_cancelled();
        session.cancel();
        if let Some(link) = self.nodes().get_mut(node).filter(|_| !superseded) {
            link.sender = None;
        }
    }
}

/// The right of a node to write what it knows: it has proved its name.
struct NodeAuthority<'a>(&'a str);

impl Authority for NodeAuthority<'_> {
    fn describe(&self) -> String {
        format!("node {} reports", self.0)
    }
}

struct Sessions {
    ecs: Ecs,
    trust: Trust,
}

/// Whether whoever is at the other end may call itself that.
fn check_name<T>(trust: Trust, request: &Request<T>, node: &str) -> Result<(), Status> {
    if trust == Trust::Connection {
        return Ok(());
    }
    let refused =
        |why: &str| Status::permission_denied(format!("the certificate is not node {node:?}'s: {why}"));
    let certificates = request.peer_certs().ok_or_else(|| refused("there is none"))?;
    let certificate = certificates.first().ok_or_else(|| refused("there is none"))?;
    let parsed = rustls::server::ParsedCertificate::try_from(certificate)
        .map_err(|error| refused(&error.to_string()))?;
    let name = ServerName::try_from(node.to_owned()).map_err(|error| refused(&error.to_string()))?;
    rustls::client::verify_server_name(&parsed, &name).map_err(|error| refused(&error.to_string()))
}

type Outgoing = Pin<Box<dyn Stream<Item = Result<ControlMessage, Status>> + Send>>;

#[tonic::async_trait]
impl Control for Sessions {
    type SessionStream = Outgoing;

    async fn session(&self, request: Request<Streaming<NodeMessage>>) -> Result<Response<Outgoing>, Status> {
        // The name is in the first message, so the request without its body is kept to check it.
        let (metadata, extensions, mut incoming) = request.into_parts();
        let first = tokio::time::timeout(SILENCE, incoming.message()).await;
        let first = first.map_err(|_| Status::deadline_exceeded("the node did not say who it is"))??;
        let Some(node_message::Message::Hello(hello)) = first.and_then(|one| one.message) else {
            return Err(Status::failed_precondition("the first message must be Hello"));
        };
        check_name(self.trust, &Request::from_parts(metadata, extensions, ()), &hello.node_id)?;
        membership::enrolled(&self.ecs, &hello.node_id).await?;
        let node = hello.node_id.clone();
        let ledgered = hello.ledgered_generation;
        hello::register(&self.ecs, hello).await.map_err(unavailable)?;

        let (sender, receiver) = mpsc::channel(OUTGOING);
        let session = self.ecs.connected().begin(&node, sender.clone(), self.ecs.clock.now());
        tracing::info!(node, ledgered, "a node has opened its session");
        let link = SessionLink { ecs: self.ecs.clone(), node, sender, session };
        tokio::spawn(link.run(incoming, ledgered));
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }

    async fn put_logs(
        &self,
        request: Request<v1::PutLogsRequest>,
    ) -> Result<Response<v1::PutLogsResponse>, Status> {
        check_name(self.trust, &request, &request.get_ref().node_id)?;
        membership::enrolled(&self.ecs, &request.get_ref().node_id).await?;
        let stored = logs::put(&self.ecs, request.into_inner()).await;
        stored.map(Response::new).map_err(unavailable)
    }

    async fn task_protection(
        &self,
        request: Request<v1::TaskProtectionRequest>,
    ) -> Result<Response<v1::TaskProtectionResponse>, Status> {
        check_name(self.trust, &request, &request.get_ref().node_id)?;
        membership::enrolled(&self.ecs, &request.get_ref().node_id).await?;
        Ok(Response::new(protection::answer(&self.ecs, request.into_inner()).await))
    }
}

/// The node sends it again later; what went wrong is for our log.
fn unavailable(why: impl std::fmt::Display) -> Status {
    tracing::warn!(%why, "a node's message could not be taken in");
    Status::unavailable("the control plane could not take this in; try again")
}

/// One session.
struct SessionLink {
    ecs: Ecs,
    node: String,
    sender: Outbox,
    session: CancellationToken,
}

impl SessionLink {
    /// Runs both halves until either ends or a newer session of the node begins.
    async fn run(self, incoming: Streaming<NodeMessage>, ledgered: u64) {
        let ended = tokio::select! {
            () = self.session.cancelled() => {
                Err(Status::aborted("a newer session of this node has begun, or Gantry ends"))
            }
            ended = self.receive(incoming) => ended,
            ended = desired::send(&self.ecs, &self.node, &self.sender, ledgered) => ended,
        };
        self.ecs.connected().end(&self.node, &self.session);
        match ended {
            Ok(()) => tracing::info!(node = self.node, "a node has closed its session"),
            Err(status) => {
                tracing::info!(node = self.node, %status, "a node's session has ended");
                // A node that is gone can't be told.
                let _ = self.sender.try_send(Err(status));
            }
        }
    }

    async fn receive(&self, mut incoming: Streaming<NodeMessage>) -> Result<(), Status> {
        loop {
            let message = tokio::time::timeout(self.ecs.config.session_silence, incoming.message()).await;
            let message =
                message.map_err(|_| Status::deadline_exceeded("the node was silent for too long"))??;
            let Some(message) = message else { return Ok(()) };
            self.ecs.connected().heard(&self.node, self.ecs.clock.now());
            match message.message {
                Some(node_message::Message::Report(report)) => {
                    let sequence = report.sequence;
                    report::take_in(&self.ecs, &self.node, report).await.map_err(unavailable)?;
                    let ack = control_message::Message::ReportAck(v1::ReportAck { sequence });
                    send(&self.sender, ack).await?;
                }
                Some(node_message::Message::Usage(usage)) => self.ecs.usages().told(&self.node, usage),
                Some(node_message::Message::Heartbeat(_)) | None => {}
                Some(node_message::Message::Hello(_)) => {
                    return Err(Status::failed_precondition("only the first message is Hello"));
                }
            }
        }
    }
}

async fn send(
    sender: &mpsc::Sender<Result<ControlMessage, Status>>,
    message: control_message::Message,
) -> Result<(), Status> {
    let sent = sender.send(Ok(ControlMessage { message: Some(message) })).await;
    sent.map_err(|_| Status::cancelled("the node has gone"))
}
