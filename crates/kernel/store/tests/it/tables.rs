//! Transactions over typed tables, wakes and the outbox.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use gantry_store::{Db, Key, Kv, Migration, Op, Redb, Scan, StoreError, Table, key};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use crate::Test;

const TASKS: Table<Task> = Table::new("ecs.task", 1);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Task {
    status: String,
}

fn task(status: &str) -> Task {
    Task { status: status.into() }
}

fn db() -> Db {
    Db::new(Arc::new(Redb::in_memory().unwrap()))
}

async fn put(db: &Db, key: &Key, status: &str) {
    let mut tx = db.begin();
    tx.put(&TASKS, key, &task(status));
    tx.commit(&Test).await.unwrap();
}

fn names(rows: &[(Key, Task)]) -> Vec<String> {
    rows.iter().map(|(key, _)| key.parts().pop().unwrap()).collect()
}

#[tokio::test]
async fn a_transaction_sees_its_own_writes_and_others_only_after_commit() {
    let db = db();
    put(&db, &key!("a", "1"), "RUNNING").await;
    put(&db, &key!("a", "2"), "RUNNING").await;
    put(&db, &key!("ab", "1"), "RUNNING").await;

    let mut tx = db.begin();
    tx.delete(&TASKS, &key!("a", "1"));
    tx.put(&TASKS, &key!("a", "3"), &task("PENDING"));
    assert_eq!(tx.get(&TASKS, &key!("a", "1")).await.unwrap(), None);
    assert_eq!(tx.get(&TASKS, &key!("a", "3")).await.unwrap(), Some(task("PENDING")));
    assert_eq!(names(&tx.scan(&TASKS, &key!("a"), Scan::all()).await.unwrap()), ["2", "3"]);
    assert_eq!(names(&tx.scan(&TASKS, &key!("a"), Scan::first(1)).await.unwrap()), ["2"]);
    assert_eq!(names(&tx.scan(&TASKS, &key!("a"), Scan::first(1).reversed()).await.unwrap()), ["3"]);

    let before = db.begin().scan(&TASKS, &key!("a"), Scan::all()).await.unwrap();
    assert_eq!(names(&before), ["1", "2"]);
    tx.commit(&Test).await.unwrap();
    let after = db.begin().scan(&TASKS, &key!("a"), Scan::all()).await.unwrap();
    assert_eq!(names(&after), ["2", "3"]);
}

#[tokio::test]
async fn a_scan_goes_on_after_a_key() {
    let db = db();
    for name in ["1", "2", "3", "4"] {
        put(&db, &key!("a", name), "RUNNING").await;
    }
    let from = |scan: Scan| {
        let db = db.clone();
        async move { names(&db.begin().scan(&TASKS, &key!("a"), scan).await.unwrap()) }
    };
    assert_eq!(from(Scan::first(2)).await, ["1", "2"]);
    assert_eq!(from(Scan::first(2).after(Some(key!("a", "2")))).await, ["3", "4"]);
    assert_eq!(from(Scan::all().reversed().after(Some(key!("a", "3")))).await, ["2", "1"]);
    assert_eq!(from(Scan::all().after(Some(key!("a", "4")))).await, [""; 0]);
    // A key from elsewhere does not lead out of the prefix.
    assert_eq!(from(Scan::all().after(Some(key!("", "9")))).await, ["1", "2", "3", "4"]);
    assert_eq!(from(Scan::all().reversed().after(Some(key!("b")))).await, ["4", "3", "2", "1"]);
    let partial = db.begin().scan(&TASKS, &key!("a").partial("3"), Scan::all()).await.unwrap();
    assert_eq!(names(&partial), ["3"]);
}

/// The names `00` to `29`, one by one or none.
fn some_names() -> impl Strategy<Value = BTreeSet<u8>> {
    prop::collection::btree_set(0u8..30, 0..30)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// A scan shows what is committed, changed by what the transaction itself has written.
    #[test]
    fn a_scan_is_the_rows_with_its_own_writes(
        committed in some_names(),
        put in some_names(),
        deleted in some_names(),
        after in prop::option::of(0u8..30),
        limit in prop::option::of(0usize..12),
        reverse in any::<bool>(),
    ) {
        let name = |n: &u8| format!("{n:02}");
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let found = runtime.block_on(async {
            let db = db();
            let mut tx = db.begin();
            committed.iter().for_each(|n| tx.put(&TASKS, &key!("a", name(n)), &task("old")));
            tx.put(&TASKS, &key!("b", "00"), &task("elsewhere"));
            tx.commit(&Test).await.unwrap();
            let mut tx = db.begin();
            put.iter().for_each(|n| tx.put(&TASKS, &key!("a", name(n)), &task("new")));
            deleted.iter().for_each(|n| tx.delete(&TASKS, &key!("a", name(n))));
            let scan = Scan { after: after.map(|n| key!("a", name(&n))), limit, reverse };
            tx.scan(&TASKS, &key!("a"), scan).await.unwrap()
        });
        let mut expected: Vec<_> = committed.union(&put).filter(|n| !deleted.contains(n)).collect();
        if reverse {
            expected.reverse();
        }
        let past = |n: &u8| after.is_none_or(|after| if reverse { *n < after } else { *n > after });
        let expected = expected.into_iter().filter(|n| past(n)).take(limit.unwrap_or(usize::MAX));
        let status = |n: &u8| if put.contains(n) { "new" } else { "old" };
        let expected: Vec<_> = expected.map(|n| (key!("a", name(n)), task(status(n)))).collect();
        prop_assert_eq!(found, expected);
    }
}

#[tokio::test]
async fn what_was_read_is_guarded() {
    let db = db();
    put(&db, &key!("a", "1"), "RUNNING").await;

    // A row that was read.
    let mut tx = db.begin();
    tx.get(&TASKS, &key!("a", "1")).await.unwrap();
    tx.put(&TASKS, &key!("b", "1"), &task("x"));
    put(&db, &key!("a", "1"), "STOPPED").await;
    assert_eq!(tx.commit(&Test).await, Err(StoreError::Conflict));

    // A row that was found missing.
    let mut tx = db.begin();
    assert_eq!(tx.get(&TASKS, &key!("a", "2")).await.unwrap(), None);
    tx.put(&TASKS, &key!("a", "2"), &task("x"));
    put(&db, &key!("a", "2"), "first").await;
    assert_eq!(tx.commit(&Test).await, Err(StoreError::Conflict));

    // A row that came into a range, and one that went.
    for touch in [true, false] {
        let mut tx = db.begin();
        tx.scan(&TASKS, &key!("a"), Scan::all()).await.unwrap();
        tx.put(&TASKS, &key!("b", "1"), &task("x"));
        let mut other = db.begin();
        if touch {
            other.put(&TASKS, &key!("a", "3"), &task("x"));
        } else {
            other.delete(&TASKS, &key!("a", "3"));
        }
        other.commit(&Test).await.unwrap();
        assert_eq!(tx.commit(&Test).await, Err(StoreError::Conflict));
    }

    // Past the end of what a limited scan has read, others may write.
    let mut tx = db.begin();
    tx.scan(&TASKS, &key!("a"), Scan::first(1)).await.unwrap();
    tx.put(&TASKS, &key!("b", "1"), &task("x"));
    put(&db, &key!("a", "2"), "y").await;
    tx.commit(&Test).await.unwrap();
}

#[tokio::test]
async fn what_was_looked_at_is_guarded_where_it_is_written() {
    let db = db();
    put(&db, &key!("a", "1"), "RUNNING").await;
    put(&db, &key!("a", "2"), "RUNNING").await;
    for (touched, outcome) in [("2", true), ("1", false)] {
        let mut tx = db.begin();
        assert_eq!(tx.peek_scan(&TASKS, &key!("a"), Scan::all()).await.unwrap().len(), 2);
        tx.put(&TASKS, &key!("a", "1"), &task("STOPPED"));
        put(&db, &key!("a", touched), "CHANGED").await;
        assert_eq!(tx.commit(&Test).await.is_ok(), outcome, "{touched}");
    }
}

#[tokio::test]
async fn a_transaction_reads_one_revision() {
    let db = db();
    put(&db, &key!("a", "1"), "old").await;
    put(&db, &key!("a", "2"), "old").await;
    let mut tx = db.begin();
    assert_eq!(tx.peek(&TASKS, &key!("a", "1")).await.unwrap(), Some(task("old")));
    put(&db, &key!("a", "2"), "new").await;
    assert_eq!(tx.peek(&TASKS, &key!("a", "2")).await.unwrap(), Some(task("old")));
}

#[tokio::test]
async fn of_many_increments_none_is_lost() {
    const NUMBERS: Table<u64> = Table::new("test.number", 1);
    let db = db();
    let increment = |db: Db| async move {
        loop {
            let mut tx = db.begin();
            let number = tx.get(&NUMBERS, &key!("n")).await.unwrap().unwrap_or(0);
            tx.put(&NUMBERS, &key!("n"), &(number + 1));
            match tx.commit(&Test).await {
                Ok(_) => return,
                Err(StoreError::Conflict) => {}
                Err(error) => panic!("{error}"),
            }
        }
    };
    let all = (0..50).map(|_| tokio::spawn(increment(db.clone())));
    for done in futures::future::join_all(all).await {
        done.unwrap();
    }
    assert_eq!(db.begin().get(&NUMBERS, &key!("n")).await.unwrap(), Some(50));
}

#[tokio::test]
async fn old_rows_are_migrated_and_newer_ones_refused() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Renamed {
        known_status: String,
        attempts: u32,
    }
    const STEPS: &[Migration] = &[
        |mut row| {
            let status = row["status"].take();
            Ok(serde_json::json!({ "known_status": status }))
        },
        |mut row| {
            if row["known_status"] == "lost" {
                return Err("lost tasks have no place".into());
            }
            row["attempts"] = 1.into();
            Ok(row)
        },
    ];
    const NEW: Table<Renamed> = Table::new("ecs.task", 3).migrations(STEPS);
    let db = db();
    put(&db, &key!("a", "1"), "RUNNING").await;
    put(&db, &key!("a", "2"), "lost").await;

    let row = db.begin().get(&NEW, &key!("a", "1")).await.unwrap().unwrap();
    assert_eq!(row, Renamed { known_status: "RUNNING".into(), attempts: 1 });
    let error = db.begin().get(&NEW, &key!("a", "2")).await.unwrap_err().to_string();
    assert!(error.contains("a/2/") && error.contains("lost tasks have no place"), "{error}");

    let mut tx = db.begin();
    tx.put(&NEW, &key!("a", "1"), &row);
    tx.commit(&Test).await.unwrap();
    assert_eq!(db.begin().get(&NEW, &key!("a", "1")).await.unwrap(), Some(row));
    let newer = StoreError::NewerRow { table: "ecs.task", key: "a/1/".into(), row: 3, known: 1 };
    assert_eq!(db.begin().get(&TASKS, &key!("a", "1")).await, Err(newer));
}

#[tokio::test]
async fn a_row_that_is_not_json_is_an_error_with_its_name() {
    let kv = Arc::new(Redb::in_memory().unwrap());
    let db = Db::new(kv.clone());
    for (name, value) in [("1", "1\n{"), ("2", "{}"), ("3", ""), ("4", "0\n{}"), ("5", "x\n{}")] {
        let key = format!("t/ecs.task/a/{name}/").into();
        kv.txn(vec![], vec![Op::Put { key, value: value.into(), lease: None }]).await.unwrap();
        let error = db.begin().get(&TASKS, &key!("a", name)).await.unwrap_err();
        assert!(matches!(&error, StoreError::Codec { what, .. } if what.contains("ecs.task")), "{error}");
    }
}

#[tokio::test]
async fn a_wake_comes_with_the_commit_and_is_not_lost() {
    let db = db();
    let mut wakes = db.wakes("placement");
    wakes.next().await.unwrap();
    let waits = |wakes: &mut gantry_store::Wakes| {
        let waiting = futures::FutureExt::now_or_never(wakes.next());
        waiting.is_none()
    };
    assert!(waits(&mut wakes), "nothing has been said");

    let mut tx = db.begin();
    tx.wake("placement");
    assert!(waits(&mut wakes), "it has not been committed");
    tx.commit(&Test).await.unwrap();
    let mut tx = db.begin();
    tx.wake("placement");
    tx.put(&TASKS, &key!("a"), &task("x"));
    tx.commit(&Test).await.unwrap();
    tokio::time::timeout(Duration::from_secs(5), wakes.next()).await.unwrap().unwrap();
    assert!(waits(&mut wakes), "two are one");

    let mut tx = db.begin();
    tx.wake("placements");
    tx.commit(&Test).await.unwrap();
    assert!(waits(&mut wakes), "another name");
}

#[tokio::test]
async fn the_outbox_gives_events_in_the_order_of_commits_until_acknowledged() {
    let db = db();
    let outbox = db.outbox("ecs.events");
    for n in 0..20u32 {
        let mut tx = db.begin();
        tx.emit("ecs.events", &(n, "a"));
        tx.emit("ecs.events", &(n, "b"));
        tx.emit("ecs.event", &"another topic");
        tx.commit(&Test).await.unwrap();
    }
    let mut seen = Vec::new();
    while seen.len() < 40 {
        let entries = outbox.next(7).await.unwrap();
        assert_eq!(outbox.next(7).await.unwrap(), entries, "not acknowledged, so given again");
        seen.extend(entries.iter().map(|entry| entry.decode::<(u32, String)>().unwrap()));
        if seen.len() < 20 {
            outbox.acknowledge(&entries).await.unwrap();
        } else {
            let mut tx = db.begin();
            entries.iter().for_each(|entry| tx.acknowledge(entry));
            tx.commit(&Test).await.unwrap();
        }
    }
    let expected: Vec<_> = (0..20).flat_map(|n| [(n, "a".to_string()), (n, "b".to_string())]).collect();
    assert_eq!(seen, expected);

    let waiting = tokio::spawn({
        let outbox = outbox.clone();
        async move { outbox.next(1).await.unwrap() }
    });
    tokio::task::yield_now().await;
    let mut tx = db.begin();
    tx.emit("ecs.events", &(7u32, "late"));
    tx.commit(&Test).await.unwrap();
    let late = tokio::time::timeout(Duration::from_secs(5), waiting).await.unwrap().unwrap();
    assert_eq!(late[0].decode::<(u32, String)>().unwrap(), (7, "late".into()));
}

#[tokio::test]
async fn a_row_that_is_too_large_is_refused_and_nothing_is_written() {
    let db = db();
    let mut tx = db.begin();
    tx.put(&TASKS, &key!("a"), &task("small"));
    tx.put(&TASKS, &key!("b"), &task(&"x".repeat(1024 * 1024)));
    let error = tx.commit(&Test).await.unwrap_err();
    assert!(matches!(error, StoreError::TooLarge { limit: 1_048_576, .. }), "{error}");
    assert_eq!(db.begin().get(&TASKS, &key!("a")).await.unwrap(), None);
}

#[tokio::test]
async fn an_outbox_that_nobody_reads_is_kept_within_bounds() {
    let db = db();
    let outbox = db.outbox("ecs.events");
    for n in 0..2500u32 {
        let mut tx = db.begin();
        tx.emit("ecs.events", &n);
        tx.emit("other", &n);
        tx.commit(&Test).await.unwrap();
    }
    assert_eq!(outbox.trim(3000).await.unwrap(), 0);
    assert_eq!(outbox.trim(100).await.unwrap(), 2400);
    let left = outbox.next(1000).await.unwrap();
    assert_eq!(left.len(), 100);
    assert_eq!(left[0].decode::<u32>().unwrap(), 2400, "the oldest went");
    assert_eq!(db.outbox("other").next(3000).await.unwrap().len(), 2500);
}

#[tokio::test]
async fn clearing_leaves_nothing_and_wakes_those_who_wait() {
    let redb = Redb::in_memory().unwrap();
    let db = Db::new(Arc::new(redb.clone()));
    let lease = redb.lease_grant(Duration::from_secs(60)).await.unwrap();
    let mut tx = db.begin();
    tx.put_leased(&TASKS, &key!("a", "1"), &task("x"), lease);
    tx.put(&TASKS, &key!("a", "2"), &task("x"));
    tx.wake("placement");
    let before = tx.commit(&Test).await.unwrap();
    let mut wakes = db.wakes("placement");
    wakes.next().await.unwrap();

    redb.clear().await.unwrap();
    assert_eq!(db.begin().scan(&TASKS, &key!(), Scan::all()).await.unwrap(), []);
    assert_eq!(redb.revision().await.unwrap(), before + 1);
    assert_eq!(redb.lease_keep_alive(lease).await, Err(StoreError::NoLease(lease)));
    tokio::time::timeout(Duration::from_secs(5), wakes.next()).await.unwrap().unwrap();
    redb.clear().await.unwrap();
    put(&db, &key!("a", "1"), "again").await;
}
