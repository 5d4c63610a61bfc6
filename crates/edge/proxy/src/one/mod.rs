//! HTTP/1 on the wire: heads and bodies, read from clients and written to targets and back.
//!
//! This is our own, as everything that a request costs is here: no task, no channel and no second parser stands between
//! a client's bytes and its target's. Heads of clients have passed the [gate](crate::gate) before they are understood.
//!
//! Read in this order: [`names`] (headers as they are written), [`framing`] (where bodies end), [`line`] (a client's
//! connection), [`server`] (its requests and answers), [`target`] (a connection to a target).

pub mod framing;
pub mod line;
pub mod names;
pub mod server;
pub mod target;
pub mod wire;

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, BytesMut};
use http::HeaderMap;
use http::header::CONNECTION;
use tokio::time::{Instant, Sleep};

/// Why a client's body ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// What came is no body.
    Malformed,
    /// Nothing came for too long.
    Late,
    /// The connection ended.
    Gone,
}

impl fmt::Display for Ended {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Ended::Malformed => "what came is no body",
            Ended::Late => "nothing came for too long",
            Ended::Gone => "the connection ended",
        })
    }
}

impl std::error::Error for Ended {}

/// A timer for deadlines that move with every request: it is set anew only when it rings too early.
pub struct Alarm(Pin<Box<Sleep>>);

impl Alarm {
    /// One that rings then.
    pub fn new(at: Instant) -> Alarm {
        Alarm(Box::pin(tokio::time::sleep_until(at)))
    }

    /// Ready at the deadline.
    pub fn poll_at(&mut self, deadline: Instant, cx: &mut Context<'_>) -> Poll<()> {
        if deadline < self.0.deadline() {
            self.0.as_mut().reset(deadline);
        }
        while self.0.as_mut().poll(cx).is_ready() {
            if self.0.deadline() >= deadline {
                return Poll::Ready(());
            }
            self.0.as_mut().reset(deadline);
        }
        Poll::Pending
    }
}

/// Takes off what was written. Where that is all, its room is there again from its begin.
pub fn written(out: &mut BytesMut, written: usize) {
    match written < out.len() {
        true => out.advance(written),
        false => out.clear(),
    }
}

/// Whether a message says so of its connection.
pub fn says(headers: &HeaderMap, word: &str) -> bool {
    let lists = headers.get_all(CONNECTION).iter();
    let mut options = lists.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    options.any(|option| option.trim_ascii().eq_ignore_ascii_case(word.as_bytes()))
}
