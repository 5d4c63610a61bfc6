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
