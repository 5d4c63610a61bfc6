//! Being the Gantry of a data directory: one process at a time, known from its first moment.

use std::fs::{File, Metadata, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::layout::Layout;

/// How long a process that was killed may take to let go of the directory.
const PATIENCE: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(20);

/// Held while this process is the Gantry of the directory. The system lets go of it when the process dies.
pub struct Claim {
    layout: Layout,
    _lock: File,
}

impl Claim {
    /// Takes the directory for this process.
    pub fn take(layout: &Layout) -> Result<Claim> {
        let path = layout.claim();
        let began = Instant::now();
        let mut lock = loop {
            let open = File::options().create(true).truncate(false).read(true).write(true).open(&path);
            let mut lock = open.with_context(|| format!("{} can't be opened", path.display()))?;
            match lock.try_lock() {
                Ok(()) if is_at(&lock, &path) => break lock,
                // Who had it before has just removed it.
                Ok(()) => {}
                Err(TryLockError::WouldBlock) if began.elapsed() < PATIENCE => std::thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => {
                    let mut pid = String::new();
                    lock.read_to_string(&mut pid).context("the claim can't be read")?;
                    bail!(
                        "the data directory {} is in use by process {}: stop that Gantry first, or use another --data-dir",
                        layout.data().display(),
                        pid.trim()
                    );
                }
                Err(TryLockError::Error(error)) => {
                    return Err(error).with_context(|| format!("{} can't be locked", path.display()));
                }
            }
        };
        lock.set_len(0)?;
        lock.rewind()?;
        lock.write_all(std::process::id().to_string().as_bytes())?;
        Ok(Claim { layout: layout.clone(), _lock: lock })
    }

    /// Whether some process is the Gantry of the directory, or is about to be.
    pub fn is_taken(layout: &Layout) -> bool {
        let Ok(lock) = File::open(layout.claim()) else { return false };
        matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock))
    }
}

/// Whether the open file is the one that has this path now.
fn is_at(file: &File, path: &Path) -> bool {
    let inode = |metadata: Metadata| (metadata.dev(), metadata.ino());
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(ours), Ok(there)) => inode(ours) == inode(there),
        _ => false,
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        // Who comes next makes its own; one that can't be removed is taken over.
        let _ = std::fs::remove_file(self.layout.claim());
        // It stays while something that outlives Gantry has its files there.
        let _ = std::fs::remove_dir(self.layout.run());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_process_is_it_at_a_time() {
        let base = std::env::temp_dir().join(format!("gantry-claim-{}", std::process::id()));
        let layout = Layout::of(Some(&base)).unwrap();
        layout.create().unwrap().keep();
        assert!(!Claim::is_taken(&layout));
        let claim = Claim::take(&layout).unwrap();
        assert!(Claim::is_taken(&layout));
        let refused = Claim::take(&layout).err().unwrap().to_string();
        assert!(refused.contains(&std::process::id().to_string()), "{refused}");
        drop(claim);
        assert!(!Claim::is_taken(&layout));
        std::fs::remove_dir_all(base).unwrap();
    }
}
