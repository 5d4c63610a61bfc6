//! The newest changes, in memory.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::kv::{Change, Event, Range, Revision};

/// The changes of the newest transactions, so that live watches and compares need not read the file.
pub(super) struct Tail {
    /// Every change after this revision is here.
    floor: Revision,
    changes: VecDeque<Arc<Change>>,
    bytes: usize,
    max_bytes: usize,
}

impl Tail {
    pub(super) fn new(revision: Revision, max_bytes: usize) -> Tail {
        Tail { floor: revision, changes: VecDeque::new(), bytes: 0, max_bytes }
    }

    pub(super) fn push(&mut self, change: Arc<Change>) {
        self.bytes += size(&change);
        self.changes.push_back(change);
        while self.bytes > self.max_bytes {
            let Some(oldest) = self.changes.pop_front() else { break };
            self.bytes -= size(&oldest);
            self.floor = oldest.revision;
        }
    }

    /// Drops the changes up to and including the revision, as the history has.
    pub(super) fn forget(&mut self, compacted: Revision) {
        while self.changes.front().is_some_and(|oldest| oldest.revision <= compacted) {
            self.bytes -= self.changes.pop_front().map_or(0, |oldest| size(&oldest));
        }
        self.floor = self.floor.max(compacted);
    }

    /// The changes after the revision, oldest first; `None` where some are no longer here.
    pub(super) fn after(&self, after: Revision) -> Option<impl DoubleEndedIterator<Item = &Arc<Change>>> {
        let start = self.changes.partition_point(|change| change.revision <= after);
        (after >= self.floor).then(|| self.changes.range(start..))
    }
}

/// What of the change lies in the range; `None` if nothing does.
pub(super) fn within(change: &Change, range: &Range) -> Option<Change> {
    let events: Vec<_> = change.events.iter().filter(|event| range.contains(event.key())).cloned().collect();
    (!events.is_empty()).then_some(Change { revision: change.revision, events })
}

/// Roughly how much memory the change takes, in bytes.
pub(super) fn size(change: &Change) -> usize {
    let event = |event: &Event| match event {
        Event::Put(kv) => kv.key.len() + kv.value.len(),
        Event::Delete { key, .. } => key.len(),
    };
    128 + change.events.iter().map(|e| 128 + event(e)).sum::<usize>()
}
