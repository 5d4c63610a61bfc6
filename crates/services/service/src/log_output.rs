//! Container output on its way from ECS to CloudWatch Logs, and how far a source has come.
//!
//! Output is numbered by its bytes, and each batch says which part of its source it is. The part and the events are
//! stored in one transaction, and what is sent again after a crash is told from what is new.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use crate::handlers::Within;

/// Adds a batch of container output to a stream: PutLogEvents without its bounds on a batch, and with a position. It
/// needs the right to PutLogEvents. Once it is answered all of it is durable.
#[derive(Debug)]
pub struct PutOutput;

impl Within for PutOutput {
    const NAME: &'static str = "PutOutput";
    type Input = Arc<OutputBatch>;
    type Output = OutputPut;
}

/// Events of one source, in the order of their times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputBatch {
    pub group: String,
    pub stream: String,
    pub part: LogPosition,
    /// Holds the messages.
    pub buffer: Bytes,
    pub events: Vec<OutputEvent>,
}

/// When something was said, in milliseconds since the epoch, and where in the buffer it is; never empty, and UTF-8.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputEvent {
    pub timestamp: i64,
    pub message: Range<usize>,
}

/// What came of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutputPut {
    /// All is stored, but events that lie so far from the present that CloudWatch Logs takes none of them.
    Stored { out_of_time: usize },
    /// Nothing was stored: everything before this position is there already, and the part begins elsewhere.
    Elsewhere(u64),
}

/// The part of a source that a batch holds: everything before `from` was accepted, and with the batch everything before
/// `to` is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPosition {
    pub source: String,
    pub from: u64,
    pub to: u64,
}
