//! Many at once: what committed must be what some order of the same transactions, one after another, does.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use futures::StreamExt;
use gantry_base::{Ids, SeededIds};
use gantry_store::{
    Compare, Etcd, Event, Kv, Op, Options, Order, Range, Redb, Revision, StoreError, TxnOutcome,
};

use crate::members::Members;

/// A transaction that committed, with what it had relied on.
struct Done {
    revision: Revision,
    compares: Vec<Compare>,
    ops: Vec<Op>,
}

fn key(n: u8) -> Bytes {
    Bytes::from(format!("k{}", n % 12))
}

/// Reads a few keys and a range, then writes what depends on them.
async fn write(kv: Arc<dyn Kv>, seed: u64, rounds: usize) -> Vec<Done> {
    let ids = SeededIds::new(seed);
    let mut done = Vec::new();
    for round in 0..rounds {
        let mut dice = [0u8; 8];
        ids.fill(&mut dice);
        let snapshot = kv.snapshot().await.unwrap();
        let read = key(dice[0]);
        let found = snapshot.get_many(std::slice::from_ref(&read)).await.unwrap();
        let revision = found[0].as_ref().map_or(0, |kv| kv.mod_revision);
        let mut compares = vec![Compare::ModRevision { key: read, revision }];
        if dice[1] < 128 {
            let range = Range::new(key(dice[2]), b"k9".to_vec());
            let page = snapshot.range(&range, usize::MAX, Order::Ascending).await.unwrap();
            let seen = page.kvs.into_iter().map(|kv| (kv.key, kv.mod_revision)).collect();
            compares.push(Compare::Unchanged { range, since: page.revision, seen });
        }
        let value = Bytes::from(format!("{seed}/{round}"));
        let mut ops = vec![Op::Put { key: key(dice[3]), value, lease: None }];
        if key(dice[4]) != key(dice[3]) {
            ops.push(Op::Delete { key: key(dice[4]) });
        }
        match kv.txn(compares.clone(), ops.clone()).await {
            Ok(TxnOutcome::Committed { revision }) => {
                let now = kv.revision().await.unwrap();
                assert!(now >= revision, "what was acknowledged is seen");
                done.push(Done { revision, compares, ops });
            }
            Ok(TxnOutcome::Failed) => {}
            Err(error) => panic!("{error}"),
        }
    }
    done
}

/// Runs the transactions again, one after another.
fn replay(mut done: Vec<Done>, before: Revision) -> BTreeMap<Bytes, (Bytes, Revision)> {
    done.sort_by_key(|done| done.revision);
    let mut state: BTreeMap<Bytes, (Bytes, Revision)> = BTreeMap::new();
    for (at, Done { revision, compares, ops }) in done.into_iter().enumerate() {
        assert_eq!(revision, before + at as u64 + 1, "every revision is one transaction's");
        for compare in compares {
            match compare {
                Compare::ModRevision { key, revision } => {
                    assert_eq!(state.get(&key).map_or(0, |(_, revision)| *revision), revision);
                }
                Compare::Unchanged { range, seen, .. } => {
                    let held = state.iter().filter(|(key, _)| range.contains(key));
                    let held: Vec<_> = held.map(|(key, (_, revision))| (key.clone(), *revision)).collect();
                    assert_eq!(held, seen, "{range:?} at {revision}");
                }
            }
        }
        for op in ops {
            match op {
                Op::Put { key, value, .. } => drop(state.insert(key, (value, revision))),
                Op::Delete { key } => drop(state.remove(&key)),
                Op::Append { .. } => unreachable!("these writers do not append"),
            }
        }
    }
    state
}

async fn many_at_once(kv: Arc<dyn Kv>) {
    let everything = Range::prefix("k");
    let before = kv.revision().await.unwrap();
    let mut watch = kv.watch(everything.clone(), 0).await.unwrap();
    let watched = tokio::spawn(async move {
        let mut state = BTreeMap::new();
        let mut last = 0;
        while !state.contains_key(b"kend".as_slice()) {
            let change = watch.next().await.unwrap().unwrap();
            assert!(change.revision > last, "in order, and none twice");
            last = change.revision;
            for event in change.events {
                match event {
                    Event::Put(kv) => drop(state.insert(kv.key, (kv.value, kv.mod_revision))),
                    Event::Delete { key, .. } => drop(state.remove(&key)),
                }
            }
        }
        state
    });
    let writers = (0..16).map(|seed| tokio::spawn(write(kv.clone(), seed, 60)));
    let mut done = Vec::new();
    for writer in writers.collect::<Vec<_>>() {
        done.extend(writer.await.unwrap());
    }
    let end = Op::Put { key: "kend".into(), value: "".into(), lease: None };
    let outcome = kv.txn(vec![], vec![end.clone()]).await.unwrap();
    let TxnOutcome::Committed { revision } = outcome else { panic!("nothing was compared") };
    done.push(Done { revision, compares: vec![], ops: vec![end] });

    let replayed = replay(done, before);
    let page = kv.range(everything, usize::MAX, Order::Ascending).await.unwrap();
    let present: BTreeMap<_, _> =
        page.kvs.into_iter().map(|kv| (kv.key, (kv.value, kv.mod_revision))).collect();
    assert_eq!(present, replayed);
    let watched = tokio::time::timeout(std::time::Duration::from_secs(20), watched).await.unwrap();
    assert_eq!(watched.unwrap(), replayed, "a watch sees all of it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn redb_in_memory_is_as_if_one_after_another() {
    many_at_once(Arc::new(Redb::in_memory().unwrap())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn redb_on_disk_is_as_if_one_after_another() {
    let dir = tempfile::tempdir().unwrap();
    many_at_once(Arc::new(Redb::open(dir.path()).unwrap())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn etcd_is_as_if_one_after_another() {
    let members = Members::start(1).await;
    many_at_once(Arc::new(Etcd::open(&members.location("many")).await.unwrap())).await;
}

#[tokio::test]
async fn a_watch_that_falls_behind_is_told_so_and_holds_nobody_up() {
    let options = Options { history_events: 50, tail_bytes: 1000, ..Options::default() };
    let kv = Redb::in_memory_with(options).unwrap();
    let put = |n: u64| vec![Op::Put { key: "k".into(), value: n.to_string().into(), lease: None }];
    kv.txn(vec![], put(0)).await.unwrap();
    let mut slow = kv.watch(Range::prefix("k"), 0).await.unwrap();
    for n in 1..500 {
        kv.txn(vec![], put(n)).await.unwrap();
    }
    let mut last = 0;
    let end = loop {
        match slow.next().await {
            Some(Ok(change)) => {
                assert_eq!(change.revision, last + 1);
                last = change.revision;
            }
            end => break end,
        }
    };
    let Some(Err(StoreError::Compacted { compacted })) = end else { panic!("{end:?}") };
    assert!(last < compacted && compacted >= 400, "after {last}: {compacted}");
    assert!(slow.next().await.is_none());
    // From where the history begins it goes on.
    let next = kv.watch(Range::prefix("k"), compacted).await.unwrap().next().await.unwrap().unwrap();
    assert_eq!(next.revision, compacted + 1);
}

#[tokio::test]
async fn a_watch_ends_when_the_store_is_closed() {
    let kv = Redb::in_memory().unwrap();
    let mut watch = kv.watch(Range::prefix("k"), 0).await.unwrap();
    drop(kv);
    assert_eq!(watch.next().await, Some(Err(StoreError::Closed)));
}
