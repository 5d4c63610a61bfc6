//! The other end: a client that Gantry brings along.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use gantry_base::{Ids, OsIds};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_tungstenite::client_async_with_config;
use tokio_tungstenite::tungstenite::{Error, Message as Frame};

use crate::channel::{Accepts, Broken, Channel, End, Heard, limits};
use crate::message::{Message, PayloadType};
use crate::payload::{
    self, HandshakeRequest, HandshakeResponse, OpenDataChannel, OwnClient, ProcessedAction, SUCCESS, Size,
};

/// How long the endpoint may take to open a channel.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a farewell may take to be answered.
const FAREWELL: Duration = Duration::from_secs(1);
/// Pieces of output that may wait for whoever reads them: from the first on nothing more is asked for, and what comes
/// all the same is passed over from the second on.
const MANY_WAITING: usize = 32;
const MOST_WAITING: usize = 1024;
const PIECE: usize = 16 * 1024;
/// `ActionStatus` of an action that nobody knows.
const UNSUPPORTED: i64 = 3;

/// Where a session is, and what opens it.
#[derive(Debug, Clone)]
pub struct Ticket {
    pub stream_url: String,
    pub token: String,
}

/// What goes into a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    Bytes(Bytes),
    /// Without a terminal: there is no more.
    End,
    Size(Size),
}

/// What comes out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    Output(Bytes),
    Error(Bytes),
}

/// How a session ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// None: the process was not waited for, or did not start.
    pub exit_code: Option<i32>,
    /// What else there is to say.
    pub words: String,
}

/// Why a session had no end.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("the session's stream can't be opened: {0}")]
    Open(#[from] Box<Error>),
    #[error("the session's stream can't be opened within {PATIENCE:?}")]
    Slow,
    #[error(transparent)]
    Broken(#[from] Broken),
    #[error("the connection has ended before the session did")]
    Gone,
}

/// Has a session over `stream`, which leads to the ticket's host. `terminal` is the size of the terminal; without one,
/// output and errors are apart.
pub async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    ticket: &Ticket,
    terminal: Option<Size>,
    mut input: mpsc::Receiver<Input>,
    output: mpsc::Sender<Output>,
) -> Result<Outcome, ClientError> {
    let opening = async {
        let opened = client_async_with_config(&ticket.stream_url, stream, Some(limits())).await;
        let (mut socket, _) = opened.map_err(Box::new)?;
        let first = OpenDataChannel {
            message_schema_version: "1.0".to_owned(),
            request_id: OsIds.uuid(),
            token_value: ticket.token.clone(),
            client_id: OsIds.uuid(),
            client_version: concat!(env!("CARGO_PKG_VERSION"), ".0").to_owned(),
            gantry: Some(OwnClient { terminal: terminal.is_some() }),
        };
        let text = String::from_utf8_lossy(&payload::json(&first)).into_owned();
        futures::SinkExt::send(&mut socket, Frame::Text(text.into())).await.map_err(Box::new)?;
        Ok::<_, ClientError>(Channel::new(socket, End::Client))
    };
    let channel = timeout(PATIENCE, opening).await.map_err(|_| ClientError::Slow)??;
    let mut session =
        Session { channel, begun: false, waiting: VecDeque::new(), outcome: Outcome::default() };
    let mut open = true;
    loop {
        session.channel.accepts = match session.waiting.len() {
            few if few < MANY_WAITING => Accepts::Now,
            many if many < MOST_WAITING => Accepts::Later,
            _ => Accepts::Never,
        };
        tokio::select! {
            heard = session.channel.next() => match heard? {
                Heard::Data(message) => session.take(message, terminal),
                Heard::Over(over) => {
                    session.outcome.words = over.output;
                    break;
                }
                Heard::Gone if session.outcome.exit_code.is_some() => break,
                Heard::Gone => return Err(ClientError::Gone),
            },
            piece = input.recv(), if open && session.begun && session.channel.has_room() => match piece {
                Some(one) => session.put(one),
                None => open = false,
            },
            permit = output.reserve(), if !session.waiting.is_empty() => match (permit, session.waiting.pop_front()) {
                (Ok(permit), Some(piece)) => permit.send(piece),
                // Nobody reads any more, as when a pipe's reader has gone.
                _ => break,
            },
        }
    }
    for piece in session.waiting.drain(..) {
        if output.send(piece).await.is_err() {
            break;
        }
    }
    session.channel.close(None, FAREWELL).await;
    Ok(session.outcome)
}

struct Session<S> {
    channel: Channel<S>,
    begun: bool,
    waiting: VecDeque<Output>,
    outcome: Outcome,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    fn take(&mut self, message: Message, terminal: Option<Size>) {
        match message.payload_type {
            PayloadType::Output | PayloadType::None => {
                self.waiting.push_back(Output::Output(message.payload))
            }
            PayloadType::StandardError => self.waiting.push_back(Output::Error(message.payload)),
            PayloadType::ExitCode => {
                let code = std::str::from_utf8(&message.payload).ok().and_then(|text| text.parse().ok());
                self.outcome.exit_code = code;
            }
            PayloadType::HandshakeRequest => self.answer(&message.payload),
            PayloadType::HandshakeComplete => {
                self.begun = true;
                if let Some(size) = terminal {
                    self.channel.push(PayloadType::Size, payload::json(&size));
                }
            }
            // What belongs to other kinds of sessions.
            _ => {}
        }
    }

    fn answer(&mut self, request: &[u8]) {
        let request = serde_json::from_slice::<HandshakeRequest>(request);
        let actions = request.map(|request| request.requested_client_actions).unwrap_or_default();
        let processed = |action: payload::RequestedAction| {
            let known = action.action_type == "SessionType";
            ProcessedAction {
                action_status: if known { SUCCESS } else { UNSUPPORTED },
                error: if known {
                    String::new()
                } else {
                    format!("Unsupported action {}", action.action_type)
                },
                action_type: action.action_type,
                action_result: serde_json::Value::Null,
            }
        };
        let response = HandshakeResponse {
            client_version: concat!(env!("CARGO_PKG_VERSION"), ".0").to_owned(),
            processed_client_actions: Some(actions.into_iter().map(processed).collect()),
            errors: None,
        };
        self.channel.push(PayloadType::HandshakeResponse, payload::json(&response));
    }

    fn put(&mut self, input: Input) {
        match input {
            Input::Bytes(bytes) => {
                let mut at = 0;
                while at < bytes.len() {
                    let end = (at + PIECE).min(bytes.len());
                    self.channel.push(PayloadType::Output, bytes.slice(at..end));
                    at = end;
                }
            }
            Input::End => self.channel.push_last(PayloadType::Output, Bytes::new()),
            Input::Size(size) => self.channel.push(PayloadType::Size, payload::json(&size)),
        }
    }
}
