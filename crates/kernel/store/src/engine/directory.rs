//! The files of a store, and who may open them.
//!
//! `store.lock` is held by the process that has the store open, and names it. `store.json` says who wrote the
//! store. `store.redb` is the database; `store.redb.restoring` is one that a restore is still building.

use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::StoreError;

/// The newest format of the files that this build reads, and the one that it writes.
pub(crate) const FORMAT: u32 = 1;
/// This build's version.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Who wrote a directory or a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Written {
    pub format: u32,
    pub gantry: String,
}

impl Written {
    pub(crate) fn by_this() -> Written {
        Written { format: FORMAT, gantry: VERSION.into() }
    }

    /// Refuses what a newer Gantry wrote in a format that this one can't read.
    pub(crate) fn check(&self, what: &str) -> Result<(), StoreError> {
        if self.format <= FORMAT {
            return Ok(());
        }
        Err(StoreError::NewerFormat {
            what: what.into(),
            wrote: self.gantry.clone(),
            format: self.format,
            this: VERSION,
            known: FORMAT,
        })
    }
}

/// The content of `store.json`.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Label {
    #[serde(flatten)]
    written: Written,
    /// Whether the database has been made, so that a missing one is a loss and not a beginning.
    #[serde(default = "yes")]
    complete: bool,
}

fn yes() -> bool {
    true
}

/// A directory that no other process may open while this lives.
pub(crate) struct Directory {
    dir: PathBuf,
    /// The system releases the lock when the process dies.
    lock: File,
}

impl Drop for Directory {
    fn drop(&mut self) {
        // Closing the file would leave the lock with a child that is just between fork and exec.
        if let Err(error) = self.lock.unlock() {
            tracing::warn!(%error, dir = %self.dir.display(), "could not release the data directory");
        }
    }
}

const LOCK: &str = "store.lock";
const LABEL: &str = "store.json";
const DATABASE: &str = "store.redb";
/// Written to see whether there is room, and how large it is in bytes: a group of usual writes.
const ROOM: &str = "store.room";
const ROOM_BYTES: usize = 1024 * 1024;
const RESTORING: &str = "store.redb.restoring";
/// How often the lock is tried: a process that was killed may have left it with a child that it was about to
/// start, until that child's exec closes the file.
const TRIES: u32 = 6;
const BETWEEN_TRIES: Duration = Duration::from_millis(20);

impl Directory {
    /// Makes the directory if need be, takes it for this process and checks its format.
    pub(super) fn claim(dir: &Path) -> Result<Directory, StoreError> {
        let directory = Directory::take(dir)?;
        match directory.label()? {
            Some(label) => {
                label.written.check(&format!("the data directory {}", dir.display()))?;
                if label.complete && !directory.database().exists() {
                    return Err(directory.refused(format!("has lost its database, {DATABASE}")));
                }
                if !label.complete {
                    // The first start was cut off; nothing was acknowledged yet.
                    remove(&directory.database())?;
                }
            }
            None if directory.database().exists() || directory.restoring().exists() => {
                return Err(directory.refused(format!(
                    "has a database without its {LABEL}: a restore did not finish, or the file was lost"
                )));
            }
            None => {}
        }
        Ok(directory)
    }

    /// Takes a directory with nothing in it for a restore.
    pub(super) fn claim_empty(dir: &Path) -> Result<Directory, StoreError> {
        let occupied = match fs::read_dir(dir) {
            Ok(mut entries) => entries.next().is_some(),
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            Err(error) => return Err(failed("read", dir, &error)),
        };
        if occupied {
            let dir = dir.display();
            let why = format!("{dir} is not empty: a backup is restored only into an empty directory");
            return Err(StoreError::Refused(why));
        }
        Directory::take(dir)
    }

    fn take(dir: &Path) -> Result<Directory, StoreError> {
        fs::create_dir_all(dir).map_err(|error| failed("make the directory", dir, &error))?;
        Ok(Directory { dir: dir.into(), lock: take_lock(dir)? })
    }

    /// Writes anew who holds the lock, over what is there: whether the disk answers at all.
    pub(super) fn sign(&self) -> std::io::Result<()> {
        sign(&mut &self.lock).and_then(|()| self.lock.sync_all())
    }

    /// Writes a file and removes it: whether the disk has room again.
    pub(super) fn try_room(&self) -> std::io::Result<()> {
        let path = self.dir.join(ROOM);
        let written = File::create(&path).and_then(|mut file| {
            file.write_all(&vec![0x5a; ROOM_BYTES])?;
            file.sync_all()
        });
        fs::remove_file(&path)?;
        written
    }

    pub(super) fn database(&self) -> PathBuf {
        self.dir.join(DATABASE)
    }

    /// Where a restore builds the database.
    pub(super) fn restoring(&self) -> PathBuf {
        self.dir.join(RESTORING)
    }

    /// Says who writes the store from now on, before the database is opened.
    pub(super) fn label_as_ours(&self) -> Result<(), StoreError> {
        let complete = self.database().exists();
        self.put_label(&Label { written: Written::by_this(), complete })
    }

    /// Says that the database is there, so that nothing may be acknowledged before.
    pub(super) fn label_as_complete(&self) -> Result<(), StoreError> {
        self.put_label(&Label { written: Written::by_this(), complete: true })
    }

    /// Makes what a restore has built the store of this directory.
    pub(super) fn adopt_restored(&self) -> Result<(), StoreError> {
        let (from, to) = (self.restoring(), self.database());
        fs::rename(&from, &to).map_err(|error| failed("rename", &from, &error))?;
        // Without its label the database is not opened, so all else is in place when it is there.
        self.sync()?;
        self.label_as_complete()
    }

    /// Leaves the directory as empty as it was.
    pub(super) fn abandon(&self) {
        for name in [RESTORING, DATABASE, LABEL, LOCK] {
            if let Err(error) = remove(&self.dir.join(name)) {
                tracing::warn!(%error, "could not remove what a failed restore left");
            }
        }
    }

    fn label(&self) -> Result<Option<Label>, StoreError> {
        let path = self.dir.join(LABEL);
        let unreadable = |reason: String| StoreError::Codec { what: path.display().to_string(), reason };
        match fs::read(&path) {
            Ok(bytes) => {
                Ok(Some(serde_json::from_slice(&bytes).map_err(|error| unreadable(error.to_string()))?))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed("read", &path, &error)),
        }
    }

    /// Writes the label, if it is another, so that after a crash it is either as before or whole.
    fn put_label(&self, label: &Label) -> Result<(), StoreError> {
        if self.label()?.as_ref() == Some(label) {
            return Ok(());
        }
        let json = serde_json::to_vec(label).expect("numbers, strings and booleans are always JSON");
        let (staged, path) = (self.dir.join(format!("{LABEL}.new")), self.dir.join(LABEL));
        let write = || {
            let mut file = File::create(&staged)?;
            file.write_all(&json)?;
            file.sync_all()?;
            fs::rename(&staged, &path)
        };
        write().map_err(|error| failed("write", &path, &error))?;
        self.sync()
    }

    /// Makes the names of the files durable, and that of the directory itself.
    fn sync(&self) -> Result<(), StoreError> {
        let dir = self.dir.canonicalize().map_err(|error| failed("find", &self.dir, &error))?;
        for dir in [Some(dir.as_path()), dir.parent()].into_iter().flatten() {
            File::open(dir).and_then(|dir| dir.sync_all()).map_err(|error| failed("sync", dir, &error))?;
        }
        Ok(())
    }

    fn refused(&self, why: String) -> StoreError {
        let dir = self.dir.display();
        StoreError::Refused(format!(
            "the data directory {dir} {why}; restore a backup into an empty directory"
        ))
    }
}

fn take_lock(dir: &Path) -> Result<File, StoreError> {
    let path = dir.join(LOCK);
    let open = File::options().create(true).read(true).write(true).truncate(false).open(&path);
    let mut lock = open.map_err(|error| failed("open", &path, &error))?;
    let mut locked = lock.try_lock();
    for _ in 1..TRIES {
        if !matches!(locked, Err(TryLockError::WouldBlock)) {
            break;
        }
        std::thread::sleep(BETWEEN_TRIES);
        locked = lock.try_lock();
    }
    match locked {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut pid = String::new();
            let read = lock.read_to_string(&mut pid);
            let pid = if read.is_ok() && !pid.trim().is_empty() { pid.trim() } else { "unknown" };
            return Err(StoreError::InUse { dir: dir.display().to_string(), pid: pid.into() });
        }
        Err(TryLockError::Error(error)) => return Err(failed("lock", &path, &error)),
    }
    sign(&mut &lock).map_err(|error| failed("write", &path, &error))?;
    Ok(lock)
}

/// Writes the process's id over what the lock's file says.
fn sign(lock: &mut &File) -> std::io::Result<()> {
    let pid = format!("{:<10}\n", std::process::id());
    lock.rewind()?;
    lock.write_all(pid.as_bytes())?;
    lock.set_len(pid.len() as u64)
}

/// Removes the file, if it is there.
fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failed("remove", path, &error)),
        _ => Ok(()),
    }
}

pub(crate) fn failed(verb: &str, path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Engine(format!("could not {verb} {}: {error}", path.display()))
}
