//! The files of a store, and who may open them.

use std::fs::{self, File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

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
    /// The system releases the lock with the file, also when the process dies.
    _lock: File,
}

const LOCK: &str = "store.lock";
const FORMAT_FILE: &str = "store.json";
const DATABASE: &str = "store.redb";

impl Directory {
    /// Makes the directory if need be, takes it for this process and checks its format.
    pub(super) fn claim(dir: &Path) -> Result<Directory, StoreError> {
        fs::create_dir_all(dir).map_err(|error| failed("make the directory", dir, &error))?;
        let directory = Directory { dir: dir.into(), _lock: take_lock(dir)? };
        directory.check_format()?;
        Ok(directory)
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
                if self.database().exists() {
                    let dir = self.dir.display();
                    return Err(StoreError::Refused(format!(
                        "the data directory {dir} has a {DATABASE} without its {FORMAT_FILE}: it is damaged or only half restored; restore a backup into an empty directory"
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
    match lock.try_lock() {
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
