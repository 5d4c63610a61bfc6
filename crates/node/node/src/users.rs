//! Which of the host's users belong to which task.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use gantry_runtime::IDS;

/// Of the ranges of [`IDS`] users that there are, those below belong to the host and what it is administrated by.
const RANGES: std::ops::Range<u32> = 1024..65_000;

/// Ranges that are taken, by whom.
#[derive(Debug, Default)]
pub struct Ranges {
    taken: Mutex<BTreeMap<u32, String>>,
}

impl Ranges {
    /// Takes a range that nobody has. The search begins where the task's name says, so that several agents of one
    /// machine hardly ever give the same.
    pub fn take(&self, task: &str) -> Option<u32> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = RANGES.end - RANGES.start;
        let mut hash = 0x811c_9dc5_u32;
        for byte in task.bytes() {
            hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
        let free = (0..count)
            .map(|at| RANGES.start + (hash.wrapping_add(at)) % count)
            .find(|range| !taken.contains_key(range))?;
        taken.insert(free, task.to_owned());
        Some(free * IDS)
    }

    /// Notes what an earlier run of the agent gave.
    pub fn keep(&self, task: &str, first: u32) {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).insert(first / IDS, task.to_owned());
    }

    pub fn release(&self, task: &str, first: u32) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.get(&(first / IDS)).is_some_and(|by| by == task) {
            taken.remove(&(first / IDS));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_tasks_have_the_same() {
        let ranges = Ranges::default();
        let first = ranges.take("a").unwrap();
        assert!(first >= IDS && first.is_multiple_of(IDS));
        assert_ne!(ranges.take("a").unwrap(), first);
        ranges.release("b", first);
        assert_ne!(ranges.take("a").unwrap(), first, "another's is not given back");
        ranges.release("a", first);
        assert_eq!(ranges.take("a"), Some(first));
        let again = Ranges::default();
        again.keep("x", first);
        assert_ne!(again.take("a").unwrap(), first);
    }
}
