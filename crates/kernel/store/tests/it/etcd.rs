//! etcd as it is in a fleet: members die, and come back.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::StreamExt;
use gantry_store::{
    Compare, Etcd, Event, Kv, Op, Order, Range, Redb, StoreError, TxnOutcome, copy_store, copy_to_directory,
};

use crate::members::Members;

/// How long anything may take that has to happen.
const PATIENCE: Duration = Duration::from_secs(120);
const WRITERS: usize = 6;
const LISTS: usize = 4;

/// What a writer was told of each of its writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Done,
    NotDone,
    Unknown,
}

/// Adds names to lists, each with an event, until it is told to stop; what it was told of each.
async fn write(
    kv: Etcd,
    writer: usize,
    stop: Arc<AtomicBool>,
    acknowledged: Arc<AtomicU64>,
) -> BTreeMap<String, Told> {
    let mut told = BTreeMap::new();
    for n in 0.. {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let name = format!("{writer}.{n}");
        let list = Bytes::from(format!("list/{}", (writer + n) % LISTS));
        let Ok(found) = kv.get(list.clone()).await else { continue };
        let revision = found.as_ref().map_or(0, |kv| kv.mod_revision);
        let before = found.map(|kv| String::from_utf8(kv.value.to_vec()).unwrap()).unwrap_or_default();
        let ops = vec![
            Op::Put { key: list.clone(), value: format!("{before}{name} ").into(), lease: None },
            Op::Append { prefix: "events/".into(), value: name.clone().into() },
        ];
        let outcome = kv.txn(vec![Compare::ModRevision { key: list, revision }], ops).await;
        let outcome = match outcome {
            Ok(TxnOutcome::Committed { .. }) => Told::Done,
            Ok(TxnOutcome::Failed) | Err(StoreError::Unavailable(_)) => Told::NotDone,
            Err(StoreError::Engine(_)) => Told::Unknown,
            Err(error) => panic!("{error}"),
        };
        if outcome == Told::Done {
            acknowledged.fetch_add(1, Ordering::SeqCst);
        }
        told.insert(name, outcome);
    }
    told
}

/// Follows the events from the beginning until it is told where they end.
async fn follow(kv: Etcd) -> Vec<(Bytes, String)> {
    let mut watch = kv.watch(Range::prefix("events/"), 0).await.unwrap();
    let mut seen = Vec::new();
    loop {
        let change = watch.next().await.expect("a watch does not end").expect("nothing was compacted");
        for event in change.events {
            let Event::Put(kv) = event else { panic!("nobody deletes") };
            let name = String::from_utf8(kv.value.to_vec()).unwrap();
            if name == "end" {
                return seen;
            }
            seen.push((kv.key, name));
        }
    }
}

/// What is asked for, once the members have agreed on who leads them.
async fn eventually<T, F: Future<Output = Result<T, StoreError>>>(ask: impl Fn() -> F) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match ask().await {
            Ok(answer) => return answer,
            Err(StoreError::Unavailable(why) | StoreError::Engine(why)) if Instant::now() > deadline => {
                panic!("{why}")
            }
            Err(StoreError::Unavailable(_) | StoreError::Engine(_) | StoreError::Conflict) => {}
            Err(error) => panic!("{error}"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Waits until somebody is acknowledged something more.
async fn progress(acknowledged: &AtomicU64) {
    let before = acknowledged.load(Ordering::SeqCst);
    let deadline = Instant::now() + PATIENCE;
    while acknowledged.load(Ordering::SeqCst) < before + 3 {
        assert!(Instant::now() < deadline, "nothing is acknowledged any more");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// `GANTRY_CHAOS_SECONDS` has it go on for longer than one round.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_acknowledged_is_lost_or_doubled_while_members_die() {
    let mut members = Members::start(3).await;
    let kv = Etcd::open(&members.location("chaos")).await.unwrap();
    let lease = kv.lease_grant(Duration::from_secs(1800)).await.unwrap();
    let bound = Op::Put { key: "bound".into(), value: "".into(), lease: Some(lease) };
    kv.txn(vec![], vec![bound]).await.unwrap();

    let (stop, acknowledged) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let following = tokio::spawn(follow(kv.clone()));
    let mut writers = Vec::new();
    for writer in 0..WRITERS {
        // Each with its own connections, as replicas have.
        let own = Etcd::open(&members.location("chaos")).await.unwrap();
        writers.push(tokio::spawn(write(own, writer, stop.clone(), acknowledged.clone())));
    }
    let seconds = std::env::var("GANTRY_CHAOS_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    let until = Instant::now() + Duration::from_secs(seconds.unwrap_or(0));
    loop {
        for at in 0..3 {
            progress(&acknowledged).await;
            members.kill(at);
            progress(&acknowledged).await;
            eventually(|| kv.lease_keep_alive(lease)).await;
            members.run(at);
        }
        if Instant::now() >= until {
            break;
        }
    }
    progress(&acknowledged).await;
    stop.store(true, Ordering::SeqCst);
    let mut told = BTreeMap::new();
    for writer in writers {
        told.extend(writer.await.unwrap());
    }
    let end = Op::Append { prefix: "events/".into(), value: "end".into() };
    eventually(|| kv.txn(vec![], vec![end.clone()])).await;
    assert!(eventually(|| kv.get("bound".into())).await.is_some(), "its lease lives");

    let lists = eventually(|| kv.range(Range::prefix("list/"), usize::MAX, Order::Ascending)).await.kvs;
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    for list in lists {
        for name in std::str::from_utf8(&list.value).unwrap().split_whitespace() {
            *found.entry(name.to_owned()).or_default() += 1;
        }
    }
    for (name, told) in &told {
        let times = found.get(name).copied().unwrap_or(0);
        match told {
            Told::Done => assert_eq!(times, 1, "{name} was acknowledged"),
            Told::NotDone => assert_eq!(times, 0, "{name} was refused"),
            Told::Unknown => assert!(times <= 1, "{name} is there {times} times"),
        }
    }
    let events = eventually(|| kv.range(Range::prefix("events/"), usize::MAX, Order::Ascending)).await;
    let events: Vec<_> = events
        .kvs
        .into_iter()
        .map(|kv| (kv.key, String::from_utf8(kv.value.to_vec()).unwrap()))
        .filter(|(_, name)| name != "end")
        .collect();
    let names: BTreeMap<String, usize> = events.iter().map(|(_, name)| (name.clone(), 1)).collect();
    assert_eq!(names, found, "each write has its event, and each event its write");
    let seen = tokio::time::timeout(PATIENCE, following).await.unwrap().unwrap();
    assert_eq!(seen, events, "a watch sees each once, in order, whichever members die");
}

#[tokio::test]
async fn members_with_too_little_room_are_refused_with_what_to_do() {
    let members = Members::start_with(1, &["--log-level=error"]);
    let location = members.location("small");
    let deadline = Instant::now() + PATIENCE;
    loop {
        match Etcd::open(&location).await {
            Ok(_) => panic!("etcd's own limits are too small for the contract"),
            Err(StoreError::Refused(why)) => {
                assert!(why.contains("--max-txn-ops"), "{why}");
                return;
            }
            Err(error) => assert!(Instant::now() < deadline, "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn a_lease_runs_out_and_takes_its_keys() {
    let members = Members::start(1).await;
    let kv = Etcd::open(&members.location("lease")).await.unwrap();
    let lease = kv.lease_grant(Duration::from_secs(2)).await.unwrap();
    let op = Op::Put { key: "k".into(), value: "".into(), lease: Some(lease) };
    let TxnOutcome::Committed { revision } = kv.txn(vec![], vec![op]).await.unwrap() else { panic!() };
    let mut watch = kv.watch(Range::key("k"), revision).await.unwrap();
    let change = tokio::time::timeout(PATIENCE, watch.next()).await.unwrap().unwrap().unwrap();
    assert!(matches!(&change.events[..], [Event::Delete { key, .. }] if key == "k"), "{change:?}");
    assert_eq!(kv.lease_keep_alive(lease).await, Err(StoreError::NoLease(lease)));
}

#[tokio::test]
async fn a_store_moves_into_etcd_and_back() {
    let members = Members::start(1).await;
    let dir = tempfile::tempdir().unwrap();
    let redb = Redb::open(dir.path().join("one")).unwrap();
    for n in 0..1200u32 {
        let ops = vec![
            Op::Put { key: format!("t/x/{}", n % 700).into(), value: n.to_string().into(), lease: None },
            Op::Append { prefix: "o/topic/".into(), value: n.to_string().into() },
        ];
        redb.txn(vec![], ops).await.unwrap();
    }
    let lease = redb.lease_grant(Duration::from_secs(60)).await.unwrap();
    let leased = Op::Put { key: "leased".into(), value: "".into(), lease: Some(lease) };
    redb.txn(vec![], vec![leased]).await.unwrap();
    let all = async |kv: &dyn Kv| {
        let page = kv.range(Range::new(vec![0], vec![0xff]), usize::MAX, Order::Ascending).await.unwrap();
        page.kvs.into_iter().map(|kv| (kv.key, kv.value)).collect::<Vec<_>>()
    };
    let etcd = Etcd::open(&members.location("moved")).await.unwrap();
    let moved = copy_store(&redb, &etcd).await.unwrap();
    assert_eq!((moved.keys, moved.leased), (1900, 1));
    assert!(copy_store(&redb, &etcd).await.is_err(), "only into an empty one");
    let mut before = all(&redb).await;
    before.retain(|(key, _)| key != "leased");
    assert_eq!(all(&etcd).await, before);

    // Appends go on after those that were moved, in both directions.
    let append = |value: &'static str| vec![Op::Append { prefix: "o/topic/".into(), value: value.into() }];
    etcd.txn(vec![], append("in etcd")).await.unwrap();
    let back = dir.path().join("two");
    assert_eq!(copy_to_directory(&etcd, &back).await.unwrap().keys, 1901);
    let back = Redb::open(back).unwrap();
    assert_eq!(all(&back).await, all(&etcd).await);
    back.txn(vec![], append("back")).await.unwrap();
    let events = back.range(Range::prefix("o/topic/"), usize::MAX, Order::Ascending).await.unwrap().kvs;
    let last: Vec<_> = events.iter().rev().take(3).map(|kv| kv.value.clone()).collect();
    assert_eq!(last, ["back", "in etcd", "1199"]);
    assert_eq!(events.len(), 1202);
}

#[tokio::test]
async fn the_largest_transaction_fits() {
    let members = Members::start(1).await;
    let kv = Etcd::open(&members.location("large")).await.unwrap();
    let put = |n: usize, bytes: usize| Op::Put {
        key: format!("k/{n:05}").into(),
        value: vec![b'x'; bytes].into(),
        lease: None,
    };
    let many: Vec<_> = (0..gantry_store::kv::MAX_OPS).map(|n| put(n, 10)).collect();
    assert!(matches!(kv.txn(vec![], many).await, Ok(TxnOutcome::Committed { .. })));
    let page = kv.range(Range::prefix("k/"), usize::MAX, Order::Descending).await.unwrap();
    assert_eq!((page.kvs.len(), page.more), (gantry_store::kv::MAX_OPS, false));
    let seen = page.kvs.iter().rev().map(|kv| (kv.key.clone(), kv.mod_revision)).collect();
    let unchanged = Compare::Unchanged { range: Range::prefix("k/"), since: page.revision, seen };
    assert!(matches!(kv.txn(vec![unchanged], vec![put(0, 1)]).await, Err(StoreError::TooLarge { .. })));
    let large: Vec<_> = (0..8).map(|n| put(n, 1024 * 1024 - 100)).collect();
    assert!(matches!(kv.txn(vec![], large).await, Ok(TxnOutcome::Committed { .. })));
}
