//! The file of an unfinished upload.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::time::UNIX_EPOCH;

use bytes::Bytes;
use gantry_base::Timestamp;
use gantry_ecr_core::{Bytestream, Digest, Hasher, Refusal, UploadId};

use super::append;

/// An upload's file, with the hash of what is in it so far.
pub struct Staged {
    pub(super) file: File,
    pub(super) hasher: Hasher,
    pub(super) received: u64,
    /// How many bytes of the upload are elsewhere, before those in the file.
    pub(super) before: u64,
    /// Up to where the kernel has been told to write to the disk.
    pub(super) flushing: u64,
}

/// Why a body was not added as a whole.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The client stopped in the middle. What came before is kept.
    #[error("{0}")]
    BrokeOff(String),
    /// More came than a layer may have. What came before is kept.
    #[error("over {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// The file can't be written.
    #[error("{0}")]
    Disk(io::Error),
}

impl From<AppendError> for Refusal {
    fn from(error: AppendError) -> Refusal {
        match error {
            AppendError::BrokeOff(why) => Refusal::BodyBrokeOff(why),
            AppendError::TooLarge { limit } => Refusal::LayerTooLarge { limit },
            AppendError::Disk(error) => Refusal::Internal(format!("an upload can't be written: {error}")),
        }
    }
}

/// How much is written before the kernel is told to begin with the disk, so that the last sync is short.
const FLUSH: u64 = 8 * 1024 * 1024;

impl Staged {
    /// Opens or makes the file. What is in it, from before a restart, is hashed again. Blocks.
    pub fn open(path: &Path) -> io::Result<Staged> {
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
        let mut hasher = Hasher::default();
        let mut received = 0;
        let mut buffer = vec![0; 256 * 1024];
        loop {
            match file.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => {
                    hasher.update(&buffer[..read]);
                    received += read as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Staged { file, hasher, received, before: 0, flushing: received })
    }

    /// A new file for what follows on content of that hash and length. Blocks.
    pub fn following(path: &Path, hasher: Hasher, before: u64) -> io::Result<Staged> {
        let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)?;
        Ok(Staged { file, hasher, received: before, before, flushing: before })
    }

    /// Takes the file for this process alone, as replicas may share the folder; false if another has it.
    pub fn try_lock(&self) -> io::Result<bool> {
        match self.file.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Lets others have the file.
    pub fn unlock(&self) -> io::Result<()> {
        self.file.unlock()
    }

    /// Whether nobody else has written to the file since it was read.
    pub fn is_current(&self) -> io::Result<bool> {
        let found = self.file.metadata()?;
        Ok(found.nlink() > 0 && found.len() == self.received - self.before)
    }

    /// The hash of all bytes so far.
    pub fn hasher(&self) -> &Hasher {
        &self.hasher
    }

    /// How many bytes there are.
    pub fn received(&self) -> u64 {
        self.received
    }

    /// The digest of all bytes so far.
    pub fn digest(&self) -> Digest {
        self.hasher.digest()
    }

    /// Adds what comes, up to `limit` bytes in all. What had been written when it failed is still counted.
    pub async fn append(self, content: Bytestream, limit: u64) -> (Option<Staged>, Result<(), AppendError>) {
        append::append(self, content, limit).await
    }

    /// Hashes and writes. Blocks.
    pub(super) fn write(&mut self, pieces: &[Bytes]) -> io::Result<()> {
        for piece in pieces {
            self.file.write_all_at(piece, self.received - self.before)?;
            self.hasher.update(piece);
            self.received += piece.len() as u64;
        }
        if self.received - self.flushing >= FLUSH {
            begin_writeback(&self.file, self.flushing - self.before, self.received - self.flushing);
            self.flushing = self.received;
        }
        Ok(())
    }

    /// A mark to which [`Staged::back_to`] leads back.
    pub fn mark(&self) -> (Hasher, u64) {
        (self.hasher.clone(), self.received)
    }

    /// Forgets what was added after the mark. Blocks.
    pub fn back_to(&mut self, (hasher, received): (Hasher, u64)) -> io::Result<()> {
        self.file.set_len(received - self.before)?;
        self.hasher = hasher;
        self.received = received;
        self.flushing = self.flushing.min(received);
        Ok(())
    }

    /// Cuts off what a write that failed half way left, which was not counted. Blocks.
    pub fn trim(&self) -> io::Result<()> {
        let length = self.received - self.before;
        if self.file.metadata()?.len() != length {
            self.file.set_len(length)?;
        }
        Ok(())
    }

    /// Makes the bytes durable. Blocks.
    pub fn sync(&self) -> io::Result<()> {
        self.trim()?;
        // The sweeper of objects that nobody knows of goes by this time, so it must not be that of an old part.
        self.file.set_modified(std::time::SystemTime::now())?;
        self.file.sync_all()
    }
}

/// Tells the kernel to begin to write a part of the file to the disk. That is only advice: what makes the
/// bytes durable is [`Staged::sync`], so a failure changes nothing.
fn begin_writeback(file: &File, offset: u64, length: u64) {
    use std::os::fd::AsRawFd;
    let (Ok(offset), Ok(length)) = (offset.try_into(), length.try_into()) else { return };
    // SAFETY: the call takes numbers only, and the descriptor is open as long as `file` is borrowed.
    unsafe { libc::sync_file_range(file.as_raw_fd(), offset, length, libc::SYNC_FILE_RANGE_WRITE) };
}

/// The uploads that have a file in the folder, and when it was last written. Blocks.
pub fn list(folder: &Path) -> io::Result<Vec<(UploadId, Timestamp)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let Some(upload) = entry.file_name().to_str().and_then(|name| name.parse::<UploadId>().ok()) else {
            continue;
        };
        let written = match entry.metadata().and_then(|metadata| metadata.modified()) {
            Ok(written) => written,
            // Finished in the meantime.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        let since = written.duration_since(UNIX_EPOCH).unwrap_or_default();
        found.push((upload, Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))));
    }
    Ok(found)
}
