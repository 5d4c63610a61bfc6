//! A WebSocket with both streams: what is pushed goes out in order and again until it is acknowledged, what comes in is
//! acknowledged and handed over in order.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures::{Sink, Stream};
use gantry_base::{Clock, Ids, OsIds, SystemClock};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, Sleep, sleep_until, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::protocol::frame::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message as Frame};

use crate::message::{
    ACKNOWLEDGE, CHANNEL_CLOSED, FLAG_FIRST, FLAG_LAST, INPUT, Malformed, Message, OUTPUT, PayloadType,
};
use crate::payload::{Acknowledge, ChannelClosed, json};
use crate::stream::{Incoming, Outgoing, Taken};

/// Larger messages end the connection.
const MAX_FRAME: usize = 128 * 1024;
/// Acknowledgements and messages that wait for the socket; while there are more, nothing is read.
const MOST_WAITING: usize = 1024;

/// Which end of a channel this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// At the process.
    Process,
    /// At the terminal.
    Client,
}

/// What was heard.
#[derive(Debug)]
pub enum Heard {
    /// A message of the other end's stream, in its turn.
    Data(Message),
    /// The other end says that it is over, and why.
    Over(ChannelClosed),
    /// The connection has ended.
    Gone,
}

/// Why a channel can't go on.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    #[error("the connection broke: {0}")]
    Socket(#[from] Box<Error>),
    #[error("{0}")]
    Malformed(#[from] Malformed),
    #[error("the other end acknowledges nothing any more")]
    Silent,
}

/// What becomes of what comes now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepts {
    Now,
    /// It is taken in, and acknowledged once more is wanted: the other end sends no more than a window meanwhile.
    Later,
    /// It is passed over, and will come again.
    Never,
}

pub struct Channel<S> {
    socket: WebSocketStream<S>,
    end: End,
    outgoing: Outgoing,
    incoming: Incoming,
    /// Heard and not handed over yet.
    ready: VecDeque<Message>,
    /// Frames that the socket has not taken yet.
    waiting: VecDeque<Frame>,
    unflushed: bool,
    timer: Pin<Box<Sleep>>,
    /// Acknowledgements that wait until more is wanted, by the number of what they acknowledge.
    held: VecDeque<(i64, Frame)>,
    pub accepts: Accepts,
}

/// The limits of a WebSocket that carries a channel.
pub fn limits() -> WebSocketConfig {
    WebSocketConfig::default()
        .max_message_size(Some(MAX_FRAME))
        .max_frame_size(Some(MAX_FRAME))
        .max_write_buffer_size(4 * MAX_FRAME)
        .write_buffer_size(0)
}

impl<S: AsyncRead + AsyncWrite + Unpin> Channel<S> {
    pub fn new(socket: WebSocketStream<S>, end: End) -> Self {
        Channel {
            socket,
            end,
            outgoing: Outgoing::default(),
            incoming: Incoming::default(),
            ready: VecDeque::new(),
            waiting: VecDeque::new(),
            unflushed: false,
            timer: Box::pin(sleep_until(Instant::now())),
            held: VecDeque::new(),
            accepts: Accepts::Now,
        }
    }

    /// Whether another message may be pushed.
    pub fn has_room(&self) -> bool {
        self.outgoing.has_room() && self.waiting.len() < MOST_WAITING / 2
    }

    /// Puts a message into our stream. [`Channel::next`] sends it.
    pub fn push(&mut self, payload_type: PayloadType, payload: Bytes) {
        self.push_flagged(payload_type, payload, 0);
    }

    /// The same as the last of its kind: there is no more input.
    pub fn push_last(&mut self, payload_type: PayloadType, payload: Bytes) {
        self.push_flagged(payload_type, payload, FLAG_LAST);
    }

    fn push_flagged(&mut self, payload_type: PayloadType, payload: Bytes, flags: u64) {
        let kind = match self.end {
            End::Process => OUTPUT,
            End::Client => INPUT,
        };
        let bytes = message(kind, self.outgoing.next(), flags, payload_type, payload).encode();
        self.outgoing.sent(bytes.clone(), Instant::now());
        self.waiting.push_back(Frame::Binary(bytes));
    }

    /// Sends what there is to send, and waits for what is heard next. It may be given up and asked again.
    pub async fn next(&mut self) -> Result<Heard, Broken> {
        std::future::poll_fn(|cx| self.poll_heard(cx)).await
    }

    fn poll_heard(&mut self, cx: &mut Context<'_>) -> Poll<Result<Heard, Broken>> {
        loop {
            let now = Instant::now();
            if self.accepts == Accepts::Now {
                self.waiting.extend(self.held.drain(..).map(|(_, frame)| frame));
            }
            if let Some(bytes) = self.outgoing.due(now).map_err(|_| Broken::Silent)?
                && self.waiting.len() < MOST_WAITING
            {
                self.waiting.push_back(Frame::Binary(bytes));
            }
            self.write(cx)?;
            if let Some(message) = self.ready.pop_front() {
                return Poll::Ready(Ok(Heard::Data(message)));
            }
            let full = self.waiting.len() >= MOST_WAITING;
            if !full && let Poll::Ready(frame) = Pin::new(&mut self.socket).poll_next(cx) {
                match frame {
                    None => return Poll::Ready(Ok(Heard::Gone)),
                    Some(Err(error)) => return Poll::Ready(ended(error)),
                    Some(Ok(frame)) => match self.take(frame)? {
                        Some(heard) => return Poll::Ready(Ok(heard)),
                        None => continue,
                    },
                }
            }
            match self.outgoing.deadline() {
                Some(at) => {
                    self.timer.as_mut().reset(at);
                    if self.timer.as_mut().poll(cx).is_pending() {
                        return Poll::Pending;
                    }
                }
                None => return Poll::Pending,
            }
        }
    }

    /// Gives the socket what it takes now.
    fn write(&mut self, cx: &mut Context<'_>) -> Result<(), Broken> {
        while !self.waiting.is_empty() {
            match Pin::new(&mut self.socket).poll_ready(cx) {
                Poll::Pending => break,
                Poll::Ready(Err(error)) => return ended(error).map(drop),
                Poll::Ready(Ok(())) => {
                    if let Some(frame) = self.waiting.pop_front() {
                        Pin::new(&mut self.socket).start_send(frame).map_err(Box::new)?;
                        self.unflushed = true;
                    }
                }
            }
        }
        if self.unflushed {
            match Pin::new(&mut self.socket).poll_flush(cx) {
                Poll::Pending => {}
                Poll::Ready(Err(error)) => return ended(error).map(drop),
                Poll::Ready(Ok(())) => self.unflushed = false,
            }
        }
        Ok(())
    }

    fn take(&mut self, frame: Frame) -> Result<Option<Heard>, Broken> {
        let bytes = match frame {
            Frame::Binary(bytes) => bytes,
            // AWS's client takes text as well, and so do we.
            Frame::Text(text) => Bytes::from(text),
            Frame::Ping(_) => {
                // The answer is written with what is written next.
                self.unflushed = true;
                return Ok(None);
            }
            Frame::Close(_) => return Ok(Some(Heard::Gone)),
            Frame::Pong(_) | Frame::Frame(_) => return Ok(None),
        };
        let message = Message::decode(&bytes)?;
        match (message.kind.as_str(), self.end) {
            (ACKNOWLEDGE, _) => {
                if let Ok(said) = serde_json::from_slice::<Acknowledge>(&message.payload) {
                    self.outgoing.acknowledged(said.sequence);
                }
            }
            (CHANNEL_CLOSED, End::Client) => {
                let said = serde_json::from_slice::<ChannelClosed>(&message.payload);
                return Ok(Some(said.map_or(Heard::Gone, Heard::Over)));
            }
            (INPUT, End::Process) | (OUTPUT, End::Client) => self.take_data(message),
            // Messages of other kinds are none of ours.
            _ => {}
        }
        Ok(None)
    }

    fn take_data(&mut self, data: Message) {
        let known = self.held.iter().any(|(sequence, _)| *sequence == data.sequence);
        if self.accepts == Accepts::Never || known {
            return;
        }
        let sequence = data.sequence;
        let said = Acknowledge {
            message_type: data.kind.clone(),
            message_id: data.uuid(),
            sequence: data.sequence,
            is_sequential_message: true,
        };
        if let Taken::Ready(ready) = self.incoming.take(data) {
            self.ready.extend(ready);
            let flags = FLAG_FIRST | FLAG_LAST;
            let message = message(ACKNOWLEDGE, 0, flags, PayloadType::None, json(&said));
            let frame = Frame::Binary(message.encode());
            match self.accepts {
                Accepts::Now => self.waiting.push_back(frame),
                Accepts::Later | Accepts::Never => self.held.push_back((sequence, frame)),
            }
        }
    }

    /// Waits, at most for so long, until the other end has everything; what it says meanwhile is passed over.
    pub async fn settle(&mut self, within: Duration) {
        let settled = std::future::poll_fn(|cx| {
            loop {
                match self.poll_heard(cx) {
                    Poll::Ready(Ok(Heard::Data(_))) => {}
                    Poll::Ready(_) => return Poll::Ready(()),
                    Poll::Pending
                        if self.outgoing.is_empty() && self.waiting.is_empty() && !self.unflushed =>
                    {
                        return Poll::Ready(());
                    }
                    Poll::Pending => return Poll::Pending,
                }
            }
        });
        // Otherwise it learns of the end all the same.
        let _ = timeout(within, settled).await;
    }

    /// Says that the session is over, and why.
    pub fn say_over(&mut self, session: &str, destination: &str, output: &str) {
        let mut over = message(CHANNEL_CLOSED, 0, FLAG_FIRST | FLAG_LAST, PayloadType::None, Bytes::new());
        over.payload = json(&ChannelClosed {
            message_id: over.uuid(),
            created_date: over.created_ms.to_string(),
            destination_id: destination.to_owned(),
            session_id: session.to_owned(),
            message_type: CHANNEL_CLOSED.to_owned(),
            schema_version: 1,
            output: output.to_owned(),
        });
        self.waiting.push_back(Frame::Binary(over.encode()));
    }

    /// Closes the connection in good order, at most for so long.
    pub async fn close(&mut self, frame: Option<CloseFrame>, within: Duration) {
        self.waiting.push_back(Frame::Close(frame));
        let closed = async { while !matches!(self.next().await, Ok(Heard::Gone) | Err(_)) {} };
        // Whoever does not answer is left.
        let _ = timeout(within, closed).await;
    }
}

/// An end that is no failure of ours.
fn ended(error: Error) -> Result<Heard, Broken> {
    match error {
        Error::ConnectionClosed | Error::AlreadyClosed => Ok(Heard::Gone),
        error => Err(Broken::Socket(Box::new(error))),
    }
}

fn message(kind: &str, sequence: i64, flags: u64, payload_type: PayloadType, payload: Bytes) -> Message {
    let mut id = [0; 16];
    OsIds.fill(&mut id);
    // A UUID of version 4.
    id[6] = (id[6] & 0x0f) | 0x40;
    id[8] = (id[8] & 0x3f) | 0x80;
    Message {
        kind: kind.to_owned(),
        created_ms: u64::try_from(SystemClock.now().as_millis()).unwrap_or_default(),
        sequence,
        flags,
        id,
        payload_type,
        payload,
    }
}
