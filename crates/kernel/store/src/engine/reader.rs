//! Reads, from a view that all readers of one revision share.

use async_trait::async_trait;
use bytes::Bytes;
use redb::{ReadOnlyTable, ReadTransaction};

use super::layout::{KV, META, REVISION, key_value, number};
use crate::error::StoreError;
use crate::kv::{KeyValue, Order, Page, Range, Revision, Snapshot};

/// The store at one revision. Reads run on the caller's thread: what is read often is in redb's cache, and
/// what is not is one read of the file.
pub(super) struct View {
    revision: Revision,
    kv: ReadOnlyTable<&'static [u8], &'static [u8]>,
}

impl View {
    pub(super) fn new(txn: &ReadTransaction) -> Result<View, StoreError> {
        Ok(View { revision: number(&txn.open_table(META)?, REVISION)?, kv: txn.open_table(KV)? })
    }

    fn get(&self, key: &Bytes) -> Result<Option<KeyValue>, StoreError> {
        let record = self.kv.get(key.as_ref())?;
        record.map(|record| key_value(key.clone(), record.value())).transpose()
    }
}

#[async_trait]
impl Snapshot for View {
    fn revision(&self) -> Revision {
        self.revision
    }

    async fn get_many(&self, keys: &[Bytes]) -> Result<Vec<Option<KeyValue>>, StoreError> {
        keys.iter().map(|key| self.get(key)).collect()
    }

    async fn range(&self, range: &Range, limit: usize, order: Order) -> Result<Page, StoreError> {
        let mut page = Page { kvs: Vec::new(), revision: self.revision, more: false };
        if range.is_empty() {
            return Ok(page);
        }
        let mut found = self.kv.range(range.start.as_ref()..range.end.as_ref())?;
        loop {
            let next = match order {
                Order::Ascending => found.next(),
                Order::Descending => found.next_back(),
            };
            let Some(next) = next else { return Ok(page) };
            if page.kvs.len() == limit {
                page.more = true;
                return Ok(page);
            }
            let (key, record) = next?;
            page.kvs.push(key_value(Bytes::copy_from_slice(key.value()), record.value())?);
        }
    }
}
