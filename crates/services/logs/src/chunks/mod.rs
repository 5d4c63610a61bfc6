//! Events at rest.
//!
//! A chunk holds events of one stream that lie at most an hour apart, compressed. A stream has three kinds of
//! keys in the engine:
//! - its *head*: what the stream holds in all, and the number of its next chunk;
//! - an *index* entry for each chunk, which sorts by the time of the chunk's last event;
//! - the chunk's *data*.
//!
//! Adding a chunk is one transaction over the three. The head also has how far each source has come that numbers what it
//! sends: so what is sent again after a crash is told from what is new, exactly. Small chunks are merged later, and whole chunks go when
//! the group's retention has passed. An event keeps its position through all of it.

mod codec;
mod head;
mod layout;
mod merge;
mod read;
mod results;
mod write;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use gantry_store::Kv;
use tokio::sync::Mutex;

pub use codec::{Event, Position};
pub use head::{Head, Meta};
pub use read::{Backward, Forward, Window};
pub use write::{Appended, Incoming, Said};

/// How far apart the events of one chunk may lie, in milliseconds. The readers rely on it.
pub const MAX_SPAN_MILLIS: i64 = 60 * 60 * 1000;

/// The events of all streams.
#[derive(Clone)]
pub struct Chunks {
    kv: Arc<dyn Kv>,
    turns: Arc<[Mutex<()>]>,
}

/// Streams that are added to at one moment seldom share a turn.
const TURNS: usize = 256;

/// A stream, by its group's and its own id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StreamId {
    pub group: String,
    pub stream: String,
}

impl StreamId {
    /// The stream's place in the order of events of one group that happened at the same time.
    pub(crate) fn rank(&self) -> u64 {
        u64::from_str_radix(&self.stream, 16).unwrap_or_default()
    }
}

impl Chunks {
    /// The events in this engine.
    pub fn new(kv: Arc<dyn Kv>) -> Chunks {
        Chunks { kv, turns: (0..TURNS).map(|_| Mutex::default()).collect() }
    }

    /// Held by whoever adds to the stream in this process. It only saves work: the stream's revision guards it.
    fn turn(&self, id: &StreamId) -> &Mutex<()> {
        let mut hasher = DefaultHasher::new();
        (&id.group, &id.stream).hash(&mut hasher);
        &self.turns[hasher.finish() as usize % TURNS]
    }
}
