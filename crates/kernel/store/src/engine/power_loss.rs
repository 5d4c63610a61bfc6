//! Tests with a disk that forgets what was not synced, or fails.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use futures::StreamExt;
use gantry_base::{Ids, SeededIds};
use redb::{Database, StorageBackend};

use super::medium::Medium;
use super::{Options, Redb, lock};
use crate::error::StoreError;
use crate::kv::{Kv, Op, Order, Range, Revision, TxnOutcome};

/// A disk that can lose its power.
#[derive(Debug, Clone)]
struct Disk {
    state: Arc<Mutex<State>>,
    failing: Arc<AtomicBool>,
    /// How many bytes it holds at most.
    room: Arc<AtomicUsize>,
}

impl Default for Disk {
    fn default() -> Self {
        let room = Arc::new(AtomicUsize::new(usize::MAX));
        Disk { state: Arc::default(), failing: Arc::default(), room }
    }
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
        if len as usize > state.seen.len() && len as usize > self.room.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::StorageFull.into());
        }
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
    let database = Database::builder().set_cache_size(1 << 20).create_with_backend(disk.clone()).unwrap();
    Redb::start(database, Options::default(), Box::new(disk)).unwrap()
}

impl Medium for Disk {
    fn open_again(&self, cache_bytes: usize) -> Result<Database, StoreError> {
        Ok(Database::builder().set_cache_size(cache_bytes).create_with_backend(self.clone())?)
    }
    fn answers(&self) -> io::Result<()> {
        self.check()
    }
    fn has_room(&self) -> io::Result<()> {
        self.check()?;
        if lock(&self.state).seen.len() < self.room.load(Ordering::SeqCst) {
            Ok(())
        } else {
            Err(io::ErrorKind::StorageFull.into())
        }
    }
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
        let refused = redb.txn(vec![], put(n)).await;
        assert!(matches!(refused, Err(StoreError::Engine(_) | StoreError::Unavailable(_))), "{refused:?}");
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

#[tokio::test]
async fn a_full_disk_is_said_and_not_the_end() {
    let disk = Disk::default();
    let redb = open(disk.clone());
    redb.txn(vec![], put(1)).await.unwrap();
    let full = lock(&disk.state).seen.len();
    disk.room.store(full, Ordering::SeqCst);
    let large = |n: u64| Op::Put {
        key: format!("large/{n}").into(),
        value: vec![b'x'; 512 * 1024].into(),
        lease: None,
    };
    let mut written = Vec::new();
    for n in 0.. {
        assert!(n < 1000, "the disk never fills");
        match redb.txn(vec![], vec![large(n)]).await {
            Ok(_) => written.push(n),
            Err(StoreError::Unavailable(_)) => break,
            Err(error) => panic!("it is known that nothing was done: {error}"),
        }
    }
    let refused = written.len() as u64;
    assert!(redb.trouble().is_some());
    assert!(matches!(redb.txn(vec![], put(2)).await, Err(StoreError::Unavailable(_))));
    // Nothing acknowledged is lost, and nothing refused is there.
    let there = redb.range(Range::prefix("large/"), usize::MAX, Order::Ascending).await.unwrap();
    assert_eq!(there.kvs.len(), written.len());
    let mut watch = redb.watch(Range::prefix("large/"), redb.revision().await.unwrap()).await.unwrap();

    disk.room.store(usize::MAX, Ordering::SeqCst);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while redb.trouble().is_some() {
        assert!(std::time::Instant::now() < deadline, "it does not mend itself");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    redb.txn(vec![], vec![large(refused)]).await.unwrap();
    let change = watch.next().await.expect("the watch goes on").unwrap();
    assert_eq!(change.events[0].key(), &format!("large/{refused}"));
}
