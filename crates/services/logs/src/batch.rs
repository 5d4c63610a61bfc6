//! What PutLogEvents accepts of a batch. Pure: the time is an argument.

use gantry_base::Timestamp;

use crate::chunks::Incoming;
use crate::error::LogsError;

/// The most bytes of a batch: messages and 26 bytes for each event.
const MAX_BATCH_BYTES: usize = 1_048_576;
const MAX_EVENTS: usize = 10_000;
const OVERHEAD: usize = 26;

const HOUR: i64 = 60 * 60 * 1000;
const DAY: i64 = 24 * HOUR;
const OLDEST: i64 = 14 * DAY;
const NEWEST: i64 = 2 * HOUR;

/// A batch with what is left out of it. Indexes are those of the request.
#[derive(Debug, PartialEq, Eq)]
pub struct Accepted {
    pub events: Vec<Incoming>,
    /// Events before this index have expired by the group's retention.
    pub expired_end: Option<usize>,
    /// Events before this index are older than what is ever accepted.
    pub too_old_end: Option<usize>,
    /// Events from this index on lie too far ahead.
    pub too_new_start: Option<usize>,
}

/// The moments, in milliseconds since the epoch, of which events are accepted now.
pub fn moments(now: Timestamp, expired_before: Option<Timestamp>) -> std::ops::RangeInclusive<i64> {
    let now = now.as_millis();
    let oldest = expired_before.map_or(i64::MIN, Timestamp::as_millis).max(now - OLDEST);
    oldest..=now + NEWEST
}

/// Checks a batch, and leaves out what is too old, too new or expired.
pub fn accept(
    events: Vec<Incoming>,
    now: Timestamp,
    expired_before: Option<Timestamp>,
) -> Result<Accepted, LogsError> {
    if events.is_empty() || events.len() > MAX_EVENTS {
        let count = events.len();
        return Err(LogsError::invalid(format!(
            "A batch must have 1 to {MAX_EVENTS} log events, and has {count}."
        )));
    }
    let size = |event: &Incoming| event.message.len() + OVERHEAD;
    if let Some(bytes) = events.iter().map(size).find(|bytes| *bytes > MAX_BATCH_BYTES) {
        return Err(LogsError::invalid(format!(
            "Log event too large: {bytes} bytes exceeds limit of {MAX_BATCH_BYTES}"
        )));
    }
    let bytes: usize = events.iter().map(size).sum();
    if bytes > MAX_BATCH_BYTES {
        return Err(LogsError::invalid(format!(
            "Upload too large: {bytes} bytes exceeds limit of {MAX_BATCH_BYTES}"
        )));
    }
    if events.iter().any(|event| event.message.is_empty()) {
        return Err(LogsError::invalid("Log event message is empty."));
    }
    if !events.is_sorted_by_key(|event| event.timestamp) {
        return Err(LogsError::invalid(
            "Log events in a single PutLogEvents request must be in chronological order.",
        ));
    }
    let now = now.as_millis();
    let before = |moment: i64| events.partition_point(|event| event.timestamp < moment);
    let too_old = before(now - OLDEST);
    let expired = expired_before.map_or(0, |moment| before(moment.as_millis()));
    let too_new = events.partition_point(|event| event.timestamp <= now + NEWEST);
    let start = too_old.max(expired).min(too_new);
    if let (Some(first), Some(last)) = (events[start..too_new].first(), events[start..too_new].last())
        && last.timestamp - first.timestamp > DAY
    {
        return Err(LogsError::invalid(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
        ));
    }
    let count = events.len();
    Ok(Accepted {
        expired_end: (expired > too_old).then_some(expired),
        too_old_end: (too_old > 0).then_some(too_old),
        too_new_start: (too_new < count).then_some(too_new),
        events: events.into_iter().take(too_new).skip(start).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

    fn at(hours: &[i64]) -> Vec<Incoming> {
        let event = |hours: &i64| Incoming { timestamp: NOW.as_millis() + hours * HOUR, message: "x".into() };
        hours.iter().map(event).collect()
    }

    fn check(hours: &[i64], retention_days: Option<i64>, kept: usize, rejected: [Option<usize>; 3]) {
        let expired = retention_days.map(|days| Timestamp::from_millis(NOW.as_millis() - days * DAY));
        let accepted = accept(at(hours), NOW, expired).unwrap();
        let found = [accepted.expired_end, accepted.too_old_end, accepted.too_new_start];
        assert_eq!((accepted.events.len(), found), (kept, rejected), "{hours:?}");
    }

    #[test]
    fn what_is_out_of_time_is_left_out() {
        check(&[-1, 0, 1], None, 3, [None, None, None]);
        check(&[-16 * 24, -15 * 24, -1, 0], None, 2, [None, Some(2), None]);
        check(&[-1, 2, 3, 4], None, 2, [None, None, Some(2)]);
        check(&[-30, -1, 0], Some(1), 2, [Some(1), None, None]);
        check(&[-15 * 24, -30, 0], Some(1), 1, [Some(2), Some(1), None]);
        check(&[-15 * 24, 3], None, 0, [None, Some(1), Some(1)]);
    }

    fn refused(events: Vec<Incoming>) -> String {
        accept(events, NOW, None).unwrap_err().to_string()
    }

    #[test]
    fn a_batch_that_breaks_a_rule_is_refused_whole() {
        assert!(refused(at(&[0, -1])).contains("chronological"));
        assert!(refused(at(&[-25, 0])).contains("24 hours"));
        assert!(refused(vec![]).contains("1 to 10000"));
        assert!(refused(at(&[0; 10_001])).contains("1 to 10000"));
        let large =
            |bytes: usize| vec![Incoming { timestamp: NOW.as_millis(), message: "é".repeat(bytes / 2) }];
        assert_eq!(refused(large(1_048_552)), "Log event too large: 1048578 bytes exceeds limit of 1048576");
        assert!(accept(large(1_048_550), NOW, None).is_ok());
        let two = [large(600_000), large(600_000)].concat();
        assert_eq!(refused(two), "Upload too large: 1200052 bytes exceeds limit of 1048576");
    }
}
