//! The keys of heads, index entries and data in the engine.
//!
//! `l/h/GROUP/STREAM`, `l/i/GROUP/STREAM/LAST/SEQUENCE`, `l/d/GROUP/STREAM/SEQUENCE` and, for streams with
//! chunks to merge, `l/p/GROUP/STREAM`. Beside them lie the counts of metric filters, `l/m/HOUR/GROUP/STREAM/FILTER`, and
//! the results of queries, `l/q/QUERY`. Numbers have sixteen hexadecimal digits. The values of heads and index
//! entries are JSON.

use bytes::Bytes;
use gantry_store::Range;

use super::StreamId;

/// The kinds of keys that lie under a group or a stream.
pub const KINDS: [&str; 4] = ["h", "i", "d", "p"];

/// The prefix of a group's keys of one kind.
pub fn group_prefix(kind: &str, group: &str) -> String {
    format!("l/{kind}/{group}/")
}

/// The key or prefix of a stream's keys of one kind, without a slash at its end.
pub fn stream_prefix(kind: &str, id: &StreamId) -> String {
    format!("l/{kind}/{}/{}", id.group, id.stream)
}

pub fn head_key(id: &StreamId) -> Bytes {
    stream_prefix("h", id).into()
}

pub fn pending_key(id: &StreamId) -> Bytes {
    stream_prefix("p", id).into()
}

pub fn pending_range() -> Range {
    Range::prefix("l/p/")
}

pub fn data_key(id: &StreamId, sequence: u64) -> Bytes {
    format!("{}/{sequence:016x}", stream_prefix("d", id)).into()
}

pub fn index_key(id: &StreamId, last: i64, sequence: u64) -> Bytes {
    format!("{}/{:016x}/{sequence:016x}", stream_prefix("i", id), last.max(0)).into()
}

/// The index entries of a stream whose last event lies in `from..until`.
pub fn index_range(id: &StreamId, from: i64, until: i64) -> Range {
    let at = |time: i64| format!("{}/{:016x}", stream_prefix("i", id), time.max(0));
    Range::new(at(from), at(until))
}

/// What a metric filter counted of a stream in an hour since the epoch. What was counted outlives the stream.
pub fn counts_key(hour: i64, id: &StreamId, filter: &str) -> Bytes {
    format!("l/m/{:016x}/{}/{}/{filter}", hour.max(0), id.group, id.stream).into()
}

/// What was counted in the hours `from..until`.
pub fn counts_range(from: i64, until: i64) -> Range {
    let at = |hour: i64| format!("l/m/{:016x}/", hour.max(0));
    Range::new(at(from), at(until))
}

/// The stream that a head's or a pending key belongs to.
pub fn stream_of(key: &[u8]) -> Option<StreamId> {
    let mut parts = std::str::from_utf8(key).ok()?.split('/').skip(2);
    Some(StreamId { group: parts.next()?.to_owned(), stream: parts.next()?.to_owned() })
}
