//! One store copied into another, whatever their engines, and compared afterwards.
//!
//! Keys that are bound to a lease stay behind: whoever holds the lease is not there to keep it.

use std::path::Path;

use bytes::Bytes;

use crate::engine::{Redb, restore_rows};
use crate::error::StoreError;
use crate::kv::{KeyValue, Kv, MAX_TXN_BYTES, Op, Order, Range, Revision, Snapshot, successor};

/// What was copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Moved {
    /// How many keys there are in both stores now.
    pub keys: u64,
    /// How many keys ended with their lease and were not copied.
    pub leased: u64,
}

/// How many rows are read and written at once.
const ROWS: usize = 500;

/// Copies everything into an empty store, then reads both and compares key by key.
pub async fn copy_store(from: &dyn Kv, to: &dyn Kv) -> Result<Moved, StoreError> {
    let present = to.range(everything(), 1, Order::Ascending).await?;
    if !present.kvs.is_empty() {
        return Err(StoreError::Refused("the store to move to is not empty".into()));
    }
    let snapshot = from.snapshot().await?;
    let mut moved = Moved::default();
    let mut rest = everything();
    while let Some(page) = next_page(&*snapshot, &mut rest, &mut moved).await? {
        let mut ops = Vec::with_capacity(page.len());
        let mut bytes = 0;
        for kv in page {
            let size = kv.key.len() + kv.value.len();
            if bytes + size > MAX_TXN_BYTES && !ops.is_empty() {
                to.txn(Vec::new(), std::mem::take(&mut ops)).await?;
                bytes = 0;
            }
            bytes += size;
            ops.push(Op::Put { key: kv.key, value: kv.value, lease: None });
        }
        if !ops.is_empty() {
            to.txn(Vec::new(), ops).await?;
        }
    }
    compare(&*snapshot, &*to.snapshot().await?).await?;
    Ok(moved)
}

/// Copies everything into a new store in a directory, which must be empty or not there, then opens it and
/// compares key by key. The new store's revision lies after every revision that anything in it speaks of.
pub async fn copy_to_directory(from: &dyn Kv, dir: &Path) -> Result<Moved, StoreError> {
    let snapshot = from.snapshot().await?;
    let mut moved = Moved::default();
    let mut rows: Vec<KeyValue> = Vec::new();
    let mut rest = everything();
    while let Some(page) = next_page(&*snapshot, &mut rest, &mut moved).await? {
        rows.extend(page);
    }
    let revision = rows.iter().map(appended_at).max().unwrap_or(0).max(snapshot.revision());
    restore_rows(&rows, revision, dir)?;
    drop(rows);
    let made = Redb::open(dir)?;
    compare(&*snapshot, &*made.snapshot().await?).await?;
    Ok(moved)
}

/// The number in the name of an appended key: the next one must come after it.
fn appended_at(kv: &KeyValue) -> Revision {
    let digits = kv.key.len().checked_sub(20).and_then(|at| kv.key.get(at..at + 16));
    let number = digits.and_then(|digits| u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
    let is_event = kv.key.starts_with(b"o/");
    number.filter(|_| is_event).unwrap_or(0)
}

fn everything() -> Range {
    Range { start: Bytes::from_static(&[0]), end: Bytes::from_static(&[0xff; 64]) }
}

/// The next rows without those that are leased; `None` after the last.
async fn next_page(
    snapshot: &dyn Snapshot,
    rest: &mut Range,
    moved: &mut Moved,
) -> Result<Option<Vec<KeyValue>>, StoreError> {
    if rest.is_empty() {
        return Ok(None);
    }
    let page = snapshot.range(rest, ROWS, Order::Ascending).await?;
    let Some(last) = page.kvs.last() else { return Ok(None) };
    rest.start = if page.more { successor(&last.key) } else { rest.end.clone() };
    let (kept, leased): (Vec<_>, Vec<_>) = page.kvs.into_iter().partition(|kv| kv.lease.is_none());
    moved.keys += kept.len() as u64;
    moved.leased += leased.len() as u64;
    Ok(Some(kept))
}

/// Reads both stores side by side.
async fn compare(one: &dyn Snapshot, other: &dyn Snapshot) -> Result<(), StoreError> {
    let (mut left, mut right) = (Rows::new(one), Rows::new(other));
    loop {
        match (left.next().await?, right.next().await?) {
            (None, None) => return Ok(()),
            (Some(one), Some(other)) if one.key == other.key && one.value == other.value => {}
            (one, other) => {
                let key = one.or(other).map(|kv| kv.key).unwrap_or_default();
                return Err(StoreError::Refused(format!(
                    "the stores differ at key {} after the copy: something writes to one of them",
                    String::from_utf8_lossy(&key)
                )));
            }
        }
    }
}

/// The rows of a store that are not leased, one after the other.
struct Rows<'a> {
    snapshot: &'a dyn Snapshot,
    rest: Range,
    page: std::vec::IntoIter<KeyValue>,
}

impl<'a> Rows<'a> {
    fn new(snapshot: &'a dyn Snapshot) -> Self {
        Rows { snapshot, rest: everything(), page: Vec::new().into_iter() }
    }

    async fn next(&mut self) -> Result<Option<KeyValue>, StoreError> {
        loop {
            if let Some(next) = self.page.next() {
                return Ok(Some(next));
            }
            match next_page(self.snapshot, &mut self.rest, &mut Moved::default()).await? {
                Some(page) => self.page = page.into_iter(),
                None => return Ok(None),
            }
        }
    }
}
