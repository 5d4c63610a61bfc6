//! The contract of an engine: a map from bytes to bytes with revisions.
//!
//! The trait says only what both redb and etcd v3 can do. Where etcd needs to be told more than redb does,
//! the request carries it ([`Compare::Unchanged`] names the keys that were seen).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;

use crate::error::StoreError;

/// Counts the transactions that changed something. 0 means absent, or that nothing has been written yet.
pub type Revision = u64;

/// The longest key, in bytes.
pub const MAX_KEY: usize = 4 * 1024;
/// The largest value, in bytes.
pub const MAX_VALUE: usize = 1024 * 1024;
/// The most operations in one transaction.
pub const MAX_OPS: usize = 8 * 1024;
/// The most bytes of keys and values in one transaction.
pub const MAX_TXN_BYTES: usize = 8 * 1024 * 1024;

/// Names a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LeaseId(pub u64);

impl fmt::Display for LeaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// A key with its value and where in history it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyValue {
    /// The key.
    pub key: Bytes,
    /// The value.
    pub value: Bytes,
    /// When the key came to be; it stays the same until the key is deleted.
    pub create_revision: Revision,
    /// When the value was written.
    pub mod_revision: Revision,
    /// The lease that the key ends with.
    pub lease: Option<LeaseId>,
}

/// The keys from `start` up to, but without, `end`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Range {
    /// The first key.
    pub start: Bytes,
    /// The key after the last.
    pub end: Bytes,
}

impl Range {
    /// The keys from `start` up to, but without, `end`.
    pub fn new(start: impl Into<Bytes>, end: impl Into<Bytes>) -> Self {
        Range { start: start.into(), end: end.into() }
    }

    /// Every key that begins with `prefix`, which must not be empty or all 0xff bytes.
    pub fn prefix(prefix: impl AsRef<[u8]>) -> Self {
        let start = Bytes::copy_from_slice(prefix.as_ref());
        let mut end = start.to_vec();
        while end.last() == Some(&0xff) {
            end.pop();
        }
        let last = end.last_mut().expect("a prefix has a byte that can be raised");
        *last += 1;
        Range { start, end: end.into() }
    }

    /// The one key.
    pub fn key(key: impl Into<Bytes>) -> Self {
        let start = key.into();
        Range { end: successor(&start), start }
    }

    /// Whether the key lies in the range.
    pub fn contains(&self, key: &[u8]) -> bool {
        self.start.as_ref() <= key && key < self.end.as_ref()
    }

    /// Whether no key can lie in the range.
    pub fn is_empty(&self) -> bool {
        self.start >= self.end
    }
}

/// The smallest key that is greater than `key`.
pub fn successor(key: &[u8]) -> Bytes {
    let mut next = Vec::with_capacity(key.len() + 1);
    next.extend_from_slice(key);
    next.push(0);
    next.into()
}

/// Which end of a range is read first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// From the smallest key.
    #[default]
    Ascending,
    /// From the largest key.
    Descending,
}

/// What a range read found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The keys and values, in the order asked for.
    pub kvs: Vec<KeyValue>,
    /// The revision that was read.
    pub revision: Revision,
    /// Whether the range holds more keys than the limit let through.
    pub more: bool,
}

/// What must be true for a transaction to take effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compare {
    /// The key was last written at `revision`; 0: it is absent.
    ModRevision {
        /// The key.
        key: Bytes,
        /// The revision it must have.
        revision: Revision,
    },
    /// The range holds the keys that it held at `since`, none of them written anew. Where a key came and
    /// went in between, an engine may take it for a change or not.
    Unchanged {
        /// The range that was read.
        range: Range,
        /// The revision at which it was read.
        since: Revision,
        /// Every key that was in the range at `since` with its mod revision, in the order of the keys. An
        /// engine that can't look for deletes in its history (etcd, or redb once it is compacted) proves by
        /// them that none is gone.
        seen: Vec<(Bytes, Revision)>,
    },
}

/// What a transaction does. One transaction names a key at most once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    /// Writes the value, and binds the key to the lease or to none.
    Put {
        /// The key.
        key: Bytes,
        /// The value.
        value: Bytes,
        /// The lease to end with.
        lease: Option<LeaseId>,
    },
    /// Removes the key. Removing what is absent is no change.
    Delete {
        /// The key.
        key: Bytes,
    },
    /// Writes the value under a new key that begins with `prefix`. The engine chooses the rest, so that keys
    /// under one prefix sort as their transactions committed, and within one as they were given.
    Append {
        /// How the key begins.
        prefix: Bytes,
        /// The value.
        value: Bytes,
    },
}

/// What became of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TxnOutcome {
    /// It took effect and is durable. The revision is the store's own after it; a transaction that changed
    /// nothing makes no new one.
    Committed {
        /// The store's revision after the transaction.
        revision: Revision,
    },
    /// A compare was not true, and nothing was changed.
    Failed,
}

/// One key's change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The key was written.
    Put(KeyValue),
    /// The key was removed.
    Delete {
        /// The key.
        key: Bytes,
        /// When it was removed.
        revision: Revision,
    },
}

impl Event {
    /// The key that changed.
    pub fn key(&self) -> &Bytes {
        match self {
            Event::Put(kv) => &kv.key,
            Event::Delete { key, .. } => key,
        }
    }
}

/// All that one transaction changed in a watched range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The transaction's revision.
    pub revision: Revision,
    /// The changes in the order of their operations; at least one.
    pub events: Vec<Event>,
}

/// Changes in the order of their revisions. Ends after its first error.
pub type Watch = BoxStream<'static, Result<Change, StoreError>>;

/// The store as it was at one revision. It stays so however long it is held, but holding it keeps old pages
/// from being used again (redb) or may outlive the history (etcd), so hold it for one operation.
#[async_trait]
pub trait Snapshot: Send + Sync {
    /// The revision that is seen.
    fn revision(&self) -> Revision;
    /// The keys' values, in the order of the keys.
    async fn get_many(&self, keys: &[Bytes]) -> Result<Vec<Option<KeyValue>>, StoreError>;
    /// The first `limit` keys of the range in the given order.
    async fn range(&self, range: &Range, limit: usize, order: Order) -> Result<Page, StoreError>;
}

/// An engine.
///
/// Every transaction that changes something makes the next revision. Reads see all that was acknowledged
/// before they began. What is acknowledged is durable.
#[async_trait]
pub trait Kv: Send + Sync {
    /// The store as it is now.
    async fn snapshot(&self) -> Result<Arc<dyn Snapshot>, StoreError>;

    /// Does all the operations if every compare holds, and none otherwise.
    async fn txn(&self, compares: Vec<Compare>, ops: Vec<Op>) -> Result<TxnOutcome, StoreError>;

    /// Every change to the range after the revision `after`, then those to come. A watch that fell behind
    /// ends in [`StoreError::Compacted`]; it never holds up a writer and holds a bounded amount of memory.
    async fn watch(&self, range: Range, after: Revision) -> Result<Watch, StoreError>;

    /// A lease that runs out `ttl` after its last keep-alive, and takes its keys with it. A restart of the
    /// store gives every lease its whole time again.
    async fn lease_grant(&self, ttl: Duration) -> Result<LeaseId, StoreError>;
    /// Starts the lease's time again, and tells how long that is.
    async fn lease_keep_alive(&self, lease: LeaseId) -> Result<Duration, StoreError>;
    /// Ends the lease now and deletes its keys.
    async fn lease_revoke(&self, lease: LeaseId) -> Result<(), StoreError>;

    /// Forgets the history up to and including `revision`; present values stay. What is compacted already
    /// is left so.
    async fn compact(&self, revision: Revision) -> Result<(), StoreError>;

    /// The present revision.
    async fn revision(&self) -> Result<Revision, StoreError> {
        Ok(self.snapshot().await?.revision())
    }
    /// The key's present value.
    async fn get(&self, key: Bytes) -> Result<Option<KeyValue>, StoreError> {
        Ok(self.snapshot().await?.get_many(&[key]).await?.pop().flatten())
    }
    /// The first `limit` keys of the range now, in the given order.
    async fn range(&self, range: Range, limit: usize, order: Order) -> Result<Page, StoreError> {
        self.snapshot().await?.range(&range, limit, order).await
    }
}

/// Refuses what is over a limit or contradicts itself; every engine calls it before it does anything.
pub fn validate(ops: &[Op]) -> Result<(), StoreError> {
    limit("the number of operations in a transaction", ops.len(), MAX_OPS)?;
    let mut bytes = 0;
    let mut named = std::collections::HashSet::with_capacity(ops.len());
    for op in ops {
        let (key, value) = match op {
            Op::Put { key, value, .. } => (key, Some(value)),
            Op::Delete { key } => (key, None),
            Op::Append { prefix, value } => (prefix, Some(value)),
        };
        if key.is_empty() {
            return Err(StoreError::Invalid("a key is empty".into()));
        }
        limit("a key", key.len(), MAX_KEY)?;
        limit("a value", value.map_or(0, Bytes::len), MAX_VALUE)?;
        bytes += key.len() + value.map_or(0, Bytes::len);
        if !matches!(op, Op::Append { .. }) && !named.insert(key) {
            let key = String::from_utf8_lossy(key);
            return Err(StoreError::Invalid(format!("a transaction names key {key} twice")));
        }
    }
    limit("a transaction", bytes, MAX_TXN_BYTES)
}

fn limit(what: &'static str, size: usize, limit: usize) -> Result<(), StoreError> {
    if size > limit { Err(StoreError::TooLarge { what, size, limit }) } else { Ok(()) }
}
