//! Measures the store on this machine: `cargo run --release -p gantry-store --example measure [DIR]`.
//!
//! Prints commits a second by the number of writers, what reads cost, and how long opening takes after the
//! process was killed. Numbers only; nothing passes or fails by them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use gantry_store::{Db, Kv, Redb, Scan, StoreError, Table, key};
use serde::{Deserialize, Serialize};

struct Measuring;

impl gantry_base::Authority for Measuring {
    fn describe(&self) -> String {
        "a measurement".into()
    }
}

/// About what a task's row holds.
#[derive(Clone, Serialize, Deserialize)]
struct Row {
    arn: String,
    last_status: String,
    desired_status: String,
    containers: Vec<Container>,
    attributes: Vec<(String, String)>,
    created_at: i64,
}

#[derive(Clone, Serialize, Deserialize)]
struct Container {
    name: String,
    image: String,
    digest: String,
    exit_code: Option<i32>,
    addresses: Vec<String>,
}

const ROWS: Table<Row> = Table::new("measure.row", 1);

fn row(n: u64) -> Row {
    let container = |name: &str| Container {
        name: name.into(),
        image: "000000000000.dkr.ecr.us-east-1.localhost:4566/shop/front:2026-01-02".into(),
        digest: format!("sha256:{n:064x}"),
        exit_code: None,
        addresses: vec![format!("172.31.{}.{}", n / 250 % 250, n % 250)],
    };
    Row {
        arn: format!("arn:aws:ecs:us-east-1:000000000000:task/default/{n:032x}"),
        last_status: "RUNNING".into(),
        desired_status: "RUNNING".into(),
        containers: vec![container("front"), container("sidecar"), container("logs")],
        attributes: (0..12).map(|n| (format!("ecs.attribute-{n}"), "some value".into())).collect(),
        created_at: 1_767_323_045_678,
    }
}

fn main() -> Result<(), StoreError> {
    let dir = std::env::args_os().nth(1).map_or_else(|| "target/measure-store".into(), PathBuf::from);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| StoreError::Engine(error.to_string()))?;
    if std::env::var_os("MEASURE_FILL").is_some() {
        return runtime.block_on(fill_and_die(&dir));
    }
    let fresh = |name: &str| {
        let dir = dir.join(name);
        if dir.exists() {
            std::fs::remove_dir_all(&dir).map_err(|error| StoreError::Engine(error.to_string()))?;
        }
        Ok::<_, StoreError>(dir)
    };
    for writers in [1, 4, 16, 64, 256] {
        let redb = Redb::open(fresh("commits")?)?;
        runtime.block_on(commits(Db::new(Arc::new(redb)), writers))?;
    }
    let redb = Redb::open(fresh("reads")?)?;
    runtime.block_on(reads(Db::new(Arc::new(redb.clone())), redb))?;
    recovery(&fresh("recovery")?)
}

async fn commits(db: Db, writers: u64) -> Result<(), StoreError> {
    let time = Duration::from_secs(3);
    let start = Instant::now();
    let tasks: Vec<_> = (0..writers)
        .map(|writer| {
            let db = db.clone();
            tokio::spawn(async move {
                let mut count = 0u64;
                while start.elapsed() < time {
                    let mut tx = db.begin();
                    let key = key!(writer, count % 500);
                    tx.get(&ROWS, &key).await?;
                    tx.put(&ROWS, &key, &row(count));
                    tx.wake("measure");
                    tx.commit(&Measuring).await?;
                    count += 1;
                }
                Ok::<_, StoreError>(count)
            })
        })
        .collect();
    let mut total = 0;
    for task in tasks {
        total += task.await.map_err(|error| StoreError::Engine(error.to_string()))??;
    }
    let seconds = start.elapsed().as_secs_f64();
    let each = seconds * 1e3 * writers as f64 / total as f64;
    println!("{writers:4} writers: {:8.0} commits/s, {each:.2} ms each", total as f64 / seconds);
    Ok(())
}

async fn reads(db: Db, redb: Redb) -> Result<(), StoreError> {
    let rows = 20_000u64;
    for chunk in 0..rows / 500 {
        let mut tx = db.begin();
        for n in chunk * 500..(chunk + 1) * 500 {
            tx.put(&ROWS, &key!("default", format!("{n:08}")), &row(n));
        }
        tx.commit(&Measuring).await?;
    }
    let bytes = serde_json::to_vec(&row(1)).map_or(0, |json| json.len());
    println!("{rows} rows of {bytes} bytes of JSON");
    let keys: Vec<_> = (0..100u64).map(|n| key!("default", format!("{:08}", n * 7919 % rows))).collect();
    let time = |name: &str, start: u64, count: u64| {
        println!("{name:42} {:10.2} us of CPU", (cpu_nanos() - start) as f64 / 1e3 / count as f64);
    };

    let start = cpu_nanos();
    for key in keys.iter().cycle().take(10_000) {
        db.begin().get(&ROWS, key).await?;
    }
    time("get, decoded, in its own transaction", start, 10_000);
    let start = cpu_nanos();
    for key in keys.iter().cycle().take(10_000) {
        let key = format!("t/measure.row/{key}");
        redb.get(key.into()).await?;
    }
    time("get, raw", start, 10_000);
    let start = cpu_nanos();
    for _ in 0..200 {
        db.begin().get_many(&ROWS, &keys).await?;
    }
    time("get_many of 100, decoded", start, 200);
    let start = cpu_nanos();
    for _ in 0..200 {
        db.begin().scan(&ROWS, &key!("default"), Scan::first(100)).await?;
    }
    time("scan of 100, decoded", start, 200);
    let start = cpu_nanos();
    for _ in 0..5 {
        db.begin().peek_scan(&ROWS, &key!("default"), Scan::all()).await?;
    }
    time("scan of all, decoded", start, 5);
    let start = Instant::now();
    let mut file = std::io::sink();
    let summary = redb.backup(&mut file)?;
    println!("backup of {} keys in {:?}", summary.keys, start.elapsed());
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let resident = status.lines().find(|line| line.starts_with("VmRSS")).unwrap_or("");
    println!("{resident}");
    Ok(())
}

/// How long this thread has been on a CPU; reads run on the thread that asks. 0 where the system does not say.
fn cpu_nanos() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0)
}

/// How long opening takes after a kill, which leaves redb something to put in order.
fn recovery(dir: &Path) -> Result<(), StoreError> {
    let failed = |error: std::io::Error| StoreError::Engine(error.to_string());
    let program = std::env::current_exe().map_err(failed)?;
    let status = std::process::Command::new(program).arg(dir).env("MEASURE_FILL", "1").status();
    status.map_err(failed)?;
    let size = std::fs::metadata(dir.join("store.redb")).map_err(failed)?.len();
    let start = Instant::now();
    let redb = Redb::open(dir)?;
    println!("open after a kill, {} MB: {:?}", size / 1_000_000, start.elapsed());
    drop(redb);
    let start = Instant::now();
    Redb::open(dir)?;
    println!("open after a close: {:?}", start.elapsed());
    Ok(())
}

async fn fill_and_die(dir: &Path) -> Result<(), StoreError> {
    let db = Db::new(Arc::new(Redb::open(dir)?));
    for chunk in 0..100u64 {
        let mut tx = db.begin();
        for n in 0..1000 {
            tx.put(&ROWS, &key!(chunk, n), &row(n));
        }
        tx.commit(&Measuring).await?;
    }
    std::process::abort()
}
