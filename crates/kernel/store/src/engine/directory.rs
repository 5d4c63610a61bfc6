//! The files of a store, and who may open them.

use std::fs::{self, File, TryLockError};
use std::io::{Read, Seek, Write};
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
const FORMAT_FILE: &str = "store.json";
const DATABASE: &str = "store.redb";
/// How often the lock is tried: a process that was killed may have left it with a child that it was about to
/// start, until that child's exec closes the file.
const TRIES: u32 = 6;
const BETWEEN_TRIES: Duration = Duration::from_millis(20);
const RESTORING: &str = "store.redb.restoring";

impl Directory {
    /// Makes the directory if need be, takes it for this process and checks its format.
    pub(super) fn claim(dir: &Path) -> Result<Directory, StoreError> {
        fs::create_dir_all(dir).map_err(|error| failed("make the directory", dir, &error))?;
        let directory = Directory { dir: dir.into(), lock: take_lock(dir)? };
        directory.check_format()?;
        Ok(directory)
    }

    /// Takes a directory with nothing in it for a restore.
    pub(super) fn claim_empty(dir: &Path) -> Result<Directory, StoreError> {
        fs::create_dir_all(dir).map_err(|error| failed("make the directory", dir, &error))?;
        let mut entries = fs::read_dir(dir).map_err(|error| failed("read", dir, &error))?;
        if entries.next().is_some() {
            return Err(StoreError::Refused(format!(
                "{} is not empty: a backup is restored only into an empty directory",
                dir.display()
            )));
        }
        Ok(Directory { dir: dir.into(), lock: take_lock(dir)? })
    }

    /// Where a restore builds the database.
    pub(super) fn restoring(&self) -> PathBuf {
        self.dir.join(RESTORING)
    }

    /// Makes what a restore has built the store of this directory.
    pub(super) fn adopt_restored(&self) -> Result<(), StoreError> {
        let (from, to) = (self.restoring(), self.database());
        fs::rename(&from, &to).map_err(|error| failed("rename", &from, &error))?;
        // Without this file the database is not opened, so what came before is in place when it is there.
        write_format(&self.dir, &Written::by_this())
    }

    /// Leaves the directory as empty as it was.
    pub(super) fn abandon(&self) {
        for name in [RESTORING, DATABASE, FORMAT_FILE, LOCK] {
            if let Err(error) = fs::remove_file(self.dir.join(name))
                && error.kind() != std::io::ErrorKind::NotFound
            {
                tracing::warn!(%error, dir = %self.dir.display(), name, "could not remove what a failed restore left");
            }
        }
    }

    pub(super) fn database(&self) -> PathBuf {
        self.dir.join(DATABASE)
    }

    fn check_format(&self) -> Result<(), StoreError> {
        let path = self.dir.join(FORMAT_FILE);
        let this = Written::by_this();
        match fs::read(&path) {
            Ok(bytes) => {
                let found: Written = serde_json::from_slice(&bytes).map_err(|error| StoreError::Codec {
                    what: path.display().to_string(),
                    reason: error.to_string(),
                })?;
                found.check(&format!("the data directory {}", self.dir.display()))?;
                if found != this { write_format(&self.dir, &this) } else { Ok(()) }
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                if self.database().exists() || self.restoring().exists() {
                    let dir = self.dir.display();
                    return Err(StoreError::Refused(format!(
                        "the data directory {dir} has a database without its {FORMAT_FILE}: a restore did not finish, or the directory is damaged; restore a backup into an empty directory"
                    )));
                }
                write_format(&self.dir, &this)
            }
            Err(error) => Err(failed("read", &path, &error)),
        }
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
    let pid = format!("{}\n", std::process::id());
    lock.set_len(0)
        .and_then(|()| lock.rewind())
        .and_then(|()| lock.write_all(pid.as_bytes()))
        .map_err(|error| failed("write", &path, &error))?;
    Ok(lock)
}

fn write_format(dir: &Path, written: &Written) -> Result<(), StoreError> {
    let json = serde_json::to_vec(written).expect("a number and a string are always JSON");
    replace_file(dir, FORMAT_FILE, &json)
}

/// Writes a file so that after a crash it is either as before or whole.
fn replace_file(dir: &Path, name: &str, content: &[u8]) -> Result<(), StoreError> {
    let staged = dir.join(format!("{name}.new"));
    let write = || {
        let mut file = File::create(&staged)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&staged, dir.join(name))?;
        File::open(dir)?.sync_all()
    };
    write().map_err(|error| failed("write", &dir.join(name), &error))
}

pub(crate) fn failed(verb: &str, path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Engine(format!("could not {verb} {}: {error}", path.display()))
}
