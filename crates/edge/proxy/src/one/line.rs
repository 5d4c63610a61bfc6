//! A client's connection: what was read of it, and the body of the request that it is at.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http_body::{Frame, SizeHint};
use tokio::io::AsyncWrite;
use tokio_util::io::poll_read_buf;

use super::framing::Reading;
use super::wire::{Bare, Wire};
use super::{Ended, written};
use crate::counts::Carried;
use crate::gate::MAX_HEAD;
use crate::gate::body::Next;
use crate::http::BoxError;
use crate::watched::Counts as _;

/// How much is read at once.
const READ: usize = 16 * 1024;
/// How much of later requests is read while one is being answered.
const AHEAD: usize = MAX_HEAD;
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// A client's connection.
pub struct Line {
    pub wire: Wire,
    /// Read and not yet taken.
    pub raw: BytesMut,
    /// The body of the request that is being answered.
    pub reading: Reading,
    carried: Arc<Carried>,
    /// What is left of the word that the client may go on, which it waits for.
    pub interim: &'static [u8],
}

impl Line {
    /// A new connection, whose bytes are counted there.
    pub fn new(wire: Wire, carried: Arc<Carried>) -> Line {
        Line { wire, raw: BytesMut::new(), reading: Reading::Over, carried, interim: &[] }
    }

    /// Its bytes, once it belongs to another protocol.
    pub fn bare(self) -> Bare {
        Bare { wire: self.wire, raw: self.raw }
    }

    /// Reads more; 0 where the connection ended.
    pub fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        self.raw.reserve(if self.reading.is_over() { READ / 4 } else { READ });
        let read = ready!(poll_read_buf(Pin::new(&mut self.wire), cx, &mut self.raw));
        self.carried.received(*read.as_ref().unwrap_or(&0));
        Poll::Ready(read)
    }

    /// A request's body comes next.
    pub fn begin(&mut self, reading: Reading, expects: bool) {
        let waits = expects && !reading.is_over() && self.raw.is_empty();
        self.interim = if waits { CONTINUE } else { &[] };
        self.reading = reading;
    }

    /// Holds no more than it needs while nothing comes.
    pub fn slim(&mut self) {
        if self.raw.is_empty() && self.raw.capacity() > READ / 2 {
            self.raw = BytesMut::new();
        }
    }

    /// Ready when the client is gone, while nobody reads from it.
    pub fn poll_gone(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while self.reading.is_over() && self.raw.len() < AHEAD {
            // Nearly all say nothing now, and no room need be made for that.
            ready!(self.wire.poll_readable(cx));
            match ready!(self.poll_more(cx)) {
                Ok(0) | Err(_) => return Poll::Ready(()),
                Ok(_) => {}
            }
        }
        Poll::Pending
    }

    /// Takes the rest of a body that nobody reads any more, as far as it is there; false where more has to come.
    pub fn skip(&mut self) -> bool {
        while !self.reading.is_over() {
            match self.reading.next(&mut self.raw) {
                Ok(Next::Data(_)) => {}
                Ok(Next::End(_)) => break,
                Ok(Next::More) | Err(_) => return false,
            }
        }
        true
    }

    /// Says that the client may go on, if it waits for that.
    fn poll_interim(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.interim.is_empty() {
            return Poll::Ready(Ok(()));
        }
        while !self.interim.is_empty() {
            let written = ready!(Pin::new(&mut self.wire).poll_write(cx, self.interim))?;
            self.interim = &self.interim[written..];
        }
        Pin::new(&mut self.wire).poll_flush(cx)
    }

    /// Writes all of `out` out. What was begun to be said before goes first.
    pub fn poll_out(&mut self, out: &mut BytesMut, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.interim.len() == CONTINUE.len() {
            // The answer says it all.
            true => self.interim = &[],
            false => ready!(self.poll_interim(cx))?,
        }
        while !out.is_empty() {
            match ready!(Pin::new(&mut self.wire).poll_write(cx, out))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                length => {
                    self.carried.sent(length);
                    written(out, length);
                }
            }
        }
        Pin::new(&mut self.wire).poll_flush(cx)
    }

    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Ended>>> {
        loop {
            if self.reading.is_over() {
                return Poll::Ready(None);
            }
            match self.reading.next(&mut self.raw) {
                Err(_) => return Poll::Ready(Some(Err(Ended::Malformed))),
                Ok(Next::Data(data)) => return Poll::Ready(Some(Ok(Frame::data(data)))),
                Ok(Next::End(trailers)) if trailers.is_empty() => return Poll::Ready(None),
                Ok(Next::End(trailers)) => return Poll::Ready(Some(Ok(Frame::trailers(trailers)))),
                Ok(Next::More) => {}
            }
            let more = match ready!(self.poll_interim(cx)) {
                Ok(()) => ready!(self.poll_more(cx)),
                Err(error) => Err(error),
            };
            if !matches!(more, Ok(1..)) {
                return Poll::Ready(Some(Err(Ended::Gone)));
            }
        }
    }
}

/// A connection that somebody may read a body of.
pub type Shared = Arc<Mutex<Line>>;

/// The connection, for one step.
pub fn locked(line: &Shared) -> MutexGuard<'_, Line> {
    line.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A client's body.
pub struct RequestBody(pub Shared);

impl http_body::Body for RequestBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        locked(&self.0).poll_frame(cx).map(|frame| frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        locked(&self.0).reading.is_over()
    }

    fn size_hint(&self) -> SizeHint {
        match locked(&self.0).reading {
            Reading::Over => SizeHint::with_exact(0),
            Reading::Length(left) => SizeHint::with_exact(left),
            Reading::Chunked(_) | Reading::UntilEnd => SizeHint::default(),
        }
    }
}
