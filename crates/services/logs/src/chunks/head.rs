//! What is known of a stream and of a chunk without opening it.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use gantry_store::StoreError;

/// What a stream holds. Times are milliseconds since the epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The earliest event that is there.
    pub first: i64,
    /// The latest event that was ever there.
    pub last: i64,
    pub last_ingestion: i64,
    /// Messages in bytes and 26 for each event, as AWS counts.
    pub stored_bytes: u64,
    /// The number of the next chunk.
    pub next_sequence: u64,
    /// How far each source that numbers what it sends has come; the one that added last stands last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<(String, u64)>,
}

/// How many sources a stream keeps in mind. A task's container has two of its own stream.
const SOURCES: usize = 64;

impl Head {
    /// Everything of the source before this was added.
    pub fn position_of(&self, source: &str) -> u64 {
        self.sources.iter().find(|(known, _)| known == source).map_or(0, |(_, position)| *position)
    }

    pub(super) fn set_position(&mut self, source: &str, position: u64) {
        self.sources.retain(|(known, _)| known != source);
        self.sources.push((source.to_owned(), position));
        let surplus = self.sources.len().saturating_sub(SOURCES);
        self.sources.drain(..surplus);
    }
}

/// What a chunk holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    pub first: i64,
    pub last: i64,
    pub sequence: u64,
    pub events: u32,
    /// Messages in bytes and 26 for each event.
    pub bytes: u64,
    /// Whether it was merged from smaller ones.
    #[serde(default)]
    pub merged: bool,
}

/// Reads a value of the engine.
pub(super) fn decode<T: DeserializeOwned>(what: &str, value: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(value)
        .map_err(|error| StoreError::Codec { what: what.to_owned(), reason: error.to_string() })
}

/// A value for the engine.
pub(super) fn encode<T: Serialize>(what: &str, value: &T) -> Result<bytes::Bytes, StoreError> {
    serde_json::to_vec(value)
        .map(Into::into)
        .map_err(|error| StoreError::Codec { what: what.to_owned(), reason: error.to_string() })
}
