//! Sending batches of many streams together, several requests at once.
//!
//! A stream has one batch on its way, so that its batches arrive in their order.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use gantry_node_proto::v1;
use gantry_node_proto::v1::control_client::ControlClient;
use prost::Message;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::JoinSet;
use tonic::transport::Channel;

/// Batches that wait; a tailer has at most one.
const WAITING: usize = 64;
/// A request takes no more batches behind it. While it is answered the next one gathers.
const REQUEST_BYTES: usize = 4 * 1024 * 1024;
/// Requests that are on their way at once.
const REQUESTS: usize = 3;
const PATIENCE: Duration = Duration::from_secs(30);
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The way in; cheap to clone.
#[derive(Clone)]
pub struct Shipper {
    batches: mpsc::Sender<Waiting>,
}

struct Waiting {
    batch: v1::LogBatch,
    ack: oneshot::Sender<v1::LogAck>,
}

/// The way out.
pub struct Shipping {
    node_id: String,
    batches: mpsc::Receiver<Waiting>,
}

impl Shipper {
    pub fn new(node_id: String) -> (Self, Shipping) {
        let (sender, batches) = mpsc::channel(WAITING);
        let shipping = Shipping { node_id, batches };
        (Self { batches: sender }, shipping)
    }

    /// Waits, however long, until the batch was answered.
    pub async fn ship(&self, batch: v1::LogBatch) -> io::Result<v1::LogAck> {
        let (ack, wait) = oneshot::channel();
        let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
        let sent = self.batches.send(Waiting { batch, ack }).await;
        sent.map_err(|_| gone(()))?;
        wait.await.map_err(|_| gone(()))
    }
}

impl Shipping {
    /// Sends until nobody has anything to send any more.
    pub async fn run(mut self, client: ControlClient<Channel>) {
        let places = Arc::new(Semaphore::new(REQUESTS));
        let mut sending = JoinSet::new();
        let mut next = None;
        loop {
            let first = match next.take() {
                Some(waiting) => waiting,
                None => match self.batches.recv().await {
                    Some(waiting) => waiting,
                    None => return,
                },
            };
            let place = Arc::clone(&places).acquire_owned().await;
            let mut size = first.batch.encoded_len();
            let mut together = vec![first];
            while let Ok(waiting) = self.batches.try_recv() {
                size += waiting.batch.encoded_len();
                if size > REQUEST_BYTES {
                    next = Some(waiting);
                    break;
                }
                together.push(waiting);
            }
            let (batches, waiting) =
                together.into_iter().map(|it| (it.batch, it.ack)).unzip::<_, _, Vec<_>, Vec<_>>();
            let request = v1::PutLogsRequest { node_id: self.node_id.clone(), batches };
            let client = client.clone();
            while sending.try_join_next().is_some() {}
            sending.spawn(async move {
                let acks = send(client, request).await;
                for (waiting, ack) in waiting.into_iter().zip(acks) {
                    // A tailer that has gone will read the same lines again.
                    let _ = waiting.send(ack);
                }
                drop(place);
            });
        }
    }
}

/// Tries until it is answered.
async fn send(mut client: ControlClient<Channel>, request: v1::PutLogsRequest) -> Vec<v1::LogAck> {
    let mut pause = FIRST_PAUSE;
    loop {
        let answer = tokio::time::timeout(PATIENCE, client.put_logs(request.clone())).await;
        match answer {
            Ok(Ok(response)) if response.get_ref().acks.len() == request.batches.len() => {
                return response.into_inner().acks;
            }
            Ok(Ok(response)) => tracing::warn!(
                batches = request.batches.len(),
                acks = response.get_ref().acks.len(),
                "output was answered in part"
            ),
            Ok(Err(status)) => {
                tracing::debug!(code = ?status.code(), message = status.message(), "output was not taken");
            }
            Err(_) => tracing::debug!("output was not answered in time"),
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}
