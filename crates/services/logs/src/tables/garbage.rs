//! Groups and streams that were deleted and still have events to be swept.

use gantry_base::Timestamp;
use gantry_store::{Key, Table, key, number};
use serde::{Deserialize, Serialize};

/// By the time from which on it is swept.
pub const GARBAGE: Table<Garbage> = Table::new("logs.garbage", 1);

/// What is to be swept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Garbage {
    /// Whoever found the stream just before it was deleted has finished writing by then.
    pub due: Timestamp,
    pub group_id: String,
    /// Only this stream; none: the whole group.
    pub stream_id: Option<String>,
}

/// The key of a piece of garbage.
pub fn garbage_key(garbage: &Garbage) -> Key {
    let due = garbage.due.as_millis().max(0).unsigned_abs();
    key!(number(due), garbage.group_id, garbage.stream_id.as_deref().unwrap_or_default())
}
