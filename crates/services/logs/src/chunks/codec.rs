//! A chunk's data: a version byte, then zstd of the events. Each event is its time, the time of its ingestion,
//! its ordinal (eight bytes each), the message's length (four) and the message; all little-endian.

use bytes::Bytes;
use gantry_store::StoreError;

const VERSION: u8 = 1;
const EVENT_HEADER: usize = 28;

/// The most that a chunk may be once it is opened; more is taken for damage.
const MAX_RAW: usize = 4 * 1024 * 1024;

/// An event as it lies in a chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When it happened, as its sender says, in milliseconds since the epoch.
    pub timestamp: i64,
    /// When it was accepted.
    pub ingestion: i64,
    /// Its number within the stream; grows in the order of acceptance.
    pub ordinal: u64,
    pub message: String,
}

/// Where an event stands among all events of its group. It never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Position {
    pub timestamp: i64,
    pub ingestion: i64,
    /// The rank of the stream.
    pub stream: u64,
    pub ordinal: u64,
}

impl Event {
    /// The event's position, in the stream of that rank.
    pub fn position(&self, stream: u64) -> Position {
        Position { timestamp: self.timestamp, ingestion: self.ingestion, stream, ordinal: self.ordinal }
    }
}

/// Events before they are compressed into a chunk's data.
#[derive(Default)]
pub struct Raw(Vec<u8>);

impl Raw {
    /// Room for so many events with so many bytes of messages.
    pub fn with_capacity(events: usize, bytes: usize) -> Raw {
        Raw(Vec::with_capacity(events * EVENT_HEADER + bytes))
    }

    /// Adds an event.
    pub fn add(&mut self, timestamp: i64, ingestion: i64, ordinal: u64, message: &str) {
        let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
        self.0.extend_from_slice(&timestamp.to_le_bytes());
        self.0.extend_from_slice(&ingestion.to_le_bytes());
        self.0.extend_from_slice(&ordinal.to_le_bytes());
        self.0.extend_from_slice(&length.to_le_bytes());
        self.0.extend_from_slice(message.as_bytes());
    }

    /// How much there is to compress.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// A chunk's data.
    pub fn compress(&self, level: i32) -> Result<Bytes, StoreError> {
        let mut data = vec![0; 1 + zstd::zstd_safe::compress_bound(self.0.len())];
        data[0] = VERSION;
        let length = zstd::bulk::compress_to_buffer(&self.0, &mut data[1..], level);
        data.truncate(1 + length.map_err(|error| broken(error.to_string()))?);
        data.shrink_to_fit();
        Ok(data.into())
    }
}

/// Compresses events into a chunk's data.
pub fn encode(events: &[Event], level: i32) -> Result<Bytes, StoreError> {
    let mut raw = Raw::with_capacity(events.len(), events.iter().map(|event| event.message.len()).sum());
    for event in events {
        raw.add(event.timestamp, event.ingestion, event.ordinal, &event.message);
    }
    raw.compress(level)
}

/// Opens a chunk's data.
pub fn decode(data: &[u8]) -> Result<Vec<Event>, StoreError> {
    let compressed = match data.split_first() {
        Some((&VERSION, rest)) if !rest.is_empty() => rest,
        Some((&VERSION, _)) => return Err(broken("it ends behind its version".into())),
        Some((version, _)) => return Err(broken(format!("version {version} is not known"))),
        None => return Err(broken("it is empty".into())),
    };
    let raw = zstd::bulk::decompress(compressed, MAX_RAW).map_err(|error| broken(error.to_string()))?;
    let mut rest = raw.as_slice();
    let mut events = Vec::new();
    while !rest.is_empty() {
        let (event, behind) = one(rest).ok_or_else(|| broken("it ends within an event".into()))?;
        events.push(event);
        rest = behind;
    }
    Ok(events)
}

fn one(raw: &[u8]) -> Option<(Event, &[u8])> {
    let (timestamp, raw) = raw.split_first_chunk::<8>()?;
    let (ingestion, raw) = raw.split_first_chunk::<8>()?;
    let (ordinal, raw) = raw.split_first_chunk::<8>()?;
    let (length, raw) = raw.split_first_chunk::<4>()?;
    let (message, raw) = raw.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    let event = Event {
        timestamp: i64::from_le_bytes(*timestamp),
        ingestion: i64::from_le_bytes(*ingestion),
        ordinal: u64::from_le_bytes(*ordinal),
        message: String::from_utf8(message.to_vec()).ok()?,
    };
    Some((event, raw))
}

fn broken(reason: String) -> StoreError {
    StoreError::Codec { what: "a chunk of log events".into(), reason }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn events_come_back(parts in prop::collection::vec((any::<i64>(), any::<u64>(), ".{0,40}"), 0..20)) {
            let events: Vec<Event> = parts
                .into_iter()
                .map(|(timestamp, ordinal, message)| Event { timestamp, ingestion: timestamp / 2, ordinal, message })
                .collect();
            let data = encode(&events, 1).unwrap();
            prop_assert_eq!(decode(&data).unwrap(), events);
        }

        #[test]
        fn damage_is_noticed_without_a_panic(data in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = decode(&data);
        }
    }

    #[test]
    fn a_cut_chunk_is_broken() {
        let event = Event { timestamp: 1, ingestion: 2, ordinal: 3, message: "hello".into() };
        let data = encode(&[event], 1).unwrap();
        for length in 0..data.len() {
            assert!(decode(&data[..length]).is_err(), "{length}");
        }
    }
}
