//! What stands between a client's HTTP/1 bytes and the parser: only bytes whose framing is beyond doubt get through.
//!
//! The parser behind the gate, and the target behind that, could each take an odd request for something else than the
//! other does, and a request could be smuggled between the two. So the gate frames what comes by itself, by the letter
//! of RFC 9112, and lets nothing through that it would have to guess at. A refused head is replaced by a request that
//! says so, which only the gate can make, so that the answer goes out in its turn.
//!
//! Read in this order: [`head`] (pure), [`body`] (pure), then [`Gate`].

pub mod body;
pub mod head;

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use futures::task::AtomicWaker;
use gantry_elb_core::configuration::Desync;
use http::HeaderName;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;
use tokio_util::io::poll_read_buf;

use body::Chunks;
use head::{Framing, Verdict};

/// The most that a head may have, as AWS has it.
pub const MAX_HEAD: usize = 64 * 1024;

/// The header by which the gate speaks to whoever handles the request. No client can know it.
static MARK: LazyLock<HeaderName> = LazyLock::new(|| {
    let name = format!("x-gate-{}", hex::encode(rand::random::<[u8; 16]>()));
    HeaderName::from_bytes(name.as_bytes()).expect("letters, digits and hyphens")
});

/// What the gate says of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// It was refused: answer with this status and close.
    Refused(u16),
    /// It is ambiguous: pass it on, and close both connections after it.
    CloseAfter,
}

/// Takes the gate's word out of a request.
pub fn said(headers: &mut http::HeaderMap) -> Option<Said> {
    let value = headers.remove(&*MARK)?;
    Some(match value.to_str().ok().and_then(|text| text.parse().ok()) {
        Some(status) => Said::Refused(status),
        None => Said::CloseAfter,
    })
}

/// What follows a request to change the protocol is decided by its answer.
#[derive(Debug, Default)]
pub struct Turn {
    decided: AtomicU8,
    waker: AtomicWaker,
}

/// What is no chunk, and no part of one, wherever it stands.
const NO_CHUNK: &[u8] = b"\r\r";

const HTTP: u8 = 1;
const TUNNEL: u8 = 2;

impl Turn {
    /// The connection belongs to another protocol from now on, or goes on with HTTP.
    pub fn decide(&self, tunnel: bool) {
        self.decided.store(if tunnel { TUNNEL } else { HTTP }, Ordering::Release);
        self.waker.wake();
    }
}

enum Phase {
    Head,
    Length(u64),
    Chunked(Chunks),
    /// A request to change the protocol is being answered.
    Awaiting,
    Tunnel,
    /// Nothing more is read.
    Closed,
}

/// A client's connection behind the gate.
pub struct Gate<S> {
    inner: S,
    mode: Desync,
    /// How long the rest of a head may take.
    idle: Duration,
    late: Option<Pin<Box<Sleep>>>,
    phase: Phase,
    /// Read and not yet understood.
    raw: BytesMut,
    /// Understood and not yet taken.
    ready: BytesMut,
    turn: Arc<Turn>,
}

impl<S> Gate<S> {
    /// A gate before a connection.
    pub fn new(inner: S, mode: Desync, idle: Duration) -> Self {
        let (raw, ready) = (BytesMut::new(), BytesMut::new());
        Gate { inner, mode, idle, late: None, phase: Phase::Head, raw, ready, turn: Arc::default() }
    }

    /// Where the answer to a request to change the protocol is told.
    pub fn turn(&self) -> Arc<Turn> {
        self.turn.clone()
    }

    /// Moves what is understood from `raw` to `ready`, as far as it goes.
    fn advance(&mut self) {
        while !self.raw.is_empty() {
            match &mut self.phase {
                Phase::Head => {
                    // Empty lines before a request are allowed, and dropped.
                    while self.raw.starts_with(b"\r\n") {
                        self.raw.advance(2);
                    }
                    let Some(end) = head::end(&self.raw) else {
                        if self.raw.len() > MAX_HEAD {
                            self.refuse(400);
                        }
                        return;
                    };
                    let head = self.raw.split_to(end);
                    if head.len() > MAX_HEAD {
                        self.refuse(400);
                        return;
                    }
                    match head::inspect(&head, self.mode) {
                        Verdict::Refuse(status) => self.refuse(status),
                        Verdict::Pass(passed) => {
                            self.ready.extend_from_slice(&head[..head.len() - 2]);
                            if passed.close_after {
                                self.mark("close");
                            }
                            self.ready.extend_from_slice(b"\r\n");
                            self.phase = match passed.framing {
                                _ if passed.changes_protocol => {
                                    self.turn.decided.store(0, Ordering::Release);
                                    Phase::Awaiting
                                }
                                Framing::None | Framing::Length(0) => Phase::Head,
                                Framing::Length(length) => Phase::Length(length),
                                Framing::Chunked => Phase::Chunked(Chunks::default()),
                            };
                        }
                    }
                }
                Phase::Length(left) => {
                    let taken = usize::try_from(*left).unwrap_or(usize::MAX).min(self.raw.len());
                    *left -= taken as u64;
                    if *left == 0 {
                        self.phase = Phase::Head;
                    }
                    let part = self.raw.split_to(taken);
                    self.ready.unsplit(part);
                }
                Phase::Chunked(chunks) => {
                    let mut taken = 0;
                    let walked = chunks.walk(&self.raw, &mut taken);
                    if chunks.is_done() {
                        self.phase = Phase::Head;
                    }
                    let part = self.raw.split_to(taken);
                    self.ready.unsplit(part);
                    if walked.is_err() {
                        // The parser finds out by itself, and so the request is answered.
                        self.ready.extend_from_slice(NO_CHUNK);
                        self.phase = Phase::Closed;
                        return;
                    }
                    if taken == 0 {
                        return;
                    }
                }
                Phase::Tunnel => {
                    let part = self.raw.split();
                    self.ready.unsplit(part);
                }
                Phase::Awaiting | Phase::Closed => return,
            }
        }
    }

    /// Whether a head was begun and its rest did not come in time.
    fn poll_late(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.raw.is_empty() || !matches!(self.phase, Phase::Head) {
            return Poll::Pending;
        }
        let idle = self.idle;
        self.late.get_or_insert_with(|| Box::pin(tokio::time::sleep(idle))).as_mut().poll(cx)
    }

    fn mark(&mut self, what: &str) {
        self.ready.extend_from_slice(MARK.as_str().as_bytes());
        self.ready.extend_from_slice(b": ");
        self.ready.extend_from_slice(what.as_bytes());
        self.ready.extend_from_slice(b"\r\n");
    }

    fn refuse(&mut self, status: u16) {
        self.ready.extend_from_slice(b"GET / HTTP/1.1\r\nhost: gate\r\nconnection: close\r\n");
        self.mark(&status.to_string());
        self.ready.extend_from_slice(b"\r\n");
        self.phase = Phase::Closed;
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Gate<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            if !this.ready.is_empty() {
                let taken = this.ready.len().min(buf.remaining());
                buf.put_slice(&this.ready[..taken]);
                this.ready.advance(taken);
                return Poll::Ready(Ok(()));
            }
            match this.phase {
                // The answer must go out before the connection ends, and what still comes must not cut it short: it is
                // read and dropped, and its end is nobody's business any more.
                Phase::Closed => {
                    this.raw.clear();
                    this.raw.reserve(8 * 1024);
                    return match ready!(poll_read_buf(Pin::new(&mut this.inner), cx, &mut this.raw)) {
                        Ok(1..) => continue,
                        Ok(0) | Err(_) => Poll::Pending,
                    };
                }
                Phase::Awaiting => {
                    this.turn.waker.register(cx.waker());
                    this.phase = match this.turn.decided.load(Ordering::Acquire) {
                        HTTP => Phase::Head,
                        TUNNEL => Phase::Tunnel,
                        _ => return Poll::Pending,
                    };
                    this.advance();
                    continue;
                }
                Phase::Tunnel if this.raw.is_empty() => return Pin::new(&mut this.inner).poll_read(cx, buf),
                _ => {}
            }
            this.advance();
            if !this.ready.is_empty() {
                continue;
            }
            this.raw.reserve(8 * 1024);
            let Poll::Ready(read) = poll_read_buf(Pin::new(&mut this.inner), cx, &mut this.raw) else {
                ready!(this.poll_late(cx));
                this.refuse(408);
                continue;
            };
            this.late = None;
            if read? == 0 {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Gate<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
