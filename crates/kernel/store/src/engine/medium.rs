//! What the database lies on, and how it is opened again after it has failed.
//!
//! redb gives a database up at its first failed write, for good reason: it can't know what the disk holds.
//! Opening it again finds out. So that a full disk is no end, the engine does that as soon as the disk allows.

use std::io;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use redb::{Database, ReadTransaction, ReadableDatabase, WriteTransaction};

use super::directory::Directory;
use super::{Shared, Tail, writer};
use crate::error::StoreError;

/// How long after a failure, and after each failed attempt, the next attempt is made.
pub(super) const RETRY: Duration = Duration::from_secs(1);

/// Where the bytes are.
pub(super) trait Medium: Send + Sync {
    /// Opens the database that is there.
    fn open_again(&self, cache_bytes: usize) -> Result<Database, StoreError>;
    /// Whether what is there already can be written over, so that opening has a chance.
    fn answers(&self) -> io::Result<()>;
    /// Whether there is room for more.
    fn has_room(&self) -> io::Result<()>;
}

impl Medium for Directory {
    fn open_again(&self, cache_bytes: usize) -> Result<Database, StoreError> {
        open_file(self, cache_bytes)
    }
    fn answers(&self) -> io::Result<()> {
        self.sign()
    }
    fn has_room(&self) -> io::Result<()> {
        self.try_room()
    }
}

/// Memory does not fail, and what it held would be gone.
pub(super) struct Memory;

impl Medium for Memory {
    fn open_again(&self, _: usize) -> Result<Database, StoreError> {
        Err(StoreError::Engine("a store in memory can't be opened again".into()))
    }
    fn answers(&self) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
    fn has_room(&self) -> io::Result<()> {
        Ok(())
    }
}

/// Opens the database of a directory, which has been made; an error names the file.
pub(super) fn open_file(directory: &Directory, cache_bytes: usize) -> Result<Database, StoreError> {
    let path = directory.database();
    let opened = std::panic::catch_unwind(|| Database::builder().set_cache_size(cache_bytes).open(&path));
    let why = match opened {
        Ok(Ok(database)) => return Ok(database),
        Ok(Err(error)) => error.to_string(),
        // redb asserts some of what a file that was cut short does not hold.
        Err(_) => "it can't be made sense of".to_owned(),
    };
    Err(StoreError::Engine(format!("the database {} can't be opened: {why}", path.display(),)))
}

/// Why the store does not write at the moment.
pub(super) struct Trouble {
    pub why: String,
    pub again_at: Instant,
}

impl Shared {
    pub(super) fn begin_read(&self) -> Result<ReadTransaction, StoreError> {
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        Ok(database.as_ref().ok_or_else(|| self.closed_for_now())?.begin_read()?)
    }

    pub(super) fn begin_write(&self) -> Result<WriteTransaction, StoreError> {
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        Ok(database.as_ref().ok_or_else(|| self.closed_for_now())?.begin_write()?)
    }

    fn closed_for_now(&self) -> StoreError {
        let why = super::lock(&self.trouble).as_ref().map(|trouble| trouble.why.clone());
        StoreError::Unavailable(why.unwrap_or_else(|| "it is being opened".to_owned()))
    }

    /// Closes the database and opens it again; what it holds then is what counts.
    pub(super) fn open_again(&self) -> Result<(), StoreError> {
        self.medium.answers().map_err(|error| StoreError::Engine(format!("the disk: {error}")))?;
        let found = {
            let mut database = self.database.write().unwrap_or_else(PoisonError::into_inner);
            // Readers that hold a view of the old one are told that it is closed.
            *super::lock(&self.view) = None;
            *database = None;
            let opened = self.medium.open_again(self.options.cache_bytes)?;
            let found = writer::find(&opened)?;
            *database = Some(opened);
            found
        };
        let before = self.published.borrow().revision;
        if found.revision != before {
            // The failed commit had come through after all, and the history has it.
            *super::lock(&self.tail) = Tail::new(found.revision, self.options.tail_bytes);
        }
        *super::lock(&self.leases) = super::Leases::restored(found.leases, (self.options.time)());
        *super::lock(&self.view) = None;
        self.published.send_modify(|published| published.revision = found.revision);
        Ok(())
    }
}
