//! The engine inside one machine: a redb file with one writer thread.
//!
//! `writer` takes requests and commits them in groups, which `apply` carries out; `reader` reads; `watch` follows; `tail` keeps the
//! newest changes in memory for both; `lease` knows when leases run out; `directory` guards the files; `medium` opens
//! them again after a failure; `backup` copies them.

mod apply;
mod backup;
mod directory;
mod layout;
mod lease;
mod medium;
#[cfg(test)]
mod power_loss;
mod reader;
mod tail;
mod watch;
mod writer;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures::StreamExt;
use redb::Database;
use tokio::sync::{mpsc, oneshot, watch as latest};

pub(crate) use self::backup::restore_rows;
pub use self::backup::{BackupSummary, restore};
use self::directory::Directory;
use self::lease::Leases;
use self::medium::{Medium, Trouble};
use self::reader::View;
use self::tail::Tail;
use self::writer::{Request, Writer};
use crate::error::StoreError;
use crate::kv::{Compare, Kv, LeaseId, Op, Range, Revision, Snapshot, TxnOutcome, Watch, validate};

/// Time since some fixed moment, which never goes back. Leases run by it.
pub type Monotonic = Arc<dyn Fn() -> Duration + Send + Sync>;

/// How an engine is set up.
#[derive(Clone)]
pub struct Options {
    /// How much of the file is kept in memory, in bytes.
    pub cache_bytes: usize,
    /// How many changes the history keeps for watches to resume from. 0: none is written, which halves what the
    /// disk has to take where values are large; nobody can watch such an engine.
    pub history_events: u64,
    /// How many bytes of changes the history keeps; the smaller of the two limits holds.
    pub history_bytes: u64,
    /// How many bytes of the newest changes are kept in memory, so that live watches need not read them.
    pub tail_bytes: usize,
    /// What leases run by.
    pub time: Monotonic,
}

impl Default for Options {
    fn default() -> Self {
        let start = Instant::now();
        Options {
            cache_bytes: 32 * 1024 * 1024,
            history_events: 100_000,
            history_bytes: 64 * 1024 * 1024,
            tail_bytes: 4 * 1024 * 1024,
            time: Arc::new(move || start.elapsed()),
        }
    }
}

/// The redb engine. Clones share one database, which is closed when the last is dropped.
#[derive(Clone)]
pub struct Redb {
    handle: Arc<Handle>,
}

/// What clones of [`Redb`] share. Dropping it stops the writer.
struct Handle {
    shared: Arc<Shared>,
    inbox: Option<mpsc::Sender<Request>>,
    writer: Option<std::thread::JoinHandle<()>>,
}

/// What the writer, readers and watches share.
struct Shared {
    /// Absent only while it is opened again after a failure.
    database: RwLock<Option<Database>>,
    /// Why nothing can be written now.
    trouble: Mutex<Option<Trouble>>,
    /// The newest view, made by the first who reads after a commit.
    view: Mutex<Option<Arc<View>>>,
    tail: Mutex<Tail>,
    leases: Mutex<Leases>,
    published: latest::Sender<Published>,
    options: Options,
    /// Held for as long as the database is open.
    medium: Box<dyn Medium>,
}

/// What watches wait for.
#[derive(Debug, Clone, Copy)]
struct Published {
    revision: Revision,
    closed: bool,
}

/// How many requests may wait for the writer before callers do.
const INBOX: usize = 1024;

impl Redb {
    /// Opens the store in the directory, and makes both if they are not there.
    pub fn open(dir: impl AsRef<Path>) -> Result<Redb, StoreError> {
        Redb::open_with(dir, Options::default())
    }

    /// Opens the store in the directory with the given options.
    pub fn open_with(dir: impl AsRef<Path>, options: Options) -> Result<Redb, StoreError> {
        let directory = Directory::claim(dir.as_ref())?;
        directory.label_as_ours()?;
        let database = match directory.database().exists() {
            true => medium::open_file(&directory, options.cache_bytes)?,
            false => Database::builder().set_cache_size(options.cache_bytes).create(directory.database())?,
        };
        directory.label_as_complete()?;
        Redb::start(database, options, Box::new(directory))
    }

    /// A store that is gone when the last clone is dropped; for tests and simulations.
    pub fn in_memory() -> Result<Redb, StoreError> {
        Redb::in_memory_with(Options::default())
    }

    /// A store in memory with the given options.
    pub fn in_memory_with(options: Options) -> Result<Redb, StoreError> {
        let memory = redb::backends::InMemoryBackend::new();
        let database = Database::builder().set_cache_size(options.cache_bytes).create_with_backend(memory)?;
        Redb::start(database, options, Box::new(medium::Memory))
    }

    fn start(database: Database, options: Options, medium: Box<dyn Medium>) -> Result<Redb, StoreError> {
        let found = writer::prepare(&database)?;
        let shared = Arc::new(Shared {
            database: RwLock::new(Some(database)),
            trouble: Mutex::new(None),
            view: Mutex::new(None),
            tail: Mutex::new(Tail::new(found.revision, options.tail_bytes)),
            leases: Mutex::new(Leases::restored(found.leases, (options.time)())),
            published: latest::Sender::new(Published { revision: found.revision, closed: false }),
            options,
            medium,
        });
        let (inbox, requests) = mpsc::channel(INBOX);
        let writer = Writer::new(shared.clone(), requests);
        let writer = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || writer.run())
            .map_err(|error| StoreError::Engine(format!("the writer thread did not start: {error}")))?;
        Ok(Redb { handle: Arc::new(Handle { shared, inbox: Some(inbox), writer: Some(writer) }) })
    }

    /// Ends the leases that have run out by now. The engine does so by itself as time passes; a test that
    /// moves the time calls it to not wait.
    pub async fn expire_leases(&self) -> Result<(), StoreError> {
        self.ask(|reply| Request::Expire { reply }).await
    }

    /// Why nothing can be written at the moment, if so; a full disk, most likely. It mends itself when it can.
    pub fn trouble(&self) -> Option<String> {
        lock(&self.handle.shared.trouble).as_ref().map(|trouble| trouble.why.clone())
    }

    /// Deletes everything, as one change that watches see: only for a Gantry that serves tests.
    pub async fn clear(&self) -> Result<(), StoreError> {
        self.ask(|reply| Request::Clear { reply }).await
    }

    async fn ask<T>(
        &self,
        request: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Request,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let inbox = self.handle.inbox.as_ref().ok_or(StoreError::Closed)?;
        inbox.send(request(reply)).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.inbox = None;
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!("the store's writer thread panicked");
        }
        self.shared.published.send_modify(|published| published.closed = true);
    }
}

impl Shared {
    /// The store as it is now.
    fn view(&self) -> Result<Arc<View>, StoreError> {
        // A view is made under the lock that a commit takes to discard it, so no reader can put back one
        // that a commit has made old.
        let mut newest = lock(&self.view);
        if let Some(view) = newest.as_ref() {
            return Ok(view.clone());
        }
        let view = Arc::new(View::new(&self.begin_read()?)?);
        *newest = Some(view.clone());
        Ok(view)
    }
}

/// Locks what no holder leaves half changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl Kv for Redb {
    async fn snapshot(&self) -> Result<Arc<dyn Snapshot>, StoreError> {
        Ok(self.handle.shared.view()?)
    }

    async fn txn(&self, compares: Vec<Compare>, ops: Vec<Op>) -> Result<TxnOutcome, StoreError> {
        validate(&ops)?;
        self.ask(|reply| Request::Txn { compares, ops, reply }).await
    }

    async fn watch(&self, range: Range, after: Revision) -> Result<Watch, StoreError> {
        Ok(watch::Watcher::open(self.handle.shared.clone(), range, after)?.into_stream().boxed())
    }

    async fn lease_grant(&self, ttl: Duration) -> Result<LeaseId, StoreError> {
        if ttl.is_zero() {
            return Err(StoreError::Invalid("a lease needs some time to live".into()));
        }
        self.ask(|reply| Request::Grant { ttl, reply }).await
    }

    async fn lease_keep_alive(&self, lease: LeaseId) -> Result<Duration, StoreError> {
        let shared = &self.handle.shared;
        lock(&shared.leases).keep_alive(lease, (shared.options.time)())
    }

    async fn lease_revoke(&self, lease: LeaseId) -> Result<(), StoreError> {
        self.ask(|reply| Request::Revoke { lease, reply }).await
    }

    async fn compact(&self, revision: Revision) -> Result<(), StoreError> {
        self.ask(|reply| Request::Compact { revision, reply }).await
    }
}
