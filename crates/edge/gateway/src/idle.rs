//! Connections that bring nothing: those that never begin, and those that have nothing more to ask.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use http_body::{Body, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

/// The first bytes decide which HTTP it is: so many are in the opening of HTTP/2, and in the shortest request
/// of HTTP/1.1 that is served.
const OPENING: usize = 24;

/// A stream whose first bytes must come in time. Only after them do the timeouts of HTTP itself begin.
pub(crate) struct Opening<S> {
    stream: S,
    missing: usize,
    deadline: Pin<Box<Sleep>>,
}

impl<S> Opening<S> {
    pub(crate) fn new(stream: S, within: Duration) -> Self {
        Opening { stream, missing: OPENING, deadline: Box::pin(tokio::time::sleep(within)) }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Opening<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        if self.missing > 0 {
            self.missing = self.missing.saturating_sub(buf.filled().len() - before);
            if read.is_pending() && self.deadline.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "no request began in time")));
            }
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Opening<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }
    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// How many requests of a connection are under way, and since when there is none.
pub(crate) struct Busy(Mutex<State>);

struct State {
    under_way: usize,
    idle_since: Instant,
}

/// One request under way, until it is dropped.
pub(crate) struct Working(Arc<Busy>);

impl Busy {
    pub(crate) fn new() -> Busy {
        Busy(Mutex::new(State { under_way: 0, idle_since: Instant::now() }))
    }

    pub(crate) fn begin(busy: &Arc<Busy>) -> Working {
        busy.with(|state| state.under_way += 1);
        Working(busy.clone())
    }

    /// Ends when there has been no request for so long.
    pub(crate) async fn idle_for(&self, long: Duration) {
        loop {
            let left = self.with(|state| match state.under_way {
                0 => long.saturating_sub(state.idle_since.elapsed()),
                _ => long,
            });
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left).await;
        }
    }

    fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.0.with(|state| {
            state.under_way -= 1;
            state.idle_since = Instant::now();
        });
    }
}

/// A body whose request is under way until all of it has been sent.
pub(crate) struct Sent<B> {
    pub body: B,
    pub _working: Working,
}

impl<B: Body + Unpin> Body for Sent<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }
    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }
    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
