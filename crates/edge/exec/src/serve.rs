//! Our end: a client comes with a token, shakes hands, and has its process.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use gantry_service::processes::{
    EnteredSession, FromProcess, RemoteProcess, Sessions, TerminalSize, ToProcess,
};
use http::header::{CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::protocol::frame::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::channel::{Accepts, Channel, End, Heard, limits};
use crate::message::{FLAG_LAST, Message, PayloadType};
use crate::payload::{
    self, FLAG_TERMINATE_SESSION, HandshakeComplete, HandshakeRequest, HandshakeResponse, OpenDataChannel,
    RequestedAction, SUCCESS, Size,
};

/// Channels at once.
const MOST: usize = 1024;
/// How long a client may take to bring its token, and to answer our handshake.
const TOKEN: Duration = Duration::from_secs(15);
const HANDSHAKE: Duration = Duration::from_secs(30);
/// How long a process waits for the size of its terminal, which clients send first.
const FIRST_SIZE: Duration = Duration::from_millis(500);
/// The terminal of a client that does not say.
const USUAL: TerminalSize = TerminalSize { columns: 80, rows: 24 };
/// AWS's timeout of a session in which nothing happens, which can't be changed there either.
const IDLE: Duration = Duration::from_secs(20 * 60);
/// How long the last output may take to be acknowledged: whoever reads it may have stopped for a while.
const LAST_OUTPUT: Duration = Duration::from_secs(5 * 60);
/// How long all sessions may take to end with Gantry, and a farewell to be answered.
const LAST: Duration = Duration::from_secs(5);
const FAREWELL: Duration = Duration::from_secs(2);
/// Bytes that may wait for a process which does not read: from the first on nothing more is asked for, and what comes
/// all the same is passed over from the second on.
const MUCH_INPUT: usize = 256 * 1024;
const MOST_INPUT: usize = 8 << 20;
/// A message's share of output, for AWS's clients and for our own.
const PIECE: usize = 1024;
const OWN_PIECE: usize = 16 * 1024;

/// The data channels of one endpoint. Cheap to clone.
#[derive(Clone)]
pub struct DataChannels {
    sessions: Arc<dyn Sessions>,
    places: Arc<Semaphore>,
    open: TaskTracker,
    ended: CancellationToken,
    idle: Duration,
}

impl DataChannels {
    pub fn new(sessions: Arc<dyn Sessions>) -> Self {
        DataChannels {
            sessions,
            places: Arc::new(Semaphore::new(MOST)),
            open: TaskTracker::new(),
            ended: CancellationToken::new(),
            idle: IDLE,
        }
    }

    /// With another timeout than AWS's for sessions in which nothing happens.
    pub fn with_idle_timeout(self, idle: Duration) -> Self {
        DataChannels { idle, ..self }
    }

    /// Ends all sessions, and waits a moment for that.
    pub async fn end(&self) {
        self.ended.cancel();
        self.open.close();
        let _ = timeout(LAST, self.open.wait()).await;
    }

    /// Answers a request whose path ends with a session's id: it becomes a data channel.
    pub fn answer(&self, mut request: Request<Incoming>) -> Response<Full<Bytes>> {
        let session = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
        let Some(accept) = accept_key(request.method(), request.headers()) else {
            let mut answer = plain(StatusCode::UPGRADE_REQUIRED, "a data channel is a WebSocket\n");
            answer.headers_mut().insert(UPGRADE, HeaderValue::from_static("websocket"));
            return answer;
        };
        let Ok(place) = self.places.clone().try_acquire_owned() else {
            return plain(StatusCode::SERVICE_UNAVAILABLE, "too many channels are open\n");
        };
        let upgraded = hyper::upgrade::on(&mut request);
        let channels = self.clone();
        self.open.spawn(async move {
            match upgraded.await {
                Ok(upgraded) => channels.converse(&session, TokioIo::new(upgraded)).await,
                Err(error) => tracing::debug!(session, %error, "a data channel did not begin"),
            }
            drop(place);
        });
        let mut answer = Response::new(Full::default());
        *answer.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = answer.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
        answer
    }

    /// One connection, from its first byte after the upgrade.
    pub async fn converse<S: AsyncRead + AsyncWrite + Unpin>(&self, session: &str, stream: S) {
        let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, Some(limits())).await;
        let opened = tokio::select! {
            opened = timeout(TOKEN, open(&mut socket)) => opened.ok().flatten(),
            () = self.ended.cancelled() => None,
        };
        let entered = opened.and_then(|opened| {
            self.sessions.enter(session, &opened.token_value).map(|entered| (entered, opened))
        });
        let Some((entered, opened)) = entered else {
            tracing::info!(session, "a data channel was refused: it brought no token that holds");
            let frame = CloseFrame { code: CloseCode::Policy, reason: "The token is not valid.".into() };
            return Channel::new(socket, End::Process).close(Some(frame), FAREWELL).await;
        };
        let channel = Channel::new(socket, End::Process);
        let attended = Attended { entered, own: opened.gantry.is_some(), channel, idle: self.idle };
        let terminal = opened.gantry.is_none_or(|own| own.terminal);
        attended.run(&*self.sessions, terminal, &self.ended).await;
    }
}

/// The client's first words.
async fn open<S: AsyncRead + AsyncWrite + Unpin>(socket: &mut WebSocketStream<S>) -> Option<OpenDataChannel> {
    loop {
        match socket.next().await?.ok()? {
            Frame::Text(text) => return serde_json::from_str(&text).ok(),
            Frame::Binary(bytes) => return serde_json::from_slice(&bytes).ok(),
            Frame::Ping(_) | Frame::Pong(_) => {}
            Frame::Close(_) | Frame::Frame(_) => return None,
        }
    }
}

/// What is answered to a request for a WebSocket ([RFC 6455](https://www.rfc-editor.org/rfc/rfc6455#section-4.2)).
fn accept_key(method: &Method, headers: &HeaderMap) -> Option<HeaderValue> {
    let has = |name: HeaderName, wanted: &str| {
        let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|value| value.trim().eq_ignore_ascii_case(wanted))
    };
    let asks = method == Method::GET
        && has(UPGRADE, "websocket")
        && has(CONNECTION, "upgrade")
        && has(SEC_WEBSOCKET_VERSION, "13");
    let key = headers.get(SEC_WEBSOCKET_KEY).filter(|_| asks)?;
    derive_accept_key(key.as_bytes()).parse().ok()
}

fn plain(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::from(text));
    *answer.status_mut() = status;
    answer
}

/// A client that was let in.
struct Attended<S> {
    entered: EnteredSession,
    /// It is Gantry's own client, which tells exit codes and errors from output.
    own: bool,
    channel: Channel<S>,
    idle: Duration,
}

/// How a session ended.
enum Ended {
    /// What the client is told, where it is still there.
    Told(String),
    ClientGone,
}

fn told(words: impl Into<String>) -> Ended {
    Ended::Told(words.into())
}

impl<S: AsyncRead + AsyncWrite + Unpin> Attended<S> {
    async fn run(mut self, sessions: &dyn Sessions, terminal: bool, stop: &CancellationToken) {
        let ended = tokio::select! {
            ended = self.attend(sessions, terminal) => ended,
            () = stop.cancelled() => told("Gantry is ending."),
        };
        let why = match &ended {
            Ended::Told(words) => words.as_str(),
            Ended::ClientGone => "its client has gone",
        };
        tracing::info!(session = self.entered.id, why, "a session in a container has ended");
        if let Ended::Told(words) = ended {
            self.channel.accepts = Accepts::Now;
            self.channel.settle(LAST_OUTPUT).await;
            self.channel.say_over(&self.entered.id, &self.entered.target, &words);
            self.channel.close(None, FAREWELL).await;
        }
    }

    async fn attend(&mut self, sessions: &dyn Sessions, terminal: bool) -> Ended {
        let mut inbox = Inbox::default();
        if let Err(ended) = self.shake_hands(terminal, &mut inbox).await {
            return ended;
        }
        let mut size = None;
        if terminal {
            if let Err(ended) = self.first_size(&mut inbox).await {
                return ended;
            }
            size = Some(inbox.take_size().unwrap_or(USUAL));
        }
        match sessions.start(&self.entered, size).await {
            Ok(process) => self.carry(process, inbox).await,
            Err(why) => failed_to_start(&why),
        }
    }

    /// Tells the client what kind of session it is, and hears that it can have it.
    async fn shake_hands(&mut self, terminal: bool, inbox: &mut Inbox) -> Result<(), Ended> {
        let began = Instant::now();
        let kind = if terminal { "InteractiveCommands" } else { "NonInteractiveCommands" };
        let request = HandshakeRequest {
            agent_version: concat!(env!("CARGO_PKG_VERSION"), ".0").to_owned(),
            requested_client_actions: vec![RequestedAction {
                action_type: "SessionType".to_owned(),
                action_parameters: json!({
                    "SessionType": kind,
                    "Properties": { "linux": { "commands": self.entered.command, "runAsElevated": false } },
                }),
            }],
        };
        self.channel.push(PayloadType::HandshakeRequest, payload::json(&request));
        loop {
            let heard = timeout_at(began + HANDSHAKE, self.channel.next()).await;
            let heard = heard.map_err(|_| told("The client did not answer the handshake."))?;
            match heard {
                Ok(Heard::Data(message)) if message.payload_type == PayloadType::HandshakeResponse => {
                    let answered: HandshakeResponse = serde_json::from_slice(&message.payload)
                        .map_err(|_| told("The client's answer to the handshake can't be read."))?;
                    let actions = answered.processed_client_actions.unwrap_or_default();
                    if let Some(refused) = actions.iter().find(|action| action.action_status != SUCCESS) {
                        return Err(told(format!("The client can't have this session: {}", refused.error)));
                    }
                    break;
                }
                Ok(Heard::Data(message)) => inbox.take(message).map_err(told)?,
                Ok(Heard::Over(_) | Heard::Gone) | Err(_) => return Err(Ended::ClientGone),
            }
        }
        let complete = HandshakeComplete {
            handshake_time_to_complete: i64::try_from(began.elapsed().as_nanos()).unwrap_or(i64::MAX),
            customer_message: String::new(),
        };
        self.channel.push(PayloadType::HandshakeComplete, payload::json(&complete));
        Ok(())
    }

    /// Waits a moment for the size of the client's terminal, so that the process begins with it.
    async fn first_size(&mut self, inbox: &mut Inbox) -> Result<(), Ended> {
        let deadline = Instant::now() + FIRST_SIZE;
        while !inbox.has_size() {
            match timeout_at(deadline, self.channel.next()).await {
                Err(_) => return Ok(()),
                Ok(Ok(Heard::Data(message))) => inbox.take(message).map_err(told)?,
                Ok(Ok(Heard::Over(_) | Heard::Gone) | Err(_)) => return Err(Ended::ClientGone),
            }
        }
        Ok(())
    }

    /// Carries input and output until either side ends.
    async fn carry(&mut self, process: RemoteProcess, mut inbox: Inbox) -> Ended {
        let RemoteProcess { input, mut output } = process;
        let mut began = false;
        let mut idle_at = Instant::now() + self.idle;
        loop {
            self.channel.accepts = inbox.accepts();
            tokio::select! {
                heard = self.channel.next() => match heard {
                    Ok(Heard::Data(message)) => {
                        idle_at = Instant::now() + self.idle;
                        if let Err(words) = inbox.take(message) {
                            return told(words);
                        }
                    }
                    Ok(Heard::Over(_) | Heard::Gone) => return Ended::ClientGone,
                    Err(error) => {
                        tracing::debug!(session = self.entered.id, %error, "a data channel broke");
                        return Ended::ClientGone;
                    }
                },
                said = output.recv(), if self.channel.has_room() => {
                    idle_at = Instant::now() + self.idle;
                    match said {
                        Some(FromProcess::Output(bytes)) => self.push(PayloadType::Output, &bytes),
                        Some(FromProcess::Error(bytes)) => self.push(PayloadType::StandardError, &bytes),
                        Some(FromProcess::Exited(code)) => {
                            if self.own {
                                self.channel.push(PayloadType::ExitCode, code.to_string().into());
                            }
                            return told("");
                        }
                        Some(FromProcess::Failed(why)) if began => return told(why),
                        Some(FromProcess::Failed(why)) => return failed_to_start(&why),
                        None => return told("The connection to the container's machine was lost."),
                    }
                    began = true;
                }
                permit = input.reserve(), if inbox.is_filled() => match (permit, inbox.pop()) {
                    (Ok(permit), Some(one)) => permit.send(one),
                    // Its last word is on its way.
                    _ => inbox.shut(),
                },
                () = sleep_until(idle_at) => {
                    return told("The session was idle for too long and has timed out.");
                }
            }
        }
    }

    fn push(&mut self, payload_type: PayloadType, bytes: &Bytes) {
        let piece = if self.own { OWN_PIECE } else { PIECE };
        let mut at = 0;
        while at < bytes.len() {
            let end = (at + piece).min(bytes.len());
            self.channel.push(payload_type, bytes.slice(at..end));
            at = end;
        }
    }
}

/// As AWS's agent says it.
fn failed_to_start(why: &str) -> Ended {
    told(format!("----------ERROR-------\nUnable to start command: {why}"))
}

/// What has come for a process.
#[derive(Default)]
struct Inbox {
    waiting: VecDeque<ToProcess>,
    bytes: usize,
    /// The process takes nothing any more.
    shut: bool,
}

impl Inbox {
    /// Takes in a message of the client's stream; an error is why the session ends.
    fn take(&mut self, message: Message) -> Result<(), String> {
        match message.payload_type {
            PayloadType::Output | PayloadType::None => {
                if !message.payload.is_empty() {
                    self.put(ToProcess::Input(message.payload));
                }
                if message.flags & FLAG_LAST != 0 {
                    self.put(ToProcess::EndOfInput);
                }
            }
            PayloadType::Size => {
                if let Ok(size) = serde_json::from_slice::<Size>(&message.payload) {
                    self.put(ToProcess::Size(TerminalSize { columns: size.cols, rows: size.rows }));
                }
            }
            PayloadType::Flag if *message.payload == FLAG_TERMINATE_SESSION.to_be_bytes() => {
                return Err("The session was terminated.".to_owned());
            }
            // What belongs to other kinds of sessions.
            _ => {}
        }
        Ok(())
    }

    fn put(&mut self, one: ToProcess) {
        if self.shut {
            return;
        }
        self.bytes += weight(&one);
        self.waiting.push_back(one);
    }

    fn pop(&mut self) -> Option<ToProcess> {
        let one = self.waiting.pop_front()?;
        self.bytes -= weight(&one);
        Some(one)
    }

    fn take_size(&mut self) -> Option<TerminalSize> {
        let at = self.waiting.iter().position(|one| matches!(one, ToProcess::Size(_)))?;
        match self.waiting.remove(at)? {
            ToProcess::Size(size) => {
                self.bytes -= weight(&ToProcess::Size(size));
                Some(size)
            }
            ToProcess::Input(_) | ToProcess::EndOfInput => None,
        }
    }

    fn has_size(&self) -> bool {
        self.waiting.iter().any(|one| matches!(one, ToProcess::Size(_)))
    }

    fn accepts(&self) -> Accepts {
        match self.bytes {
            few if few < MUCH_INPUT => Accepts::Now,
            much if much < MOST_INPUT => Accepts::Later,
            _ => Accepts::Never,
        }
    }

    fn is_filled(&self) -> bool {
        !self.waiting.is_empty()
    }

    fn shut(&mut self) {
        *self = Inbox { shut: true, ..Inbox::default() };
    }
}

/// What counts of it, so that many small ones are bounded too.
fn weight(one: &ToProcess) -> usize {
    const EACH: usize = 64;
    match one {
        ToProcess::Input(bytes) => bytes.len() + EACH,
        ToProcess::EndOfInput | ToProcess::Size(_) => EACH,
    }
}
