//! Watches: each reads the history at its own pace and keeps no queue that a writer would have to fill.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use futures::Stream;
use tokio::sync::watch as latest;

use super::layout::{COMPACTED, HISTORY, META, REVISION, key_value, number, split_entry};
use super::tail::{size, within};
use super::{Published, Shared, lock};
use crate::error::StoreError;
use crate::kv::{Change, Event, Range, Revision};

pub(super) struct Watcher {
    shared: Arc<Shared>,
    range: Range,
    /// All changes up to here have been looked at.
    after: Revision,
    published: latest::Receiver<Published>,
    ready: VecDeque<Change>,
}

/// How many changes are looked at ahead at once.
const AHEAD: usize = 256;
/// How many bytes of changes are kept ahead before no more are read.
const AHEAD_BYTES: usize = 1024 * 1024;

impl Watcher {
    pub(super) fn open(shared: Arc<Shared>, range: Range, after: Revision) -> Result<Watcher, StoreError> {
        let published = shared.published.subscribe();
        let mut watcher = Watcher { shared, range, after, published, ready: VecDeque::new() };
        if published_revision(&watcher) > after {
            watcher.read_on()?;
        }
        Ok(watcher)
    }

    pub(super) fn into_stream(self) -> impl Stream<Item = Result<Change, StoreError>> + Send {
        futures::stream::unfold(Some(self), |watcher| async move {
            let mut watcher = watcher?;
            match watcher.next().await {
                Ok(change) => Some((Ok(change), Some(watcher))),
                Err(error) => Some((Err(error), None)),
            }
        })
    }

    async fn next(&mut self) -> Result<Change, StoreError> {
        loop {
            if let Some(change) = self.ready.pop_front() {
                return Ok(change);
            }
            let published = *self.published.borrow_and_update();
            if published.revision > self.after {
                self.read_on()?;
                // A long history without anything for this watch must not hold up the thread.
                tokio::task::yield_now().await;
            } else if published.closed {
                return Err(StoreError::Closed);
            } else {
                self.published.changed().await.map_err(|_| StoreError::Closed)?;
            }
        }
    }

    /// Looks at the next changes; at least one is looked at.
    fn read_on(&mut self) -> Result<(), StoreError> {
        if self.read_tail() { Ok(()) } else { self.read_history() }
    }

    /// Whether the tail still holds what comes next.
    fn read_tail(&mut self) -> bool {
        let shared = self.shared.clone();
        let tail = lock(&shared.tail);
        let Some(changes) = tail.after(self.after) else { return false };
        let mut bytes = 0;
        for change in changes {
            self.after = change.revision;
            if let Some(change) = within(change, &self.range) {
                bytes += size(&change);
                self.ready.push_back(change);
            }
            if self.ready.len() >= AHEAD || bytes >= AHEAD_BYTES {
                break;
            }
        }
        true
    }

    fn read_history(&mut self) -> Result<(), StoreError> {
        let txn = self.shared.begin_read()?;
        let meta = txn.open_table(META)?;
        let compacted = number(&meta, COMPACTED)?;
        if self.after < compacted {
            return Err(StoreError::Compacted { compacted });
        }
        let history = txn.open_table(HISTORY)?;
        let mut bytes = 0;
        for (looked_at, entry) in history.range((self.after + 1, 0)..)?.enumerate() {
            let (at, entry) = entry?;
            let (revision, _) = at.value();
            if revision > self.after && (looked_at >= AHEAD || bytes >= AHEAD_BYTES) {
                return Ok(());
            }
            self.after = revision;
            if let Some(event) = self.event(revision, entry.value())? {
                bytes += entry.value().len();
                match self.ready.back_mut().filter(|change| change.revision == revision) {
                    Some(change) => change.events.push(event),
                    None => self.ready.push_back(Change { revision, events: vec![event] }),
                }
            }
        }
        self.after = number(&meta, REVISION)?;
        Ok(())
    }

    fn event(&self, revision: Revision, entry: &[u8]) -> Result<Option<Event>, StoreError> {
        let (key, record) = split_entry(entry)?;
        if !self.range.contains(key) {
            return Ok(None);
        }
        let key = Bytes::copy_from_slice(key);
        Ok(Some(match record {
            [] => Event::Delete { key, revision },
            record => Event::Put(key_value(key, record)?),
        }))
    }
}

fn published_revision(watcher: &Watcher) -> Revision {
    watcher.published.borrow().revision
}
