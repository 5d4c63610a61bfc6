//! What outlives the agent: what is desired, what is known, and how far output was shipped.
//!
//! One thread writes, and writes together what came together. What is desired is on disk before anything is done about
//! it; what is known follows soon after, because most of it can be seen again. What a full disk does not take is tried
//! until it does.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use gantry_node_proto::v1;
use prost::Message;
use redb::{Database, DatabaseError, ReadableDatabase, ReadableTable, TableDefinition};
use tokio::sync::oneshot;

use crate::known::Known;

const DESIRED: TableDefinition<&str, &[u8]> = TableDefinition::new("desired");
const KNOWN: TableDefinition<&str, &[u8]> = TableDefinition::new("known");
const OUTPUT: TableDefinition<&str, &[u8]> = TableDefinition::new("output");
const META: TableDefinition<&str, u64> = TableDefinition::new("meta");
const GENERATION: &str = "generation";

/// How many changes may wait for the writer; who brings more waits too.
const WAITING: usize = 1024;

/// How soon what could not be written is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// How long an agent that was cut off in this process may take to let go of the file.
const TAKEN: Duration = Duration::from_secs(10);
const TAKEN_PAUSE: Duration = Duration::from_millis(10);

#[derive(Debug, Clone, thiserror::Error)]
#[error("ledger: {0}")]
pub struct LedgerError(String);

impl LedgerError {
    pub(crate) fn new(error: impl std::fmt::Display) -> Self {
        failed(error)
    }
}

fn failed(error: impl std::fmt::Display) -> LedgerError {
    LedgerError(error.to_string())
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Ledger {
    writer: mpsc::SyncSender<Entry>,
}

struct Entry {
    changes: Vec<Change>,
    done: Option<oneshot::Sender<Result<(), LedgerError>>>,
    /// The file is closed after it.
    last: bool,
}

enum Change {
    Generation(u64),
    Row(Rows, String, Option<Vec<u8>>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Rows {
    Desired,
    Known,
    Output,
}

/// What was found at the start.
#[derive(Default)]
pub struct Found {
    pub generation: u64,
    pub desired: HashMap<String, v1::DesiredTask>,
    pub known: HashMap<String, Known>,
    pub output: HashMap<String, Vec<u8>>,
}

impl Ledger {
    /// Opens or makes the ledger in `dir`. Its file is its owner's alone to read: it holds secrets.
    pub async fn open(dir: &Path) -> Result<(Self, Found), LedgerError> {
        private_dir(dir).map_err(failed)?;
        let path = dir.join("ledger.redb");
        OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(failed)?;
        let database =
            take(&path).await.map_err(|error| LedgerError(format!("{}: {error}", path.display())))?;
        let found = read(&database)?;
        let (writer, entries) = mpsc::sync_channel(WAITING);
        std::thread::Builder::new()
            .name("node-ledger".to_owned())
            .spawn(move || {
                Writer { path, database: Some(database), unwritten: Unwritten::default() }.run(entries)
            })
            .map_err(failed)?;
        Ok((Self { writer }, found))
    }

    /// On disk when this returns.
    pub async fn put_desired(
        &self,
        generation: u64,
        tasks: Vec<(String, Option<v1::DesiredTask>)>,
    ) -> Result<(), LedgerError> {
        let mut changes = vec![Change::Generation(generation)];
        changes.extend(tasks.into_iter().map(|(arn, task)| {
            let bytes = task.map(|task| task.encode_to_vec());
            Change::Row(Rows::Desired, arn, bytes)
        }));
        self.write(changes).await
    }

    pub fn put_known(&self, arn: &str, known: &Known) -> Result<(), LedgerError> {
        let bytes = serde_json::to_vec(known).map_err(failed)?;
        self.bring(vec![Change::Row(Rows::Known, arn.to_owned(), Some(bytes))])
    }

    /// Removes everything of a task; on disk when this returns.
    pub async fn forget(&self, arn: &str) -> Result<(), LedgerError> {
        let gone = [Rows::Desired, Rows::Known].map(|rows| Change::Row(rows, arn.to_owned(), None));
        self.write(gone.into()).await
    }

    pub fn put_output(&self, key: &str, value: Option<Vec<u8>>) -> Result<(), LedgerError> {
        self.bring(vec![Change::Row(Rows::Output, key.to_owned(), value)])
    }

    /// Everything brought before is on disk when this returns.
    pub async fn flush(&self) -> Result<(), LedgerError> {
        self.write(Vec::new()).await
    }

    /// Everything brought before is on disk and the file is closed when this returns; what is brought after it is
    /// refused.
    pub async fn close(&self) -> Result<(), LedgerError> {
        self.write_and(Vec::new(), true).await
    }

    fn bring(&self, changes: Vec<Change>) -> Result<(), LedgerError> {
        let entry = Entry { changes, done: None, last: false };
        self.send(entry)
    }

    async fn write(&self, changes: Vec<Change>) -> Result<(), LedgerError> {
        self.write_and(changes, false).await
    }

    async fn write_and(&self, changes: Vec<Change>, last: bool) -> Result<(), LedgerError> {
        let (done, wait) = oneshot::channel();
        self.send(Entry { changes, done: Some(done), last })?;
        wait.await.map_err(|_| failed("the writer has ended"))?
    }

    /// Blocks a moment when the disk is slower than a thousand changes: better than losing one.
    fn send(&self, entry: Entry) -> Result<(), LedgerError> {
        self.writer.send(entry).map_err(|_| failed("the writer has ended"))
    }
}

/// Makes a directory that only its owner can enter.
pub fn private_dir(dir: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

/// Opens the file, once an agent that was cut off in this process has let go of it.
async fn take(path: &Path) -> Result<Database, DatabaseError> {
    let began = tokio::time::Instant::now();
    loop {
        match Database::create(path) {
            Err(DatabaseError::DatabaseAlreadyOpen) if began.elapsed() < TAKEN => {
                tokio::time::sleep(TAKEN_PAUSE).await;
            }
            opened => return opened,
        }
    }
}

fn read(database: &Database) -> Result<Found, LedgerError> {
    let write = database.begin_write().map_err(failed)?;
    for table in [DESIRED, KNOWN, OUTPUT] {
        write.open_table(table).map_err(failed)?;
    }
    write.open_table(META).map_err(failed)?;
    write.commit().map_err(failed)?;

    let read = database.begin_read().map_err(failed)?;
    let mut found = Found::default();
    let meta = read.open_table(META).map_err(failed)?;
    if let Some(generation) = meta.get(GENERATION).map_err(failed)? {
        found.generation = generation.value();
    }
    let rows = |table: TableDefinition<&str, &[u8]>| -> Result<Vec<(String, Vec<u8>)>, LedgerError> {
        let table = read.open_table(table).map_err(failed)?;
        let mut rows = Vec::new();
        for row in table.iter().map_err(failed)? {
            let (key, value) = row.map_err(failed)?;
            rows.push((key.value().to_owned(), value.value().to_vec()));
        }
        Ok(rows)
    };
    for (arn, bytes) in rows(DESIRED)? {
        let task = v1::DesiredTask::decode(bytes.as_slice()).map_err(failed)?;
        found.desired.insert(arn, task);
    }
    for (arn, bytes) in rows(KNOWN)? {
        let known = serde_json::from_slice(&bytes).map_err(failed)?;
        found.known.insert(arn, known);
    }
    found.output.extend(rows(OUTPUT)?);
    Ok(found)
}

/// The thread that writes.
struct Writer {
    path: PathBuf,
    /// None after a failure: a database that could not write once writes nothing until it is opened anew.
    database: Option<Database>,
    unwritten: Unwritten,
}

/// The newest change of each row that is not on disk yet. What could not be written stays, and is tried again.
#[derive(Default)]
struct Unwritten {
    generation: Option<u64>,
    rows: HashMap<(Rows, String), Option<Vec<u8>>>,
}

impl Unwritten {
    fn is_empty(&self) -> bool {
        self.generation.is_none() && self.rows.is_empty()
    }

    fn take(&mut self, entry: &mut Entry) {
        for change in std::mem::take(&mut entry.changes) {
            match change {
                Change::Generation(generation) => self.generation = Some(generation),
                Change::Row(rows, key, value) => {
                    self.rows.insert((rows, key), value);
                }
            }
        }
    }
}

impl Writer {
    fn run(mut self, entries: mpsc::Receiver<Entry>) {
        loop {
            let mut batch: Vec<Entry> = match self.next(&entries) {
                Ok(first) => first.into_iter().collect(),
                Err(mpsc::RecvError) => return,
            };
            batch.extend(entries.try_iter().take(WAITING));
            for entry in &mut batch {
                self.unwritten.take(entry);
            }
            let had_failed = self.database.is_none();
            let written = self.write();
            match &written {
                Err(error) if !had_failed => tracing::error!(%error, "the ledger could not be written"),
                Ok(()) if had_failed => tracing::info!("the ledger is written again"),
                _ => {}
            }
            if batch.iter().any(|entry| entry.last) {
                // What comes from now on is refused, before anybody hears that it is closed.
                drop(entries);
                drop(self.database);
                return answer(batch, &written);
            }
            answer(batch, &written);
        }
    }

    /// Waits for a change, or until what failed may be tried again.
    fn next(&self, entries: &mpsc::Receiver<Entry>) -> Result<Option<Entry>, mpsc::RecvError> {
        if self.unwritten.is_empty() {
            return entries.recv().map(Some);
        }
        match entries.recv_timeout(AGAIN) {
            Ok(entry) => Ok(Some(entry)),
            Err(mpsc::RecvTimeoutError::Timeout) => Ok(None),
            Err(mpsc::RecvTimeoutError::Disconnected) => Err(mpsc::RecvError),
        }
    }

    fn write(&mut self) -> Result<(), LedgerError> {
        let database = match self.database.take() {
            Some(database) => database,
            None => Database::create(&self.path).map_err(failed)?,
        };
        commit(&database, &self.unwritten)?;
        self.database = Some(database);
        self.unwritten = Unwritten::default();
        Ok(())
    }
}

fn answer(batch: Vec<Entry>, written: &Result<(), LedgerError>) {
    for done in batch.into_iter().filter_map(|entry| entry.done) {
        // Who waited may have gone.
        let _ = done.send(written.clone());
    }
}

fn commit(database: &Database, changes: &Unwritten) -> Result<(), LedgerError> {
    let write = database.begin_write().map_err(failed)?;
    {
        let mut desired = write.open_table(DESIRED).map_err(failed)?;
        let mut known = write.open_table(KNOWN).map_err(failed)?;
        let mut output = write.open_table(OUTPUT).map_err(failed)?;
        if let Some(generation) = changes.generation {
            let mut meta = write.open_table(META).map_err(failed)?;
            meta.insert(GENERATION, generation).map_err(failed)?;
        }
        for ((rows, key), value) in &changes.rows {
            let table = match rows {
                Rows::Desired => &mut desired,
                Rows::Known => &mut known,
                Rows::Output => &mut output,
            };
            match value {
                Some(value) => table.insert(key.as_str(), value.as_slice()),
                None => table.remove(key.as_str()),
            }
            .map_err(failed)?;
        }
    }
    write.commit().map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[tokio::test]
    async fn what_was_written_is_found_again() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().join("node");
        let (ledger, found) = Ledger::open(&dir).await.unwrap();
        assert_eq!(found.generation, 0);
        let task = v1::DesiredTask { task_id: "1".to_owned(), ..v1::DesiredTask::default() };
        let tasks = vec![("a".to_owned(), Some(task.clone())), ("b".to_owned(), Some(task))];
        ledger.put_desired(7, tasks).await.unwrap();
        let known = Known::new(2);
        ledger.put_known("a", &known).unwrap();
        ledger.put_output("o", Some(vec![1])).unwrap();
        ledger.forget("b").await.unwrap();
        // Whoever still holds it is no hindrance to the next.
        ledger.close().await.unwrap();
        assert!(ledger.put_output("o", None).is_err(), "what comes too late is refused");

        let mode = fs::metadata(dir.join("ledger.redb")).unwrap().permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
        let (_ledger, found) = Ledger::open(&dir).await.unwrap();
        assert_eq!(found.generation, 7);
        assert_eq!(found.desired.keys().collect::<Vec<_>>(), ["a"]);
        assert_eq!(found.known["a"], known);
        assert_eq!(found.output["o"], [1]);
    }

    #[tokio::test]
    async fn what_could_not_be_written_is_written_once_it_can() {
        let dir = tempfile::tempdir().unwrap();
        let (ledger, _) = Ledger::open(dir.path()).await.unwrap();
        ledger.close().await.unwrap();
        // A writer whose database failed before, and can't be opened anew as long as its folder is not there. The folder
        // comes back at once with the file in it: a moment without the file, and the writer makes a new one.
        let folder = dir.path().join("later");
        let path = folder.join("ledger.redb");
        let aside = dir.path().join("aside");
        fs::create_dir(&aside).unwrap();
        fs::rename(dir.path().join("ledger.redb"), aside.join("ledger.redb")).unwrap();
        let (writer, entries) = mpsc::sync_channel(WAITING);
        let thread = Writer { path, database: None, unwritten: Unwritten::default() };
        let thread = std::thread::spawn(move || thread.run(entries));
        let ledger = Ledger { writer };
        ledger.put_output("o", Some(vec![1])).unwrap();
        assert!(ledger.flush().await.is_err(), "whoever asks is told");
        ledger.put_output("o", Some(vec![2])).unwrap();
        fs::rename(&aside, &folder).unwrap();
        ledger.flush().await.unwrap();
        ledger.close().await.unwrap();
        thread.join().unwrap();
        let (_ledger, found) = Ledger::open(&folder).await.unwrap();
        assert_eq!(found.output["o"], [2]);
    }

    #[tokio::test]
    async fn one_that_was_cut_off_is_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let (ledger, _) = Ledger::open(dir.path()).await.unwrap();
        ledger.put_output("o", Some(vec![1])).unwrap();
        let (dropped, opened) = tokio::join!(
            async {
                tokio::task::yield_now().await;
                drop(ledger);
            },
            Ledger::open(dir.path())
        );
        let () = dropped;
        assert_eq!(opened.unwrap().1.output["o"], [1]);
    }
}
