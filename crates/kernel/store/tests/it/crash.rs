//! `kill -9` at random points in a loop of writers: nothing acknowledged is lost, nothing is half done.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use gantry_store::{Db, Order, Range, Redb, Scan, StoreError, Table, key};

use crate::Test;

const WRITERS: u64 = 6;
const ROUNDS: u64 = 25;
/// How often each writer has written, twice over.
const COUNTS: Table<u64> = Table::new("test.count", 1);
/// How often all have.
const TOTAL: Table<u64> = Table::new("test.total", 1);
const DIR: &str = "GANTRY_STORE_TEST_DIR";

/// A process that is killed at the latest when the test ends.
pub struct Writing(Child);

impl Drop for Writing {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Starts this test binary as a process that writes until it is killed.
pub fn start_child(dir: &Path) -> Writing {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::child", "--ignored", "--nocapture"])
        .env(DIR, dir)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    Writing(child.unwrap())
}

impl Writing {
    pub fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Waits until it has acknowledged a write.
    pub fn wait_for_first(&mut self) {
        let mut byte = [0];
        self.0.stderr.as_mut().unwrap().read_exact(&mut byte).expect("the child writes");
    }

    /// Kills it, as `kill -9` does, and waits until it is gone.
    pub fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[test]
#[ignore = "it is the process that is killed, and does not end by itself"]
fn child() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let db = Db::new(Arc::new(Redb::open(Path::new(&dir)).unwrap()));
        let writers = (0..WRITERS).map(|writer| tokio::spawn(write_for_ever(db.clone(), writer)));
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
    });
}

async fn write_for_ever(db: Db, writer: u64) {
    loop {
        let mut tx = db.begin();
        let count = tx.get(&COUNTS, &key!(writer, "a")).await.unwrap().unwrap_or(0) + 1;
        tx.put(&COUNTS, &key!(writer, "a"), &count);
        tx.put(&COUNTS, &key!(writer, "b"), &count);
        tx.emit("test.events", &(writer, count));
        // Half of the writers fight for one more row.
        if writer.is_multiple_of(2) {
            let total = tx.get(&TOTAL, &key!("all")).await.unwrap().unwrap_or(0) + 1;
            tx.put(&TOTAL, &key!("all"), &total);
        }
        match tx.commit(&Test).await {
            Ok(_) => eprintln!("{writer} {count}"),
            Err(StoreError::Conflict) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

/// The last acknowledged count of each writer, from what the child wrote before it was killed.
fn acknowledged(child: &mut Writing, last: &mut BTreeMap<u64, u64>) {
    let lines = BufReader::new(child.0.stderr.take().unwrap()).split(b'\n');
    for line in lines {
        let line = String::from_utf8(line.unwrap()).unwrap();
        let numbers: Vec<u64> = line.split(' ').filter_map(|number| number.parse().ok()).collect();
        if let [writer, count] = numbers[..] {
            // The last line may be cut short.
            let before = last.entry(writer).or_default();
            *before = count.max(*before);
        }
    }
}

#[test]
fn a_killed_process_loses_nothing_acknowledged_and_leaves_nothing_half_done() {
    let dir = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut last = BTreeMap::new();
    let mut revision = 0;
    for round in 0..ROUNDS {
        let mut child = start_child(dir.path());
        // At a different point each time, now and then also while the store is being opened.
        if round % 4 != 0 {
            child.wait_for_first();
        }
        std::thread::sleep(Duration::from_micros(round * 7_919 % 40_000));
        child.kill();
        acknowledged(&mut child, &mut last);
        runtime.block_on(check(dir.path(), &last, &mut revision));
    }
    assert!(last.values().sum::<u64>() > ROUNDS, "the writers came to write: {last:?}");
}

async fn check(dir: &Path, last: &BTreeMap<u64, u64>, revision: &mut u64) {
    let db = Db::new(Arc::new(Redb::open(dir).unwrap()));
    let mut tx = db.begin();
    assert!(tx.revision().await.unwrap() >= *revision);
    *revision = tx.revision().await.unwrap();
    let counts: BTreeMap<_, _> = tx.scan(&COUNTS, &key!(), Scan::all()).await.unwrap().into_iter().collect();
    let count = |writer: u64, row| counts.get(&key!(writer, row)).copied().unwrap_or(0);
    for writer in 0..WRITERS {
        let acknowledged = last.get(&writer).copied().unwrap_or(0);
        let found = count(writer, "a");
        assert!(found >= acknowledged, "writer {writer} was told of {acknowledged}, but {found} is there");
        assert_eq!(found, count(writer, "b"), "half a transaction of writer {writer}");
    }
    let fighting: u64 = (0..WRITERS).step_by(2).map(|writer| count(writer, "a")).sum();
    let total = tx.get(&TOTAL, &key!("all")).await.unwrap().unwrap_or(0);
    assert_eq!(total, fighting, "an increment was lost or half done");

    let outbox = Range::prefix("o/test.events/");
    let events = db.kv().range(outbox, usize::MAX, Order::Ascending).await.unwrap().kvs;
    let all: u64 = (0..WRITERS).map(|writer| count(writer, "a")).sum();
    assert_eq!(events.len() as u64, all, "one event for each transaction");
    assert!(events.is_sorted_by_key(|event| event.mod_revision), "events lie in the order of commits");
}
