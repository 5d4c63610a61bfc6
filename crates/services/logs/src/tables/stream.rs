//! Log streams.

use gantry_base::Timestamp;
use gantry_store::{Key, Table, key};
use serde::{Deserialize, Serialize};

/// By the group's id and the stream's name.
pub const STREAMS: Table<Stream> = Table::new("logs.stream", 1);

/// A log stream. What is known of its events lies with them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    /// Never used again, also not for a later stream of the same name.
    pub id: String,
    pub name: String,
    pub created_at: Timestamp,
}

/// The key of a stream.
pub fn stream_key(group_id: &str, name: &str) -> Key {
    key!(group_id, name)
}

/// The prefix of a group's streams.
pub fn streams_key(group_id: &str) -> Key {
    key!(group_id)
}
