//! Transactions over typed tables: optimistic, and consistent while they are open.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use gantry_base::Authority;
use serde::Serialize;

use crate::error::StoreError;
use crate::key::Key;
use crate::kv::{
    Compare, KeyValue, Kv, LeaseId, Op, Order, Range, Revision, Snapshot, TxnOutcome, successor,
};
use crate::outbox::{Entry, topic_prefix};
use crate::table::{Record, Table};
use crate::wakes::wake_key;

/// The store as services and loops see it. Clones are the same store.
#[derive(Clone)]
pub struct Db {
    kv: Arc<dyn Kv>,
}

impl Db {
    /// The tables in the engine.
    pub fn new(kv: Arc<dyn Kv>) -> Db {
        Db { kv }
    }

    /// Begins a transaction. It sees the store as it is at its first read, and what it writes itself.
    pub fn begin(&self) -> Tx {
        Tx {
            kv: self.kv.clone(),
            snapshot: None,
            gets: BTreeMap::new(),
            peeks: BTreeMap::new(),
            scans: Vec::new(),
            writes: BTreeMap::new(),
            wakes: BTreeSet::new(),
            events: Vec::new(),
            failed: None,
        }
    }

    /// The engine, for leases and watches.
    pub fn kv(&self) -> &Arc<dyn Kv> {
        &self.kv
    }
}

/// Which rows a scan gives.
#[derive(Debug, Clone, Default)]
pub struct Scan {
    /// Begin after this key, in the scan's order.
    pub after: Option<Key>,
    /// At most so many rows; `None`: all.
    pub limit: Option<usize>,
    /// From the largest key down.
    pub reverse: bool,
}

impl Scan {
    /// Every row.
    pub fn all() -> Scan {
        Scan::default()
    }
    /// At most `limit` rows.
    pub fn first(limit: usize) -> Scan {
        Scan { limit: Some(limit), ..Scan::default() }
    }
    /// The same rows from the other end.
    pub fn reversed(self) -> Scan {
        Scan { reverse: true, ..self }
    }
    /// The rows after `key`.
    pub fn after(self, key: Option<Key>) -> Scan {
        Scan { after: key, ..self }
    }
}

/// A transaction. Dropping it without a commit leaves nothing behind, so it also serves to only read.
///
/// What `get` and `scan` returned is guarded: if another transaction has written there by the time of the
/// commit (for a scan also a row that was not there), the commit ends in [`StoreError::Conflict`]. What
/// `peek` and `peek_scan` returned is guarded only where this transaction writes the same row, so that a
/// loop can look at a whole table and change a few rows of it.
///
/// ```
/// use gantry_store::{Db, Redb, Scan, Table, key};
/// # struct Test;
/// # impl gantry_base::Authority for Test { fn describe(&self) -> String { "test".into() } }
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// # runtime.block_on(async {
/// const CLUSTERS: Table<String> = Table::new("ecs.cluster", 1);
/// let db = Db::new(std::sync::Arc::new(Redb::in_memory()?));
/// let mut tx = db.begin();
/// if tx.get(&CLUSTERS, &key!("000000000000", "default")).await?.is_none() {
///     tx.put(&CLUSTERS, &key!("000000000000", "default"), &"ACTIVE".to_string());
///     tx.wake("placement");
/// }
/// tx.commit(&Test).await?;
/// let rows = db.begin().scan(&CLUSTERS, &key!("000000000000"), Scan::first(100)).await?;
/// assert_eq!(rows, [(key!("000000000000", "default"), "ACTIVE".to_string())]);
/// # Ok::<(), gantry_store::StoreError>(())
/// # }).unwrap();
/// ```
pub struct Tx {
    kv: Arc<dyn Kv>,
    snapshot: Option<Arc<dyn Snapshot>>,
    /// Mod revisions of the rows that were read and guarded.
    gets: BTreeMap<Bytes, Revision>,
    /// Mod revisions of the rows that were only looked at.
    peeks: BTreeMap<Bytes, Revision>,
    scans: Vec<Compare>,
    writes: BTreeMap<Bytes, Write>,
    wakes: BTreeSet<Cow<'static, str>>,
    events: Vec<(&'static str, Bytes)>,
    /// The first row or event that could not be encoded; the commit tells of it.
    failed: Option<StoreError>,
}

enum Write {
    Put(Bytes, Option<LeaseId>),
    Delete,
}

/// Whether what is read must be unchanged at the commit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Guard {
    Always,
    WhereWritten,
}

/// How many keys are read from the engine at once.
const PAGE: usize = 1000;

impl Tx {
    /// The row, guarded.
    pub async fn get<V: Record>(&mut self, table: &Table<V>, key: &Key) -> Result<Option<V>, StoreError> {
        Ok(self.read(table, std::slice::from_ref(key), Guard::Always).await?.pop().flatten())
    }

    /// The rows in the order of the keys, guarded.
    pub async fn get_many<V: Record>(
        &mut self,
        table: &Table<V>,
        keys: &[Key],
    ) -> Result<Vec<Option<V>>, StoreError> {
        self.read(table, keys, Guard::Always).await
    }

    /// The row, guarded only if this transaction writes it.
    pub async fn peek<V: Record>(&mut self, table: &Table<V>, key: &Key) -> Result<Option<V>, StoreError> {
        Ok(self.read(table, std::slice::from_ref(key), Guard::WhereWritten).await?.pop().flatten())
    }

    /// The rows in the order of the keys, each guarded only if this transaction writes it.
    pub async fn peek_many<V: Record>(
        &mut self,
        table: &Table<V>,
        keys: &[Key],
    ) -> Result<Vec<Option<V>>, StoreError> {
        self.read(table, keys, Guard::WhereWritten).await
    }

    /// The rows whose keys begin with `prefix`, guarded with the gaps between them.
    pub async fn scan<V: Record>(
        &mut self,
        table: &Table<V>,
        prefix: &Key,
        scan: Scan,
    ) -> Result<Vec<(Key, V)>, StoreError> {
        self.read_range(table, prefix, scan, Guard::Always).await
    }

    /// The rows whose keys begin with `prefix`, each guarded only if this transaction writes it.
    pub async fn peek_scan<V: Record>(
        &mut self,
        table: &Table<V>,
        prefix: &Key,
        scan: Scan,
    ) -> Result<Vec<(Key, V)>, StoreError> {
        self.read_range(table, prefix, scan, Guard::WhereWritten).await
    }

    /// Writes the row.
    pub fn put<V: Record>(&mut self, table: &Table<V>, key: &Key, row: &V) {
        self.write_row(table, key, row, None);
    }

    /// Writes a row that is deleted when the lease ends.
    pub fn put_leased<V: Record>(&mut self, table: &Table<V>, key: &Key, row: &V, lease: LeaseId) {
        self.write_row(table, key, row, Some(lease));
    }

    /// Removes the row, if it is there.
    pub fn delete<V>(&mut self, table: &Table<V>, key: &Key) {
        self.writes.insert(table.row_key(key), Write::Delete);
    }

    /// Has the loops of that name look again after the commit.
    pub fn wake(&mut self, name: impl Into<Cow<'static, str>>) {
        self.wakes.insert(name.into());
    }

    /// Tells the topic's consumer of something, if and when this transaction commits.
    pub fn emit(&mut self, topic: &'static str, event: &impl Serialize) {
        match serde_json::to_vec(event) {
            Ok(json) => self.events.push((topic, json.into())),
            Err(error) => self
                .fail(StoreError::Codec { what: format!("an event for {topic}"), reason: error.to_string() }),
        }
    }

    /// Takes the entry out of its outbox together with what this transaction does about it.
    pub fn acknowledge(&mut self, entry: &Entry) {
        self.writes.insert(entry.key.clone(), Write::Delete);
    }

    /// The revision that this transaction sees.
    pub async fn revision(&mut self) -> Result<Revision, StoreError> {
        Ok(self.snapshot().await?.revision())
    }

    /// Makes everything durable at once, or nothing. Returns the store's revision after it.
    ///
    /// On [`StoreError::Conflict`] nothing was done, and the caller runs the whole operation again from
    /// `begin`. On [`StoreError::Engine`] or [`StoreError::Closed`] it is not known whether it was done.
    pub async fn commit(self, by: &dyn Authority) -> Result<Revision, StoreError> {
        if let Some(failed) = self.failed {
            return Err(failed);
        }
        if self.writes.is_empty() && self.wakes.is_empty() && self.events.is_empty() {
            // What was read was the store at one revision, so there is nothing to compare.
            return match self.snapshot {
                Some(snapshot) => Ok(snapshot.revision()),
                None => self.kv.revision().await,
            };
        }
        let written_peeks = self.peeks.into_iter().filter(|(key, _)| self.writes.contains_key(key));
        let mut single: BTreeMap<Bytes, Revision> = written_peeks.collect();
        single.extend(self.gets);
        let single = single.into_iter().map(|(key, revision)| Compare::ModRevision { key, revision });
        let compares = single.chain(self.scans).collect();

        let writes = self.writes.into_iter().map(|(key, write)| match write {
            Write::Put(value, lease) => Op::Put { key, value, lease },
            Write::Delete => Op::Delete { key },
        });
        let events =
            self.events.into_iter().map(|(topic, value)| Op::Append { prefix: topic_prefix(topic), value });
        let wakes = self.wakes.into_iter().map(|name| Op::Put {
            key: wake_key(&name),
            value: Bytes::new(),
            lease: None,
        });
        match self.kv.txn(compares, writes.chain(events).chain(wakes).collect()).await? {
            TxnOutcome::Committed { revision } => {
                if tracing::enabled!(tracing::Level::DEBUG) {
                    tracing::debug!(revision, by = by.describe(), "committed");
                }
                Ok(revision)
            }
            TxnOutcome::Failed => Err(StoreError::Conflict),
        }
    }

    async fn snapshot(&mut self) -> Result<Arc<dyn Snapshot>, StoreError> {
        if self.snapshot.is_none() {
            self.snapshot = Some(self.kv.snapshot().await?);
        }
        Ok(self.snapshot.clone().expect("it was just set"))
    }

    async fn read<V: Record>(
        &mut self,
        table: &Table<V>,
        keys: &[Key],
        guard: Guard,
    ) -> Result<Vec<Option<V>>, StoreError> {
        let row_keys: Vec<_> = keys.iter().map(|key| table.row_key(key)).collect();
        let found = self.snapshot().await?.get_many(&row_keys).await?;
        let mut rows = Vec::with_capacity(keys.len());
        for ((key, row_key), found) in keys.iter().zip(row_keys).zip(found) {
            let own = self.writes.get(&row_key);
            let value = match own {
                Some(Write::Put(value, _)) => Some(value.clone()),
                Some(Write::Delete) => None,
                None => found.as_ref().map(|kv| kv.value.clone()),
            };
            self.guard(row_key, found.map_or(0, |kv| kv.mod_revision), guard);
            rows.push(value.map(|value| table.decode(key, &value)).transpose()?);
        }
        Ok(rows)
    }

    fn guard(&mut self, row_key: Bytes, revision: Revision, guard: Guard) {
        match guard {
            Guard::Always => self.gets.insert(row_key, revision),
            Guard::WhereWritten => self.peeks.insert(row_key, revision),
        };
    }

    async fn read_range<V: Record>(
        &mut self,
        table: &Table<V>,
        prefix: &Key,
        scan: Scan,
        guard: Guard,
    ) -> Result<Vec<(Key, V)>, StoreError> {
        let mut range = table.rows_under(prefix);
        let order = if scan.reverse { Order::Descending } else { Order::Ascending };
        if let Some(after) = &scan.after {
            let after = table.row_key(after);
            match order {
                Order::Ascending => range.start = range.start.max(successor(&after)),
                Order::Descending => range.end = range.end.min(after),
            }
        }
        let limit = scan.limit.unwrap_or(usize::MAX);
        if range.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        // Each own write hides at most one row, so with that many more the limit is reached all the same.
        let own = self.writes.range(range.start.clone()..range.end.clone()).count();
        let found = self.read_pages(&range, limit.saturating_add(own), order, guard).await?;
        let rows: Vec<(Bytes, Bytes)> = if own == 0 {
            found.into_iter().map(|kv| (kv.key, kv.value)).collect()
        } else {
            self.with_own_writes(found, &range, order)
        };
        let mut decoded = Vec::with_capacity(rows.len().min(limit));
        for (row_key, value) in rows.into_iter().take(limit) {
            let key = table.key_of(&row_key);
            let row = table.decode(&key, &value)?;
            decoded.push((key, row));
            // A large table must not hold up the other tasks of this thread.
            if decoded.len().is_multiple_of(PAGE) {
                tokio::task::yield_now().await;
            }
        }
        Ok(decoded)
    }

    async fn read_pages(
        &mut self,
        range: &Range,
        limit: usize,
        order: Order,
        guard: Guard,
    ) -> Result<Vec<KeyValue>, StoreError> {
        let snapshot = self.snapshot().await?;
        let mut found: Vec<KeyValue> = Vec::new();
        let mut rest = range.clone();
        let mut read = range.clone();
        loop {
            let page = snapshot.range(&rest, PAGE.min(limit - found.len()), order).await?;
            found.extend(page.kvs);
            let last = found.last().map(|kv| kv.key.clone()).filter(|_| page.more);
            let Some(last) = last else { break };
            // What lies past the last key has not been read.
            match order {
                Order::Ascending => rest.start = successor(&last),
                Order::Descending => rest.end = last.clone(),
            }
            if found.len() >= limit {
                match order {
                    Order::Ascending => read.end = successor(&last),
                    Order::Descending => read.start = last,
                }
                break;
            }
        }
        let mut seen: Vec<_> = found.iter().map(|kv| (kv.key.clone(), kv.mod_revision)).collect();
        match guard {
            Guard::Always => {
                if order == Order::Descending {
                    seen.reverse();
                }
                self.scans.push(Compare::Unchanged { range: read, since: snapshot.revision(), seen });
            }
            Guard::WhereWritten => self.peeks.extend(seen),
        }
        Ok(found)
    }

    fn with_own_writes(&self, found: Vec<KeyValue>, range: &Range, order: Order) -> Vec<(Bytes, Bytes)> {
        let mut rows: BTreeMap<_, _> = found.into_iter().map(|kv| (kv.key, kv.value)).collect();
        for (key, write) in self.writes.range(range.start.clone()..range.end.clone()) {
            match write {
                Write::Put(value, _) => rows.insert(key.clone(), value.clone()),
                Write::Delete => rows.remove(key),
            };
        }
        match order {
            Order::Ascending => rows.into_iter().collect(),
            Order::Descending => rows.into_iter().rev().collect(),
        }
    }

    fn write_row<V: Record>(&mut self, table: &Table<V>, key: &Key, row: &V, lease: Option<LeaseId>) {
        match table.encode(key, row) {
            Ok(value) => {
                self.writes.insert(table.row_key(key), Write::Put(value, lease));
            }
            Err(error) => self.fail(error),
        }
    }

    fn fail(&mut self, error: StoreError) {
        self.failed.get_or_insert(error);
    }
}
