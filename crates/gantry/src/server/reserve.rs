//! Some space of the disk that is kept for when it is full.
//!
//! What fills a disk may be a task's own files, which Gantry removes when the task has ended; but that it has ended must
//! be written down first. So a file holds some space, is given up where none is left, and is made again where there is.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::fcntl::{FallocateFlags, fallocate};
use nix::sys::statvfs::statvfs;
use tokio_util::sync::CancellationToken;

/// Most that is kept, in bytes; of a small disk it is a share.
const MOST: u64 = 64 << 20;
const SHARE: u64 = 32;
/// How often it is looked.
const LOOK: Duration = Duration::from_secs(1);

/// The space that is kept.
pub struct Reserve {
    file: PathBuf,
}

impl Reserve {
    /// Keeps space in that file, and gives it up, until `ended`. Where the disk is full now, what
    /// was kept is given up before this returns, as nothing could be opened without.
    pub fn begin(file: PathBuf, ended: CancellationToken) {
        let reserve = Reserve { file };
        let first = reserve.look();
        tokio::spawn(async move { ended.run_until_cancelled(reserve.keep(first)).await });
    }

    async fn keep(self, first: io::Result<Kept>) {
        let file = self.file.display();
        let mut before =
            first.inspect_err(|error| tracing::info!(%file, %error, "no space can be kept")).ok();
        loop {
            tokio::time::sleep(LOOK).await;
            let Ok(now) = self.look() else { continue };
            match (before, now) {
                (Some(Kept::Held), Kept::GivenUp) => {
                    tracing::warn!(%file, "the disk is full: gave up what was kept for this");
                }
                (Some(Kept::GivenUp), Kept::Held) => {
                    tracing::info!(%file, "there is space on the disk again")
                }
                _ => {}
            }
            before = Some(now);
        }
    }

    fn look(&self) -> io::Result<Kept> {
        let folder = self.file.parent().unwrap_or(Path::new("/"));
        let disk = statvfs(folder)?;
        // Root may use what the file system keeps for it.
        let free = disk.blocks_free() * disk.fragment_size();
        let size = MOST.min(disk.blocks() * disk.fragment_size() / SHARE);
        let held = fs::metadata(&self.file).is_ok_and(|file| file.len() > 0);
        if held && free < size / 8 {
            remove(&self.file)?;
            return Ok(Kept::GivenUp);
        }
        if !held && free > size * 4 {
            self.take(size)?;
            return Ok(Kept::Held);
        }
        Ok(if held { Kept::Held } else { Kept::GivenUp })
    }

    fn take(&self, size: u64) -> io::Result<()> {
        let file = OpenOptions::new().create(true).truncate(true).write(true).open(&self.file)?;
        let taken = fallocate(&file, FallocateFlags::empty(), 0, i64::try_from(size).unwrap_or(i64::MAX));
        taken.map_err(|error| {
            // A file system that can't keep space has none kept.
            let _ = remove(&self.file);
            error.into()
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    Held,
    GivenUp,
}

fn remove(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
