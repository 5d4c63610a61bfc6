//! Directories, backups and what is refused.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gantry_store::{Db, KeyValue, Kv, Op, Order, Range, Redb, Scan, StoreError, Table, key, restore};

use crate::Test;

const PAIRS: Table<u64> = Table::new("test.pair", 1);

async fn contents(kv: &dyn Kv) -> Vec<KeyValue> {
    let everything = Range::new(vec![0], vec![0xff; 8]);
    kv.range(everything, usize::MAX, Order::Ascending).await.unwrap().kvs
}

async fn fill(redb: &Redb, count: u64) {
    let db = Db::new(Arc::new(redb.clone()));
    for n in 0..count {
        let mut tx = db.begin();
        tx.put(&PAIRS, &key!(n, "a"), &n);
        tx.put(&PAIRS, &key!(n, "b"), &n);
        tx.commit(&Test).await.unwrap();
    }
}

fn backup_file(redb: &Redb, file: &Path) -> gantry_store::BackupSummary {
    redb.backup(fs::File::create(file).unwrap()).unwrap()
}

#[tokio::test]
async fn what_was_written_is_there_after_opening_again() {
    let dir = tempfile::tempdir().unwrap();
    let redb = Redb::open(dir.path()).unwrap();
    fill(&redb, 10).await;
    let (before, revision) = (contents(&redb).await, redb.revision().await.unwrap());
    drop(redb);
    let redb = Redb::open(dir.path()).unwrap();
    assert_eq!((contents(&redb).await, redb.revision().await.unwrap()), (before, revision));
}

#[tokio::test]
async fn a_directory_in_use_is_refused_by_name_and_process() {
    let dir = tempfile::tempdir().unwrap();
    let redb = Redb::open(dir.path()).unwrap();
    let refused = |error: StoreError, pid: u32| {
        let text = error.to_string();
        assert!(matches!(error, StoreError::InUse { .. }), "{text}");
        assert!(text.contains(&pid.to_string()) && text.contains(dir.path().to_str().unwrap()), "{text}");
    };
    refused(Redb::open(dir.path()).err().unwrap(), std::process::id());
    drop(redb);

    let mut child = crate::crash::start_child(dir.path());
    child.wait_for_first();
    refused(Redb::open(dir.path()).err().unwrap(), child.pid());
    child.kill();
    Redb::open(dir.path()).unwrap();
}

#[test]
fn what_a_newer_gantry_wrote_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    drop(Redb::open(dir.path()).unwrap());
    let format = dir.path().join("store.json");
    fs::write(&format, r#"{"format":7,"gantry":"9.8.7","more":true}"#).unwrap();
    let text = Redb::open(dir.path()).err().unwrap().to_string();
    for part in [dir.path().to_str().unwrap(), "Gantry 9.8.7", "format 7", env!("CARGO_PKG_VERSION")] {
        assert!(text.contains(part), "{part} is not in: {text}");
    }
    // A newer Gantry that writes the same format is no obstacle.
    fs::write(&format, r#"{"format":1,"gantry":"9.8.7"}"#).unwrap();
    drop(Redb::open(dir.path()).unwrap());
    assert!(fs::read_to_string(&format).unwrap().contains(env!("CARGO_PKG_VERSION")));

    fs::remove_file(&format).unwrap();
    assert!(matches!(Redb::open(dir.path()), Err(StoreError::Refused(_))), "a database of unknown format");
    assert!(!format.exists(), "what is refused is left as it was");
}

#[test]
fn a_first_start_that_was_cut_off_is_begun_anew() {
    let dir = tempfile::tempdir().unwrap();
    drop(Redb::open(dir.path()).unwrap());
    let label = dir.path().join("store.json");
    let complete = fs::read_to_string(&label).unwrap();
    fs::write(&label, complete.replace("true", "false")).unwrap();
    fs::write(dir.path().join("store.redb"), "the beginning of a database").unwrap();
    drop(Redb::open(dir.path()).unwrap());
    assert_eq!(fs::read_to_string(&label).unwrap(), complete);
}

#[test]
fn a_lost_database_is_not_taken_for_a_new_one() {
    let dir = tempfile::tempdir().unwrap();
    drop(Redb::open(dir.path()).unwrap());
    fs::remove_file(dir.path().join("store.redb")).unwrap();
    let text = Redb::open(dir.path()).err().unwrap().to_string();
    assert!(text.contains("lost its database"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_backup_under_load_is_whole_and_restores_to_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let redb = Redb::open(dir.path().join("source")).unwrap();
    fill(&redb, 50).await;
    let lease = redb.lease_grant(Duration::from_secs(3600)).await.unwrap();
    let leased = Op::Put { key: "l".into(), value: "v".into(), lease: Some(lease) };
    redb.txn(vec![], vec![leased]).await.unwrap();

    // Writers that keep each pair alike, while backups are taken.
    let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let writers: Vec<_> = (0..4u64)
        .map(|writer| {
            let (db, stop) = (Db::new(Arc::new(redb.clone())), stop.clone());
            tokio::spawn(async move {
                let mut round = 0u64;
                while !stop.load(std::sync::atomic::Ordering::SeqCst) {
                    round += 1;
                    let mut tx = db.begin();
                    let n = (writer * 17 + round) % 50;
                    tx.put(&PAIRS, &key!(n, "a"), &(round * 4 + writer));
                    tx.put(&PAIRS, &key!(n, "b"), &(round * 4 + writer));
                    tx.commit(&Test).await.unwrap();
                }
            })
        })
        .collect();
    let mut revisions = Vec::new();
    for round in 0..5 {
        let (redb, file) = (redb.clone(), dir.path().join(format!("{round}.backup")));
        let taken = tokio::task::spawn_blocking(move || backup_file(&redb, &file)).await.unwrap();
        revisions.push(taken.revision);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    stop.store(true, std::sync::atomic::Ordering::SeqCst);
    for writer in writers {
        writer.await.unwrap();
    }
    assert!(revisions[0] < revisions[4], "there were writes in between");
    for (round, revision) in revisions.iter().enumerate() {
        let target = dir.path().join(format!("restored-{round}"));
        let restored = restore(&dir.path().join(format!("{round}.backup")), &target).unwrap();
        assert_eq!((restored.revision, restored.keys), (*revision, 101));
        let db = Db::new(Arc::new(Redb::open(&target).unwrap()));
        for n in 0..50u64 {
            let pair = db.begin().get_many(&PAIRS, &[key!(n, "a"), key!(n, "b")]).await.unwrap();
            assert!(pair[0].is_some() && pair[0] == pair[1], "{pair:?}");
        }
    }

    // Without load: the same to the last byte, revisions and leases with it.
    let file = dir.path().join("last.backup");
    let taken = backup_file(&redb, &file);
    let target = dir.path().join("restored");
    assert_eq!(restore(&file, &target).unwrap(), taken);
    let restored = Redb::open(&target).unwrap();
    assert_eq!(contents(&restored).await, contents(&redb).await);
    assert_eq!(restored.revision().await.unwrap(), redb.revision().await.unwrap());
    assert_ne!(restored.lease_grant(Duration::from_secs(1)).await.unwrap(), lease);
    assert!(matches!(restored.watch(Range::prefix("t/"), 0).await.err(), Some(StoreError::Compacted { .. })));
    restored.lease_revoke(lease).await.unwrap();
    assert_eq!(restored.get("l".into()).await.unwrap(), None);
    let scan = Db::new(Arc::new(restored)).begin().scan(&PAIRS, &key!(), Scan::all()).await.unwrap();
    assert_eq!(scan.len(), 100);
}

#[tokio::test]
async fn a_damaged_backup_is_refused_and_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let redb = Redb::in_memory().unwrap();
    fill(&redb, 20).await;
    let whole = {
        let mut bytes = Vec::new();
        redb.backup(&mut bytes).unwrap();
        bytes
    };
    let file = dir.path().join("backup");
    let target = dir.path().join("target");
    let refused = |bytes: &[u8]| {
        fs::write(&file, bytes).unwrap();
        let error = restore(&file, &target).unwrap_err();
        assert!(!target.exists(), "nothing is written before the checksum is known to be right");
        error
    };
    // Cut short anywhere, and a bit turned anywhere.
    for length in 0..whole.len() {
        let error = refused(&whole[..length]);
        assert!(matches!(error, StoreError::Refused(_)), "cut at {length}: {error}");
    }
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        let error = refused(&bytes);
        let ok = matches!(error, StoreError::Refused(_) | StoreError::NewerFormat { .. });
        assert!(ok, "a bit turned at {at}: {error}");
    }
    let mut longer = whole.clone();
    longer.push(0);
    assert!(matches!(refused(&longer), StoreError::Refused(_)));
    assert!(matches!(refused(b"something else"), StoreError::Refused(_)));

    let newer = String::from_utf8_lossy(&whole).replacen(r#""format":1"#, r#""format":2"#, 1);
    let text = refused(newer.as_bytes()).to_string();
    assert!(text.contains("format 2") && text.contains(file.to_str().unwrap()), "{text}");

    fs::write(&file, &whole).unwrap();
    restore(&file, &target).unwrap();
    assert_eq!(contents(&Redb::open(&target).unwrap()).await, contents(&redb).await);
}

#[tokio::test]
async fn a_backup_is_restored_into_an_empty_directory_only() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("backup");
    let redb = Redb::in_memory().unwrap();
    fill(&redb, 1).await;
    backup_file(&redb, &file);

    let target = dir.path().join("target");
    fs::create_dir(&target).unwrap();
    fs::write(target.join("mine"), "precious").unwrap();
    let error = restore(&file, &target).unwrap_err();
    assert!(error.to_string().contains("not empty"), "{error}");
    assert_eq!(fs::read_dir(&target).unwrap().count(), 1);

    let used = dir.path().join("used");
    restore(&file, &used).unwrap();
    assert!(matches!(restore(&file, &used), Err(StoreError::Refused(_))));

    // A restore that was cut off leaves no store that could be taken for an empty one.
    let half = dir.path().join("half");
    fs::create_dir(&half).unwrap();
    fs::write(half.join("store.redb.restoring"), "").unwrap();
    assert!(matches!(Redb::open(&half), Err(StoreError::Refused(_))));
}

#[tokio::test]
async fn a_database_that_was_cut_short_is_refused_by_its_name() {
    let dir = tempfile::tempdir().unwrap();
    let redb = Redb::open(dir.path()).unwrap();
    fill(&redb, 200).await;
    drop(redb);
    let file = dir.path().join("store.redb");
    let whole = fs::metadata(&file).unwrap().len();
    for length in [0, 10, 4096, whole / 2] {
        fs::File::options().write(true).open(&file).unwrap().set_len(length).unwrap();
        let refused = Redb::open(dir.path()).err().expect("it is cut short").to_string();
        assert!(refused.contains("store.redb"), "{length}: {refused}");
    }
}
