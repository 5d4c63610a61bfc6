//! How keys, history and leases lie in redb.

use bytes::Bytes;
use redb::{ReadableTable, Table, TableDefinition, WriteTransaction};

use crate::error::StoreError;
use crate::kv::{Event, KeyValue, LeaseId, Revision};

/// Key to head and value; see [`Head`].
pub(super) const KV: TableDefinition<&[u8], &[u8]> = TableDefinition::new("kv");
/// Revision and place within it to a change.
pub(super) const HISTORY: TableDefinition<(u64, u32), &[u8]> = TableDefinition::new("history");
/// Lease to its time to live in milliseconds.
pub(super) const LEASES: TableDefinition<u64, u64> = TableDefinition::new("leases");
/// The keys of each lease.
pub(super) const LEASE_KEYS: TableDefinition<(u64, &[u8]), ()> = TableDefinition::new("lease_keys");
/// The numbers below.
pub(super) const META: TableDefinition<&str, u64> = TableDefinition::new("meta");

pub(super) const REVISION: &str = "revision";
pub(super) const COMPACTED: &str = "compacted";
pub(super) const HISTORY_EVENTS: &str = "history_events";
pub(super) const HISTORY_BYTES: &str = "history_bytes";
pub(super) const LAST_LEASE: &str = "last_lease";

/// Every table, open for writing.
pub(super) struct Tables<'t> {
    pub kv: Table<'t, &'static [u8], &'static [u8]>,
    pub history: Table<'t, (u64, u32), &'static [u8]>,
    pub leases: Table<'t, u64, u64>,
    pub lease_keys: Table<'t, (u64, &'static [u8]), ()>,
    pub meta: Table<'t, &'static str, u64>,
}

impl<'t> Tables<'t> {
    pub(super) fn open(txn: &'t WriteTransaction) -> Result<Self, StoreError> {
        Ok(Tables {
            kv: txn.open_table(KV)?,
            history: txn.open_table(HISTORY)?,
            leases: txn.open_table(LEASES)?,
            lease_keys: txn.open_table(LEASE_KEYS)?,
            meta: txn.open_table(META)?,
        })
    }

    pub(super) fn head(&self, key: &[u8]) -> Result<Option<Head>, StoreError> {
        self.kv.get(key)?.map(|record| Head::read(record.value())).transpose()
    }
}

/// A number of the meta table; 0 until it is first written.
pub(super) fn number(meta: &impl ReadableTable<&'static str, u64>, name: &str) -> Result<u64, StoreError> {
    Ok(meta.get(name)?.map_or(0, |number| number.value()))
}

/// What stands before each value: create revision, mod revision and lease (0: none), little-endian.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    pub create_revision: Revision,
    pub mod_revision: Revision,
    pub lease: u64,
}

impl Head {
    pub(super) const SIZE: usize = 24;

    pub(super) fn read(record: &[u8]) -> Result<Head, StoreError> {
        let number = |at: usize| {
            let bytes = record.get(at..at + 8).and_then(|bytes| bytes.try_into().ok());
            bytes.map(u64::from_le_bytes).ok_or_else(|| damaged("a record is shorter than its head"))
        };
        Ok(Head { create_revision: number(0)?, mod_revision: number(8)?, lease: number(16)? })
    }

    /// Writes the record into a place of its length.
    pub(super) fn write(&self, value: &[u8], place: &mut [u8]) {
        let (head, rest) = place.split_at_mut(Self::SIZE);
        let numbers = [self.create_revision, self.mod_revision, self.lease];
        for (place, number) in head.chunks_exact_mut(8).zip(numbers) {
            place.copy_from_slice(&number.to_le_bytes());
        }
        rest.copy_from_slice(value);
    }

    pub(super) fn record(&self, value: &[u8]) -> Vec<u8> {
        let mut record = Vec::with_capacity(Self::SIZE + value.len());
        for number in [self.create_revision, self.mod_revision, self.lease] {
            record.extend_from_slice(&number.to_le_bytes());
        }
        record.extend_from_slice(value);
        record
    }
}

/// A key and its record as callers see them.
pub(super) fn key_value(key: Bytes, record: &[u8]) -> Result<KeyValue, StoreError> {
    let head = Head::read(record)?;
    Ok(KeyValue {
        key,
        value: Bytes::copy_from_slice(&record[Head::SIZE..]),
        create_revision: head.create_revision,
        mod_revision: head.mod_revision,
        lease: (head.lease != 0).then_some(LeaseId(head.lease)),
    })
}

/// A change as it lies in the history: the key's length, the key, and the record, empty for a delete.
pub(super) fn history_entry(event: &Event) -> Vec<u8> {
    let key = event.key();
    let mut entry = (key.len() as u32).to_le_bytes().to_vec();
    entry.extend_from_slice(key);
    if let Event::Put(kv) = event {
        let head = Head {
            create_revision: kv.create_revision,
            mod_revision: kv.mod_revision,
            lease: kv.lease.map_or(0, |lease| lease.0),
        };
        entry.extend_from_slice(&head.record(&kv.value));
    }
    entry
}

/// The key of a history entry, and its record.
pub(super) fn split_entry(entry: &[u8]) -> Result<(&[u8], &[u8]), StoreError> {
    let damaged = || damaged("a history entry is shorter than it says");
    let (length, rest) = entry.split_first_chunk::<4>().ok_or_else(damaged)?;
    rest.split_at_checked(u32::from_le_bytes(*length) as usize).ok_or_else(damaged)
}

pub(super) fn damaged(what: &str) -> StoreError {
    StoreError::Engine(format!("the database is damaged: {what}"))
}
