//! The session with the control plane: what is desired comes in, what is known goes out.
//!
//! A session that breaks is begun again; nothing on the node depends on it being there.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use gantry_node_proto::v1::control_client::ControlClient;
use gantry_node_proto::v1::{self, control_message, node_message};
use gantry_node_proto::{HEARTBEAT, MAX_SESSION_MESSAGE_BYTES};
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::transport::{Channel, Endpoint};
use tracing::{info, warn};

use crate::config::Config;
use crate::shared::Shared;
use crate::usage::Measuring;

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(10);
/// Messages on their way out.
const OUTBOUND: usize = 16;

/// What is desired, as the newest message said.
pub type Newest = watch::Sender<Option<Arc<v1::Desired>>>;

/// The way to the control plane; it connects when it is used, and again when it broke.
pub fn channel(config: &Config) -> Result<Channel, tonic::transport::Error> {
    let mut endpoint = Endpoint::from_shared(config.control.clone())?
        .connect_timeout(PATIENCE)
        .tcp_nodelay(true)
        .http2_keep_alive_interval(HEARTBEAT)
        .keep_alive_timeout(PATIENCE)
        .keep_alive_while_idle(true);
    if let Some(material) = &config.tls {
        endpoint = endpoint.tls_config(material.client())?;
    }
    Ok(endpoint.connect_lazy())
}

/// For sessions and for logs.
pub fn client(channel: Channel) -> ControlClient<Channel> {
    ControlClient::new(channel)
        .max_decoding_message_size(MAX_SESSION_MESSAGE_BYTES)
        .max_encoding_message_size(MAX_SESSION_MESSAGE_BYTES)
}

/// One session after the other, until the agent stops.
pub async fn keep(
    shared: Arc<Shared>,
    mut client: ControlClient<Channel>,
    generation: watch::Receiver<u64>,
    newest: Newest,
    stop: CancellationToken,
) {
    let mut pause = FIRST_PAUSE;
    loop {
        let began = tokio::time::Instant::now();
        let ended = tokio::select! {
            ended = session(&shared, &mut client, &generation, &newest) => ended,
            () = stop.cancelled() => return,
        };
        shared.config.connected.store(false, Ordering::Relaxed);
        if began.elapsed() > PATIENCE {
            pause = FIRST_PAUSE;
        }
        warn!(why = %ended, again_in = ?pause, "no session with the control plane");
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stop.cancelled() => return,
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Returns why the session ended.
async fn session(
    shared: &Shared,
    client: &mut ControlClient<Channel>,
    generation: &watch::Receiver<u64>,
    newest: &Newest,
) -> String {
    let (out, outbound) = mpsc::channel(OUTBOUND);
    let ledgered = *generation.borrow();
    let hello = node_message::Message::Hello(hello(&shared.config, ledgered));
    if let Err(why) = say(&out, hello).await {
        return why;
    }
    let opened = client.session(ReceiverStream::new(outbound));
    let mut inbound = match tokio::time::timeout(PATIENCE, opened).await {
        Ok(Ok(response)) => response.into_inner(),
        Ok(Err(status)) => return format!("{}: {}", status.code(), status.message()),
        Err(_) => return "the control plane did not answer".to_owned(),
    };
    info!(node_id = %shared.config.node_id, ledgered_generation = ledgered, "session begun");
    shared.config.connected.store(true, Ordering::Relaxed);
    let mut reports = Reports::default();
    let mut measuring = Measuring::default();
    let mut heartbeat = tokio::time::interval(HEARTBEAT);
    loop {
        let ledgered = *generation.borrow();
        if reports.open.is_none()
            && let Some(report) = reports.next(shared, ledgered)
            && let Err(why) = say(&out, node_message::Message::Report(report)).await
        {
            return why;
        }
        tokio::select! {
            message = inbound.message() => match message {
                Ok(Some(message)) => match message.message {
                    Some(control_message::Message::Desired(desired)) => {
                        newest.send_replace(Some(Arc::new(desired)));
                    }
                    Some(control_message::Message::ReportAck(ack)) => reports.acknowledge(shared, ack.sequence),
                    Some(control_message::Message::StartProcess(wanted)) => shared.processes.start(wanted),
                    Some(control_message::Message::Measure(_)) => measuring.begin(shared, &out),
                    None => warn!("a message of an unknown kind was passed over"),
                },
                Ok(None) => return "the control plane ended the session".to_owned(),
                Err(status) => return format!("{}: {}", status.code(), status.message()),
            },
            () = shared.board.changed() => {}
            _ = heartbeat.tick() => {
                let beat = v1::Heartbeat { at_ms: shared.now().as_millis() };
                if let Err(why) = say(&out, node_message::Message::Heartbeat(beat)).await {
                    return why;
                }
            }
        }
    }
}

async fn say(out: &mpsc::Sender<v1::NodeMessage>, message: node_message::Message) -> Result<(), String> {
    let message = v1::NodeMessage { message: Some(message) };
    match tokio::time::timeout(PATIENCE, out.send(message)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err("the session's way out is closed".to_owned()),
        Err(_) => Err("the control plane does not read".to_owned()),
    }
}

/// What of the board the control plane has in this session. One report is on its way at a time, so that what happens
/// meanwhile goes together into the next.
#[derive(Default)]
struct Reports {
    sequence: u64,
    acknowledged: u64,
    /// Sequence and board version of the report on its way.
    open: Option<(u64, u64)>,
}

impl Reports {
    fn next(&mut self, shared: &Shared, generation: u64) -> Option<v1::Report> {
        let (version, tasks) = shared.board.since(self.acknowledged);
        let complete = self.sequence == 0;
        if tasks.is_empty() && !complete {
            return None;
        }
        self.sequence += 1;
        self.open = Some((self.sequence, version));
        Some(v1::Report { sequence: self.sequence, generation, tasks, complete })
    }

    fn acknowledge(&mut self, shared: &Shared, sequence: u64) {
        if let Some((open, version)) = self.open
            && open == sequence
        {
            self.acknowledged = version;
            shared.board.acknowledge(version);
            self.open = None;
        }
    }
}

fn hello(config: &Config, ledgered_generation: u64) -> v1::Hello {
    let ports = |ports: &[u16]| ports.iter().map(|port| u32::from(*port)).collect();
    v1::Hello {
        node_id: config.node_id.clone(),
        hostname: config.hostname.clone(),
        capacity: Some(v1::Capacity {
            cpu_units: config.capacity.cpu_units,
            memory_bytes: config.capacity.memory_bytes,
            reserved_tcp_ports: ports(&config.capacity.reserved_tcp_ports),
            reserved_udp_ports: ports(&config.capacity.reserved_udp_ports),
        }),
        attributes: config.attributes.clone().into_iter().collect(),
        versions: config.versions.clone().into_iter().collect(),
        ledgered_generation,
        address: config.address.clone(),
    }
}
