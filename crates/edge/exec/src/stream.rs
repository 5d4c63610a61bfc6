//! Numbers, acknowledgements and repeats: how a stream of messages stays whole. Pure; the time is handed in.
//!
//! A client that is not ready drops what comes and does not acknowledge it, so a message is sent again until it is.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use crate::message::Message;

/// Messages that may be on their way at once.
pub const WINDOW: usize = 128;
/// Messages that may come before their turn.
const EARLY: usize = 1024;
/// How soon a message is sent again; each further time it takes twice as long, up to the longest.
const FIRST_REPEAT: Duration = Duration::from_millis(250);
const LONGEST_REPEAT: Duration = Duration::from_secs(2);
/// After this long without an acknowledgement nobody is there any more; AWS's client has the same patience.
const GIVE_UP: Duration = Duration::from_secs(5 * 60);

/// Our messages on their way.
#[derive(Debug, Default)]
pub struct Outgoing {
    next: i64,
    unacknowledged: VecDeque<Sent>,
}

#[derive(Debug)]
struct Sent {
    sequence: i64,
    bytes: Bytes,
    first: Instant,
    again_at: Instant,
    pause: Duration,
}

/// The other side has not acknowledged a message for minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Silent;

impl Outgoing {
    /// The number of the next message.
    pub fn next(&self) -> i64 {
        self.next
    }

    /// Takes note of a message with that number that is being sent.
    pub fn sent(&mut self, bytes: Bytes, now: Instant) {
        let (sequence, pause) = (self.next, FIRST_REPEAT);
        self.next += 1;
        self.unacknowledged.push_back(Sent { sequence, bytes, first: now, again_at: now + pause, pause });
    }

    /// The other side has it.
    pub fn acknowledged(&mut self, sequence: i64) {
        self.unacknowledged.retain(|sent| sent.sequence != sequence);
    }

    /// Whether another may be sent.
    pub fn has_room(&self) -> bool {
        self.unacknowledged.len() < WINDOW
    }

    /// Whether the other side has everything.
    pub fn is_empty(&self) -> bool {
        self.unacknowledged.is_empty()
    }

    /// When something is due.
    pub fn deadline(&self) -> Option<Instant> {
        self.unacknowledged.front().map(|sent| sent.again_at)
    }

    /// The oldest message, if it is time to send it again. The others follow when it is acknowledged.
    pub fn due(&mut self, now: Instant) -> Result<Option<Bytes>, Silent> {
        let Some(oldest) = self.unacknowledged.front_mut() else { return Ok(None) };
        if now < oldest.again_at {
            return Ok(None);
        }
        if now.duration_since(oldest.first) >= GIVE_UP {
            return Err(Silent);
        }
        oldest.pause = (oldest.pause * 2).min(LONGEST_REPEAT);
        oldest.again_at = now + oldest.pause;
        Ok(Some(oldest.bytes.clone()))
    }
}

/// The other side's messages, put in order.
#[derive(Debug, Default)]
pub struct Incoming {
    expected: i64,
    early: BTreeMap<i64, Message>,
}

/// What comes of a message.
#[derive(Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is acknowledged; these are in order now, and may be none.
    Ready(Vec<Message>),
    /// There is no room for it: it is not acknowledged, and will come again.
    Later,
}

impl Incoming {
    /// Takes in a message. One that was there before is acknowledged once more.
    pub fn take(&mut self, message: Message) -> Taken {
        if message.sequence < self.expected {
            return Taken::Ready(Vec::new());
        }
        if message.sequence > self.expected {
            if self.early.len() >= EARLY && !self.early.contains_key(&message.sequence) {
                return Taken::Later;
            }
            self.early.insert(message.sequence, message);
            return Taken::Ready(Vec::new());
        }
        let mut ready = vec![message];
        self.expected += 1;
        while let Some(next) = self.early.remove(&self.expected) {
            ready.push(next);
            self.expected += 1;
        }
        Taken::Ready(ready)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{INPUT, PayloadType};

    fn numbered(sequence: i64) -> Message {
        Message {
            kind: INPUT.to_owned(),
            created_ms: 1,
            sequence,
            flags: 0,
            id: [1; 16],
            payload_type: PayloadType::Output,
            payload: Bytes::new(),
        }
    }

    fn order(incoming: &mut Incoming, sequence: i64) -> Option<Vec<i64>> {
        match incoming.take(numbered(sequence)) {
            Taken::Ready(ready) => Some(ready.into_iter().map(|message| message.sequence).collect()),
            Taken::Later => None,
        }
    }

    #[test]
    fn what_comes_before_its_turn_waits_and_what_comes_twice_counts_once() {
        let mut incoming = Incoming::default();
        assert_eq!(order(&mut incoming, 0), Some(vec![0]));
        assert_eq!(order(&mut incoming, 0), Some(vec![]));
        assert_eq!(order(&mut incoming, 3), Some(vec![]));
        assert_eq!(order(&mut incoming, 2), Some(vec![]));
        assert_eq!(order(&mut incoming, 1), Some(vec![1, 2, 3]));
        for early in 5..5 + EARLY as i64 {
            assert_eq!(order(&mut incoming, early), Some(vec![]));
        }
        assert_eq!(order(&mut incoming, 5 + EARLY as i64), None);
        assert_eq!(order(&mut incoming, 5), Some(vec![]), "one that waits already is acknowledged again");
        assert_eq!(order(&mut incoming, 4).unwrap().len(), EARLY + 1);
    }

    #[test]
    fn what_is_not_acknowledged_is_sent_again_and_given_up_in_the_end() {
        let start = Instant::now();
        let mut outgoing = Outgoing::default();
        outgoing.sent(Bytes::from_static(b"0"), start);
        outgoing.sent(Bytes::from_static(b"1"), start);
        assert_eq!(outgoing.due(start), Ok(None));
        assert_eq!(outgoing.due(start + FIRST_REPEAT), Ok(Some(Bytes::from_static(b"0"))));
        assert_eq!(outgoing.due(start + FIRST_REPEAT), Ok(None));
        outgoing.acknowledged(0);
        outgoing.acknowledged(0);
        assert_eq!(outgoing.due(start + FIRST_REPEAT), Ok(Some(Bytes::from_static(b"1"))));
        assert_eq!(outgoing.due(start + GIVE_UP), Err(Silent));
        outgoing.acknowledged(1);
        assert!(outgoing.is_empty() && outgoing.deadline().is_none());
        assert_eq!(outgoing.next(), 2);
    }

    #[test]
    fn only_so_many_are_on_their_way() {
        let mut outgoing = Outgoing::default();
        for _ in 0..WINDOW {
            assert!(outgoing.has_room());
            outgoing.sent(Bytes::new(), Instant::now());
        }
        assert!(!outgoing.has_room());
        outgoing.acknowledged(5);
        assert!(outgoing.has_room());
    }
}
