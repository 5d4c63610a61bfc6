//! The outbox: events that were committed together with what they tell of, for one consumer per topic.

use bytes::Bytes;
use futures::StreamExt;
use serde::de::DeserializeOwned;

use crate::error::StoreError;
use crate::kv::{Op, Order, Range, Revision};
use crate::tx::Db;

/// The beginning of the store's keys of a topic.
pub(crate) fn topic_prefix(topic: &str) -> Bytes {
    Bytes::from([b"o/", topic.as_bytes(), b"/"].concat())
}

impl Db {
    /// The topic's events that have not been acknowledged.
    pub fn outbox(&self, topic: &'static str) -> Outbox {
        Outbox { db: self.clone(), topic }
    }
}

/// Reads a topic in the order of the commits, at least once.
#[derive(Clone)]
pub struct Outbox {
    db: Db,
    topic: &'static str,
}

/// An event that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub(crate) key: Bytes,
    /// The transaction that told of it.
    pub revision: Revision,
    /// The event as JSON.
    pub json: Bytes,
}

impl Entry {
    /// The event.
    pub fn decode<E: DeserializeOwned>(&self) -> Result<E, StoreError> {
        serde_json::from_slice(&self.json).map_err(|error| StoreError::Codec {
            what: format!("the event {}", String::from_utf8_lossy(&self.key)),
            reason: error.to_string(),
        })
    }

    /// The same for each delivery of this event, and for no other: what a consumer recognizes it by.
    pub fn id(&self) -> String {
        String::from_utf8_lossy(&self.key).into_owned()
    }
}

/// How many entries are looked at at once.
const PAGE: usize = 1000;

impl Outbox {
    /// The oldest entries, at most `limit`; waits until there is one. Until they are acknowledged, the next
    /// call gives the same again.
    pub async fn next(&self, limit: usize) -> Result<Vec<Entry>, StoreError> {
        let range = Range::prefix(topic_prefix(self.topic));
        loop {
            let page = self.db.kv().range(range.clone(), limit.max(1), Order::Ascending).await?;
            if !page.kvs.is_empty() {
                let entry = |kv: crate::kv::KeyValue| Entry {
                    key: kv.key,
                    revision: kv.mod_revision,
                    json: kv.value,
                };
                return Ok(page.kvs.into_iter().map(entry).collect());
            }
            match self.db.kv().watch(range.clone(), page.revision).await?.next().await {
                Some(Ok(_)) | Some(Err(StoreError::Compacted { .. })) => {}
                Some(Err(error)) => return Err(error),
                None => return Err(StoreError::Closed),
            }
        }
    }

    /// Drops the oldest entries where more than `most` wait, and tells how many: what keeps a topic whose
    /// consumer does not come within bounds.
    pub async fn trim(&self, most: usize) -> Result<usize, StoreError> {
        let snapshot = self.db.kv().snapshot().await?;
        let mut range = Range::prefix(topic_prefix(self.topic));
        let (mut kept, mut dropped) = (0, 0);
        loop {
            let page = snapshot.range(&range, PAGE, Order::Descending).await?;
            let Some(last) = page.kvs.last() else { return Ok(dropped) };
            range.end = last.key.clone();
            let keep = page.kvs.len().min(most - kept);
            kept += keep;
            let deletes: Vec<_> =
                page.kvs[keep..].iter().map(|kv| Op::Delete { key: kv.key.clone() }).collect();
            if !deletes.is_empty() {
                dropped += deletes.len();
                self.db.kv().txn(Vec::new(), deletes).await?;
            }
        }
    }

    /// Takes the entries out. [`crate::Tx::acknowledge`] does so together with other writes.
    pub async fn acknowledge(&self, entries: &[Entry]) -> Result<(), StoreError> {
        for some in entries.chunks(crate::kv::MAX_OPS) {
            let deletes = some.iter().map(|entry| Op::Delete { key: entry.key.clone() }).collect();
            self.db.kv().txn(Vec::new(), deletes).await?;
        }
        Ok(())
    }
}
