//! Running something again that lost a race.

use std::time::Duration;

use gantry_service::Failure;
use rand::Rng;

use crate::error::EcrError;

/// How often something is run.
const TRIES: u32 = 24;

/// Counts the runs of one thing.
#[derive(Default)]
pub struct Tries(u32);

impl Tries {
    /// Whether to run again after this outcome; if so, after a pause that grows.
    pub async fn again<T>(&mut self, outcome: &Result<T, EcrError>) -> bool {
        if !matches!(outcome, Err(EcrError::Failed(Failure::Conflict))) {
            return false;
        }
        self.0 += 1;
        if self.0 < TRIES {
            // Uneven pauses, so that two who lost to each other do not meet again.
            let longest = (1u64 << self.0.min(8)).min(250);
            let millis = rand::rng().random_range(0..=longest);
            tokio::time::sleep(Duration::from_millis(millis)).await;
        }
        self.0 < TRIES
    }
}
