//! Further processes in containers, for those who look inside: each has a stream of its own to the control plane, and
//! ends with it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gantry_node_proto::v1::processes_client::ProcessesClient;
use gantry_node_proto::v1::{self, process_input, process_output};
use gantry_runtime::{Attach, Attached, ContainerId, Engine, TerminalSize};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Semaphore, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};
use tonic::Streaming;
use tonic::transport::Channel;

/// At once on this node.
const MOST: usize = 256;
/// Pieces of output on their way to the control plane.
const OUTBOUND: usize = 8;
const PIECE_BYTES: usize = 16 << 10;
/// How long the control plane may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long after a process's end its output may still come: what it started may hold its pipes.
const LAST_OUTPUT: Duration = Duration::from_secs(2);
const STOPPED: &str = "Gantry's agent on the container's machine is ending";
/// How long the ends of all may take when the agent stops.
const LAST_ENDS: Duration = Duration::from_secs(8);

/// The processes that this agent has started.
pub struct Processes {
    node_id: String,
    engine: Arc<dyn Engine>,
    client: ProcessesClient<Channel>,
    places: Arc<Semaphore>,
    running: TaskTracker,
    stop: CancellationToken,
}

type Said = process_output::Message;

impl Processes {
    pub fn new(node_id: &str, engine: Arc<dyn Engine>, channel: Channel) -> Self {
        Self {
            node_id: node_id.to_owned(),
            engine,
            client: ProcessesClient::new(channel),
            places: Arc::new(Semaphore::new(MOST)),
            running: TaskTracker::new(),
            stop: CancellationToken::new(),
        }
    }

    /// Opens the process's stream, starts it, and stays with it to its end; this returns at once.
    pub fn start(&self, wanted: v1::StartProcess) {
        let place = self.places.clone().try_acquire_owned().ok();
        let hello = v1::AttachHello { node_id: self.node_id.clone(), session_id: wanted.session_id.clone() };
        let (engine, client, stop) = (Arc::clone(&self.engine), self.client.clone(), self.stop.clone());
        self.running.spawn(async move {
            let (task_arn, session) = (wanted.task_arn.clone(), wanted.session_id.clone());
            let attended = async {
                match place {
                    Some(_) => attend(&*engine, client, hello, wanted, stop).await,
                    None => refuse(client, hello, "too many sessions run on this node").await,
                }
            };
            if let Err(why) = attended.await {
                tracing::info!(%task_arn, session, %why, "a session in a container has ended early");
            }
            drop(place);
        });
    }

    /// Ends all of them, and waits for that.
    pub async fn end(&self) {
        self.stop.cancel();
        self.running.close();
        if tokio::time::timeout(LAST_ENDS, self.running.wait()).await.is_err() {
            tracing::warn!("some processes in containers did not end in time");
        }
    }
}

/// The two ways of a process's stream.
struct Line {
    out: mpsc::Sender<v1::ProcessOutput>,
    inbound: Streaming<v1::ProcessInput>,
}

impl Line {
    async fn open(mut client: ProcessesClient<Channel>, hello: v1::AttachHello) -> Result<Line, String> {
        let (out, outbound) = mpsc::channel(OUTBOUND);
        say(&out, Said::Hello(hello)).await?;
        match tokio::time::timeout(PATIENCE, client.attach(ReceiverStream::new(outbound))).await {
            Ok(Ok(opened)) => Ok(Line { out, inbound: opened.into_inner() }),
            Ok(Err(status)) => Err(status.message().to_owned()),
            Err(_) => Err("the control plane did not answer".to_owned()),
        }
    }
}

async fn say(out: &mpsc::Sender<v1::ProcessOutput>, message: Said) -> Result<(), String> {
    let sent = out.send(v1::ProcessOutput { message: Some(message) }).await;
    sent.map_err(|_| "nobody listens any more".to_owned())
}

/// Says the last, and stays until the other end, which goes when it has it, has gone: a stream that is dropped before
/// would take it along.
async fn say_last(out: &mpsc::Sender<v1::ProcessOutput>, message: Said) -> Result<(), String> {
    say(out, message).await?;
    let _ = tokio::time::timeout(PATIENCE, out.closed()).await;
    Ok(())
}

async fn refuse(client: ProcessesClient<Channel>, hello: v1::AttachHello, why: &str) -> Result<(), String> {
    let line = Line::open(client, hello).await?;
    say_last(&line.out, Said::Failed(why.to_owned())).await
}

async fn attend(
    engine: &dyn Engine,
    client: ProcessesClient<Channel>,
    hello: v1::AttachHello,
    wanted: v1::StartProcess,
    stop: CancellationToken,
) -> Result<(), String> {
    let Line { out, inbound } = Line::open(client, hello).await?;
    let attach = Attach { id: wanted.session_id, args: wanted.args, terminal: wanted.terminal.map(size_of) };
    let started = match ContainerId::new(wanted.runtime_id) {
        Ok(id) => engine.attach(&id, &attach).await,
        Err(error) => Err(error),
    };
    let Attached { input, output, error, process } = match started {
        Ok(attached) => attached,
        Err(error) => return say_last(&out, Said::Failed(error.to_string())).await,
    };
    let over = CancellationToken::new();
    let carried = |from, as_message| {
        AbortOnDropHandle::new(tokio::spawn(carry(from, out.clone(), as_message, over.clone())))
    };
    let outputs = carried(output, Said::Output as fn(Bytes) -> Said);
    let errors = error.map(|error| carried(error, Said::Error));
    let feeding = async {
        feed(input, inbound, &*process).await;
        // The end of the input is not the end of the process; the end of the stream is.
        Err("nobody is at its terminal any more".to_owned())
    };
    let ending = async {
        let code = process.wait().await;
        over.cancel();
        // Where carrying failed, so will the last word.
        let _ = outputs.await;
        if let Some(errors) = errors {
            let _ = errors.await;
        }
        let last = match &code {
            Ok(code) => Said::ExitCode(*code),
            Err(error) => Said::Failed(error.to_string()),
        };
        say_last(&out, last).await
    };
    let ended = tokio::select! {
        told = ending => told,
        gone = feeding => gone,
        () = out.closed() => Err("nobody listens any more".to_owned()),
        () = stop.cancelled() => {
            // Whoever does not read now will see the stream end.
            let _ = out.try_send(v1::ProcessOutput { message: Some(Said::Failed(STOPPED.to_owned())) });
            Err(STOPPED.to_owned())
        }
    };
    process.end().await;
    ended
}

fn size_of(said: v1::TerminalSize) -> TerminalSize {
    let number = |number: u32| u16::try_from(number).unwrap_or(u16::MAX);
    TerminalSize { columns: number(said.columns), rows: number(said.rows) }
}

/// Carries output until it ends or nobody wants it; once the process is `over`, until none comes for a while.
async fn carry(
    mut from: Box<dyn AsyncRead + Send + Unpin>,
    to: mpsc::Sender<v1::ProcessOutput>,
    as_message: fn(Bytes) -> Said,
    over: CancellationToken,
) {
    let mut piece = bytes::BytesMut::new();
    loop {
        piece.reserve(PIECE_BYTES);
        let none_comes = async {
            over.cancelled().await;
            tokio::time::sleep(LAST_OUTPUT).await;
        };
        let read = tokio::select! {
            biased;
            read = from.read_buf(&mut piece) => read,
            () = none_comes => return tracing::debug!("what a process started holds its output open"),
        };
        match read {
            Ok(0) | Err(_) => return,
            Ok(_) => {
                if say(&to, as_message(piece.split().freeze())).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// Hands the process what comes for it, until the stream ends.
async fn feed(
    input: Box<dyn tokio::io::AsyncWrite + Send + Unpin>,
    mut inbound: Streaming<v1::ProcessInput>,
    process: &dyn gantry_runtime::AttachedProcess,
) {
    let mut input = Some(input);
    while let Ok(Some(message)) = inbound.message().await {
        let done = match message.message {
            Some(process_input::Message::Input(piece)) => match &mut input {
                Some(pipe) => pipe.write_all(&piece).await.map_err(|error| error.to_string()),
                None => Ok(()),
            },
            Some(process_input::Message::Size(size)) => {
                process.resize(size_of(size)).await.map_err(|error| error.to_string())
            }
            Some(process_input::Message::EndOfInput(_)) => {
                input = None;
                process.end_input().await.map_err(|error| error.to_string())
            }
            None => Ok(()),
        };
        if let Err(why) = done {
            tracing::debug!(why, "a process did not take what came for it");
        }
    }
}
