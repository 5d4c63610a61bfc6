//! How an address is chosen, held and given back.
//!
//! Addresses are chosen at random, so that interfaces that are made at the same time do not contend for the
//! same row. The row of an address is read guarded before it is written, so of two transactions that chose the
//! same one only one commits, and the other runs again.

use std::net::Ipv4Addr;
use std::time::Duration;

use gantry_base::{Ids, Timestamp};
use gantry_store::{Key, Scan, StoreError, Table, Tx};

use crate::network::Ipv4Block;
use crate::tables::address::{Address, address_key};

/// How long an address rests after it was given back, while others are free.
pub const REST: Duration = Duration::from_secs(15 * 60);

/// How many addresses are tried before all are looked at.
const TRIES: u32 = 8;

/// A range of addresses that interfaces can hold, and where their rows are.
pub(crate) struct Pool<'a> {
    pub table: &'a Table<Address>,
    pub prefix: Key,
    pub block: Ipv4Block,
    /// Offsets in the block that can be held.
    pub usable: std::ops::Range<u64>,
}

impl Pool<'_> {
    fn key(&self, address: Ipv4Addr) -> Key {
        address_key(&self.prefix, address)
    }

    /// Whether the address can be held by an interface at all.
    pub fn usable(&self, address: Ipv4Addr) -> bool {
        self.block.offset(address).is_some_and(|offset| self.usable.contains(&offset))
    }

    /// Takes this very address; false where it is held already.
    pub async fn take(&self, tx: &mut Tx, address: Ipv4Addr, interface: &str) -> Result<bool, StoreError> {
        let key = self.key(address);
        if let Some(Address::Held { .. }) = tx.get(self.table, &key).await? {
            return Ok(false);
        }
        tx.put(self.table, &key, &Address::Held { network_interface_id: interface.to_owned() });
        Ok(true)
    }

    /// Takes any address; `None` where all are held.
    pub async fn take_any(
        &self,
        tx: &mut Tx,
        ids: &dyn Ids,
        now: Timestamp,
        interface: &str,
    ) -> Result<Option<Ipv4Addr>, StoreError> {
        let Some(address) = self.choose(tx, ids, now).await? else { return Ok(None) };
        Ok(self.take(tx, address, interface).await?.then_some(address))
    }

    async fn choose(
        &self,
        tx: &mut Tx,
        ids: &dyn Ids,
        now: Timestamp,
    ) -> Result<Option<Ipv4Addr>, StoreError> {
        for _ in 0..TRIES {
            let address = self.block.at(random_in(ids, &self.usable));
            if rested(tx.peek(self.table, &self.key(address)).await?.as_ref(), now) {
                return Ok(Some(address));
            }
        }
        // Nearly all are held or rest: look at all of them, and take the one that was free the longest.
        let rows = tx.peek_scan(self.table, &self.prefix, Scan::all()).await?;
        let mut free: Vec<(Timestamp, u64)> = Vec::new();
        let mut rows = rows.into_iter().peekable();
        for offset in self.usable.clone() {
            let key = self.key(self.block.at(offset));
            while rows.next_if(|(row, _)| *row < key).is_some() {}
            match rows.next_if(|(row, _)| *row == key) {
                Some((_, Address::Held { .. })) => {}
                Some((_, Address::Free { since })) => free.push((since, offset)),
                None => free.push((Timestamp::from_millis(i64::MIN), offset)),
            }
        }
        free.sort_unstable();
        let rested = free.partition_point(|(since, _)| now.since(*since) >= REST) as u64;
        // Those who come at the same time shall not all choose the same one.
        let choices = if rested > 0 { 0..rested } else { 0..(free.len() as u64).min(8) };
        let chosen = (!choices.is_empty()).then(|| free[random_in(ids, &choices) as usize].1);
        Ok(chosen.map(|offset| self.block.at(offset)))
    }

    /// Gives an address back.
    pub fn give_back(&self, tx: &mut Tx, address: Ipv4Addr, now: Timestamp) {
        tx.put(self.table, &self.key(address), &Address::Free { since: now });
    }

    /// How many are held.
    pub async fn held(&self, tx: &mut Tx) -> Result<u64, StoreError> {
        let rows = tx.peek_scan(self.table, &self.prefix, Scan::all()).await?;
        Ok(rows.iter().filter(|(_, row)| matches!(row, Address::Held { .. })).count() as u64)
    }
}

fn rested(row: Option<&Address>, now: Timestamp) -> bool {
    match row {
        None => true,
        Some(Address::Held { .. }) => false,
        Some(Address::Free { since }) => now.since(*since) >= REST,
    }
}

/// A number in the range, which must not be empty. Ranges are so small that the slight bias does not matter.
fn random_in(ids: &dyn Ids, range: &std::ops::Range<u64>) -> u64 {
    let mut bytes = [0; 8];
    ids.fill(&mut bytes);
    range.start + u64::from_le_bytes(bytes) % (range.end - range.start)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use gantry_base::{Authority, SeededIds};
    use gantry_store::{Db, Redb, key};

    use super::*;
    use crate::tables::address::ADDRESSES;

    struct Test;

    impl Authority for Test {
        fn describe(&self) -> String {
            "a test".into()
        }
    }

    fn pool() -> Pool<'static> {
        let block = Ipv4Block::new(Ipv4Addr::new(10, 0, 0, 0), 24);
        Pool { table: &ADDRESSES, prefix: key!("subnet"), block, usable: 4..255 }
    }

    async fn take(db: &Db, ids: &SeededIds, now: Timestamp) -> Option<Ipv4Addr> {
        let mut tx = db.begin();
        let taken = pool().take_any(&mut tx, ids, now, "eni-1").await.unwrap();
        tx.commit(&Test).await.unwrap();
        taken
    }

    #[tokio::test]
    async fn an_address_rests_after_it_was_given_back_unless_it_is_the_last() {
        let db = Db::new(Arc::new(Redb::in_memory().unwrap()));
        let ids = SeededIds::new(3);
        let now = Timestamp::from_secs(1_800_000_000);
        let given_back = take(&db, &ids, now).await.unwrap();
        let mut tx = db.begin();
        pool().give_back(&mut tx, given_back, now);
        tx.commit(&Test).await.unwrap();

        let mut seen = BTreeSet::new();
        for _ in 0..250 {
            seen.insert(take(&db, &ids, now).await.unwrap());
        }
        assert_eq!(seen.len(), 250);
        assert!(seen.iter().all(|address| (4..255).contains(&address.octets()[3])));
        assert!(!seen.contains(&given_back));
        assert_eq!(pool().held(&mut db.begin()).await.unwrap(), 250);
        assert_eq!(take(&db, &ids, now).await, Some(given_back));
        assert_eq!(take(&db, &ids, now).await, None);
    }
}
