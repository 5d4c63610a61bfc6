//! A chunk's data: a version byte, then zstd of the events. Each event is its time, the time of its ingestion,
//! its ordinal (eight bytes each), the message's length (four) and the message; all little-endian.

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

/// Compresses events into a chunk's data.
pub fn encode(events: &[Event], level: i32) -> Result<Vec<u8>, StoreError> {
    let size = events.iter().map(|event| EVENT_HEADER + event.message.len()).sum();
    let mut raw = Vec::with_capacity(size);
    for event in events {
        raw.extend_from_slice(&event.timestamp.to_le_bytes());
        raw.extend_from_slice(&event.ingestion.to_le_bytes());
        raw.extend_from_slice(&event.ordinal.to_le_bytes());
        raw.extend_from_slice(&u32::try_from(event.message.len()).unwrap_or(u32::MAX).to_le_bytes());
        raw.extend_from_slice(event.message.as_bytes());
    }
    let compressed = zstd::bulk::compress(&raw, level).map_err(|error| broken(error.to_string()))?;
    let mut data = Vec::with_capacity(1 + compressed.len());
    data.push(VERSION);
    data.extend_from_slice(&compressed);
    Ok(data)
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
