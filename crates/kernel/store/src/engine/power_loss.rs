//! Tests with a disk that forgets what was not synced, or fails.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use gantry_base::{Ids, SeededIds};
use redb::{Database, StorageBackend};

use super::{Options, Redb, lock};
use crate::error::StoreError;
use crate::kv::{Kv, Op, Order, Range, Revision, TxnOutcome};

/// A disk that can lose its power.
#[derive(Debug, Clone, Default)]
struct Disk {
    state: Arc<Mutex<State>>,
    failing: Arc<AtomicBool>,
}

#[derive(Debug, Default)]
struct State {
    /// What a reader sees.
    seen: Vec<u8>,
    now: Moment,
    /// How it was right before the last sync.
    before_sync: Moment,
}

#[derive(Debug, Clone, Default)]
struct Moment {
    /// What was synced.
    durable: Vec<u8>,
    /// What was written since: any part of it may be there or not.
    pending: Vec<(usize, Vec<u8>)>,
    length: usize,
}

impl Moment {
    /// What is found when the power went at this moment.
    fn after_power_loss(&self, chance: &SeededIds) -> Vec<u8> {
        let mut found = self.durable.clone();
        found.resize(found.len().max(self.length), 0);
        for (offset, data) in &self.pending {
            for (at, piece) in (*offset..).step_by(512).zip(data.chunks(512)) {
                let mut coin = [0];
                chance.fill(&mut coin);
                if coin[0] < 128 && at + piece.len() <= found.len() {
                    found[at..at + piece.len()].copy_from_slice(piece);
                }
            }
        }
        found
    }
}

impl Disk {
    fn holding(content: Vec<u8>) -> Disk {
        let disk = Disk::default();
        let now = Moment { durable: content.clone(), pending: Vec::new(), length: content.len() };
        *lock(&disk.state) = State { seen: content, before_sync: now.clone(), now };
        disk
    }

    fn check(&self) -> io::Result<()> {
        if self.failing.load(Ordering::SeqCst) {
            Err(io::Error::other("the disk is on fire"))
        } else {
            Ok(())
        }
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(lock(&self.state).seen.len() as u64)
    }
    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = lock(&self.state);
        let from = state.seen.get(offset as usize..offset as usize + out.len());
        out.copy_from_slice(from.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
    fn set_len(&self, len: u64) -> io::Result<()> {
        self.check()?;
        let mut state = lock(&self.state);
        state.seen.resize(len as usize, 0);
        state.now.length = len as usize;
        Ok(())
    }
    fn sync_data(&self) -> io::Result<()> {
        self.check()?;
        let mut state = lock(&self.state);
        let (durable, length) = (state.seen.clone(), state.seen.len());
        let now = Moment { durable, pending: Vec::new(), length };
        state.before_sync = std::mem::replace(&mut state.now, now);
        Ok(())
    }
    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.check()?;
        let mut state = lock(&self.state);
        let offset = offset as usize;
        state.seen[offset..offset + data.len()].copy_from_slice(data);
        state.now.pending.push((offset, data.to_vec()));
        Ok(())
    }
}

fn open(disk: Disk) -> Redb {
    let database = Database::builder().set_cache_size(1 << 20).create_with_backend(disk).unwrap();
    Redb::start(database, Options::default(), None).unwrap()
}

fn put(n: u64) -> Vec<Op> {
    // Of several sizes, so that pages split and are freed.
    let value = vec![b'x'; (n as usize * 37) % 3000];
    let pair = |side: &str| Op::Put {
        key: format!("{side}/{}", n % 40).into(),
        value: [n.to_string().as_bytes(), b" ", &value].concat().into(),
        lease: None,
    };
    vec![pair("a"), pair("b")]
}

#[tokio::test]
async fn what_is_acknowledged_is_there_after_a_loss_of_power() {
    let chance = SeededIds::new(7);
    let disk = Disk::default();
    let redb = open(disk.clone());
    let mut before = 0;
    for n in 0..60u64 {
        let TxnOutcome::Committed { revision } = redb.txn(vec![], put(n)).await.unwrap() else { panic!() };
        let (now, before_sync) = {
            let state = lock(&disk.state);
            (state.now.clone(), state.before_sync.clone())
        };
        // Right after the answer, and while the disk was still at work.
        check(now.after_power_loss(&chance), revision).await;
        for _ in 0..3 {
            check(before_sync.after_power_loss(&chance), before).await;
        }
        before = revision;
    }
}

async fn check(found: Vec<u8>, acknowledged: Revision) {
    let again = open(Disk::holding(found));
    let revision = again.revision().await.unwrap();
    assert!(revision >= acknowledged, "{acknowledged} was acknowledged, {revision} is there");
    let side = |side: &'static str| {
        let again = again.clone();
        async move {
            let page = again.range(Range::prefix(side), usize::MAX, Order::Ascending).await.unwrap();
            page.kvs.into_iter().map(|kv| (kv.value, kv.mod_revision)).collect::<Vec<_>>()
        }
    };
    let left = side("a/").await;
    assert_eq!(left, side("b/").await, "half a transaction");
    assert_eq!(left.iter().map(|(_, revision)| *revision).max().unwrap_or(0), revision);
}

#[tokio::test]
async fn on_a_failing_disk_nothing_is_acknowledged_and_reads_go_on() {
    let disk = Disk::default();
    let redb = open(disk.clone());
    redb.txn(vec![], put(1)).await.unwrap();
    disk.failing.store(true, Ordering::SeqCst);
    for n in 2..5 {
        assert!(matches!(redb.txn(vec![], put(n)).await, Err(StoreError::Engine(_))));
    }
    assert!(redb.get("a/1".into()).await.unwrap().is_some());
    assert_eq!(redb.get("a/2".into()).await.unwrap(), None);
    // What failed is not done behind the caller's back when the disk is well again.
    disk.failing.store(false, Ordering::SeqCst);
    drop(redb);
    let again = open(Disk::holding(lock(&disk.state).seen.clone()));
    assert!(again.get("a/1".into()).await.unwrap().is_some());
    again.txn(vec![], put(6)).await.unwrap();
}
