//! How long a service waits before it starts tasks again that keep failing.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html>

use std::time::Duration;

use gantry_base::Timestamp;
use serde::{Deserialize, Serialize};

/// The longest pause after tasks that never ran.
const LONGEST: Duration = Duration::from_secs(27 * 60);
/// The longest pause after tasks that ran. AWS makes none, and takes about so long to start the next one.
const LONGEST_AFTER_RUNNING: Duration = Duration::from_secs(30);
/// After so many rounds of failures the user is told.
pub const TOLD_AFTER: u32 = 4;

/// Failures in a row. Tasks that were started together and fail together are one round.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Throttle {
    pub rounds: u32,
    /// When the last round was counted.
    pub counted_at: Timestamp,
    /// Nothing is started before.
    pub until: Timestamp,
}

impl Throttle {
    /// A task failed before it was healthy, and `ran` or not.
    pub fn failed(&mut self, created_at: Timestamp, ran: bool, now: Timestamp) {
        if self.rounds > 0 && created_at < self.counted_at {
            return;
        }
        self.rounds = self.rounds.saturating_add(1);
        self.counted_at = now;
        let longest = if ran { LONGEST_AFTER_RUNNING } else { LONGEST };
        self.until = now + pause(self.rounds).min(longest);
    }
}

/// The first rounds follow at once, as most failures pass; then the pause doubles.
fn pause(rounds: u32) -> Duration {
    match rounds {
        0..=2 => Duration::from_secs(1),
        _ => Duration::from_secs(2).saturating_mul(2u32.saturating_pow((rounds - 3).min(20))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_count_once_and_pauses_double_up_to_the_longest() {
        let at = Timestamp::from_secs;
        let mut throttle = Throttle::default();
        throttle.failed(at(10), false, at(20));
        throttle.failed(at(10), false, at(21));
        assert_eq!((throttle.rounds, throttle.until), (1, at(21)), "one round of two tasks");
        let mut now = 30;
        let mut pauses = Vec::new();
        for _ in 0..14 {
            throttle.failed(at(now), false, at(now + 1));
            pauses.push(throttle.until.since(at(now + 1)).as_secs());
            now += 2000;
        }
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1620, 1620, 1620]);
        throttle.failed(at(now), true, at(now + 1));
        assert_eq!(throttle.until, at(now + 31), "what ran is soon started again");
    }
}
