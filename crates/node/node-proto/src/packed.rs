//! The events of a batch of container output, as `LogBatch.events` has them: one behind the other in one buffer.

/// What stands before a message: time, end and length.
const HEADER: usize = 8 + 8 + 4;

/// An event of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packed<'a> {
    pub timestamp_ms: i64,
    /// Where it ends in its output, in bytes from the output's beginning.
    pub end_offset: u64,
    pub message: &'a str,
    /// Where the message begins in the buffer.
    pub at: usize,
}

/// The buffer is no sequence of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a batch of output can't be read")
    }
}

impl std::error::Error for Malformed {}

/// Adds an event; messages have at most [`crate::MAX_LOG_EVENT_BYTES`].
pub fn pack(into: &mut Vec<u8>, timestamp_ms: i64, end_offset: u64, message: &str) {
    let length = u32::try_from(message.len()).expect("a message has at most MAX_LOG_EVENT_BYTES");
    into.reserve(HEADER + message.len());
    into.extend_from_slice(&timestamp_ms.to_le_bytes());
    into.extend_from_slice(&end_offset.to_le_bytes());
    into.extend_from_slice(&length.to_le_bytes());
    into.extend_from_slice(message.as_bytes());
}

/// The events of a buffer. Nothing comes after an error.
pub fn unpack(buffer: &[u8]) -> impl Iterator<Item = Result<Packed<'_>, Malformed>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = buffer.get(at..).filter(|rest| !rest.is_empty())?;
        let one = one(rest, at);
        at = one.map_or(buffer.len(), |one| one.at + one.message.len());
        Some(one)
    })
}

fn one(rest: &[u8], at: usize) -> Result<Packed<'_>, Malformed> {
    let (timestamp, rest) = rest.split_first_chunk().ok_or(Malformed)?;
    let (end, rest) = rest.split_first_chunk().ok_or(Malformed)?;
    let (length, rest) = rest.split_first_chunk().ok_or(Malformed)?;
    let message = rest.get(..u32::from_le_bytes(*length) as usize).ok_or(Malformed)?;
    Ok(Packed {
        timestamp_ms: i64::from_le_bytes(*timestamp),
        end_offset: u64::from_le_bytes(*end),
        message: std::str::from_utf8(message).map_err(|_| Malformed)?,
        at: at + HEADER,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_back_and_damage_is_told() {
        let mut buffer = Vec::new();
        pack(&mut buffer, 7, 3, "é!");
        pack(&mut buffer, -1, 4, "");
        let events: Vec<_> = unpack(&buffer).map(|event| event.unwrap()).collect();
        let said = |event: &Packed<'_>| (event.timestamp_ms, event.end_offset, event.message.to_owned());
        assert_eq!(events.iter().map(said).collect::<Vec<_>>(), [(7, 3, "é!".into()), (-1, 4, "".into())]);
        assert!(events.iter().all(|event| buffer[event.at..].starts_with(event.message.as_bytes())));
        for cut in 1..buffer.len() {
            let events: Vec<_> = unpack(&buffer[..cut]).collect();
            let whole = cut == HEADER + 3;
            assert_eq!(events.last().unwrap().is_ok(), whole, "{cut}");
        }
        buffer[HEADER] = 0xff;
        assert_eq!(unpack(&buffer).next(), Some(Err(Malformed)));
    }
}
