//! Access logs on their way into buckets: entries come from the data plane, become lines, and the lines of each load
//! balancer a file every five minutes, or sooner when there are many.
//!
//! What is not in its bucket yet is in memory, within bounds: as on AWS, logs are kept as well as can be, and not more.
//! What there is no room for is dropped, counted, and said in Gantry's log. Nothing waits for a bucket but files.
//!
//! Read in this order: [`AccessLogs`], `gather` (entries become files), `deliver` (files go to their buckets).

mod deliver;
mod gather;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gantry_base::{Clock, Ids};
use gantry_elb_core::access_log::{Journal, Logged};
use gantry_objects::Buckets;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use deliver::Waiting;

/// How many entries wait to become lines.
const ENTRIES: usize = 16 * 1024;
/// How long files have to get to their buckets at the end.
const END: Duration = Duration::from_secs(15);

/// What became of entries since this began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delivered {
    /// In their buckets.
    pub written: u64,
    /// Dropped, as there was no room for them.
    pub lost: u64,
    /// In files that wait for their buckets.
    pub waiting: u64,
}

/// What works at them shares.
struct Work {
    buckets: Arc<dyn Buckets>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    waiting: Mutex<Waiting>,
    /// Told when a file waits.
    more: Notify,
    written: AtomicU64,
    /// Lines of files that were dropped, and entries that never became lines.
    lost: AtomicU64,
    crowded: AtomicU64,
}

/// The logs of all load balancers.
pub struct AccessLogs {
    entries: mpsc::Sender<Logged>,
    work: Arc<Work>,
    running: Mutex<Vec<JoinHandle<()>>>,
    ended: CancellationToken,
}

impl AccessLogs {
    /// Begins to take entries, until [`AccessLogs::end`].
    pub fn start(buckets: Arc<dyn Buckets>, clock: Arc<dyn Clock>, ids: Arc<dyn Ids>) -> Arc<AccessLogs> {
        let (entries, taken) = mpsc::channel(ENTRIES);
        let work = Arc::new(Work {
            buckets,
            clock,
            ids,
            waiting: Mutex::default(),
            more: Notify::new(),
            written: AtomicU64::new(0),
            lost: AtomicU64::new(0),
            crowded: AtomicU64::new(0),
        });
        let (ended, gathered) = (CancellationToken::new(), CancellationToken::new());
        let gathering = gather::gather(work.clone(), taken, ended.clone(), gathered.clone().drop_guard());
        let running = vec![tokio::spawn(gathering), tokio::spawn(deliver::deliver(work.clone(), gathered))];
        Arc::new(AccessLogs { entries, work, running: Mutex::new(running), ended })
    }

    /// What became of entries.
    pub fn delivered(&self) -> Delivered {
        Delivered {
            written: self.work.written.load(Ordering::Relaxed),
            lost: self.work.lost.load(Ordering::Relaxed) + self.work.crowded.load(Ordering::Relaxed),
            waiting: self.work.waiting().lines(),
        }
    }

    /// Writes what there is, as far as it gets within a while.
    pub async fn end(&self) {
        self.ended.cancel();
        let running = std::mem::take(&mut *self.running.lock().unwrap_or_else(PoisonError::into_inner));
        let deadline = tokio::time::Instant::now() + END;
        for mut one in running {
            if tokio::time::timeout_at(deadline, &mut one).await.is_err() {
                one.abort();
            }
        }
        let left = self.work.waiting().drain();
        if left > 0 {
            self.work.lose(left, "Gantry ends, and their buckets can't be written to");
        }
    }
}

impl Journal for AccessLogs {
    fn take(&self, logged: Logged) {
        if self.entries.try_send(logged).is_err() {
            // It is said once for all of a period.
            self.work.crowded.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Work {
    fn waiting(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lose(&self, lines: u64, why: &str) {
        self.lost.fetch_add(lines, Ordering::Relaxed);
        tracing::warn!(lines, why, "lines of access logs were dropped");
    }
}
