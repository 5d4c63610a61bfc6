//! Uploads in files, where objects are in a directory. Replicas may share the directory, so each file has one writer
//! at a time among them all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gantry_ecr_core::{Digest, Part, Refusal, UploadId};
use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;

use super::At;
use crate::Ecr;
use crate::access::Allowed;
use crate::arrival::Source;
use crate::blobs::Staged;
use crate::error::EcrError;
use crate::tables::{UPLOADS, in_repository};

type Slot = Arc<tokio::sync::Mutex<Option<Staged>>>;

/// The uploads that have an open file and the hash of what is in it. What is not here, or was written to by
/// another replica, is read anew.
#[derive(Default)]
pub struct Files(Mutex<HashMap<UploadId, Slot>>);

/// How many files stay open between the requests of their uploads.
const OPEN: usize = 256;
/// How long a request waits for another one to the same upload, such as one whose client is gone.
const BUSY: Duration = Duration::from_secs(10);
/// How often it looks whether another replica is done with the file.
const LOOK: Duration = Duration::from_millis(20);

impl Files {
    /// The only right in this process to write to the upload.
    async fn lock(&self, upload: &UploadId) -> Result<OwnedMutexGuard<Option<Staged>>, Refusal> {
        let slot = {
            let mut open = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            if open.len() >= OPEN && !open.contains_key(upload) {
                // Nobody can come to hold a slot while the map is locked, so these are idle and stay so.
                open.retain(|_, slot| Arc::strong_count(slot) > 1);
            }
            open.entry(upload.clone()).or_default().clone()
        };
        let locked = tokio::time::timeout(BUSY, slot.lock_owned()).await;
        locked.map_err(|_| Refusal::UploadBusy { upload: upload.clone() })
    }

    /// The same, if nobody has it now.
    pub fn try_lock(&self, upload: &UploadId) -> Option<OwnedMutexGuard<Option<Staged>>> {
        let mut open = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        open.entry(upload.clone()).or_default().clone().try_lock_owned().ok()
    }

    /// Forgets an upload that is over.
    pub fn forget(&self, upload: &UploadId) {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).remove(upload);
    }
}

/// An upload's file, for one request alone. It stays open in its slot afterwards.
pub struct Held(OwnedMutexGuard<Option<Staged>>);

impl Held {
    fn take(&mut self) -> Result<Staged, EcrError> {
        self.0.take().ok_or_else(|| EcrError::internal("the file of an upload was lost"))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.0.as_ref().map(Staged::unlock) {
            tracing::warn!(%error, "the file of an upload can't be unlocked");
            *self.0 = None;
        }
    }
}

impl Ecr {
    /// Adds a part; how many bytes the upload then has.
    pub(super) async fn append_to_file(&self, at: At<'_>, part: Part) -> Result<u64, EcrError> {
        let (mut file, _) = self.take(at).await?;
        self.write(&mut file, part).await
    }

    /// How many bytes an upload has.
    pub(super) async fn received_in_file(&self, at: At<'_>) -> Result<u64, EcrError> {
        let (mut file, _) = self.take(at).await?;
        let staged = file.take()?;
        let received = staged.received();
        *file.0 = Some(staged);
        Ok(received)
    }

    /// Adds the last part and keeps the content.
    pub(super) async fn complete_file(&self, at: At<'_>, last: Part, digest: Digest) -> Result<(), EcrError> {
        let (mut file, allowed) = self.take(at).await?;
        self.write(&mut file, last).await?;
        let staged = file.take()?;
        let (computed, bytes) = (staged.digest(), staged.received());
        if computed != digest {
            self.drop_file(&allowed, at.upload).await?;
            return Err(Refusal::DigestMismatch { given: digest, computed }.into());
        }
        let syncing = tokio::task::spawn_blocking(move || (staged.sync(), staged));
        // Open until the upload is over, and locked with that: others must not add to what is a layer by then.
        let (synced, _staged) = syncing.await.map_err(EcrError::internal)?;
        synced
            .map_err(|error| EcrError::internal(format_args!("an upload can't be made durable: {error}")))?;
        self.keep(at, Source::Upload(at.upload.clone()), digest, bytes).await?;
        self.discard(at.upload).await;
        Ok(())
    }

    /// The only right to write to the upload, for who may, and its file. It is looked up before, so that an id that
    /// somebody made up takes no place, and after, as another request may have finished it in the meantime.
    pub(super) async fn take(&self, at: At<'_>) -> Result<(Held, Allowed), EcrError> {
        self.begun(at).await?;
        let mut held = Held(self.uploads.lock(at.upload).await?);
        let staged = self.open(held.0.take(), at.upload).await?;
        *held.0 = Some(staged);
        let (allowed, _) = self.begun(at).await?;
        Ok((held, allowed))
    }

    /// The upload's file, locked, with the hash of all that is in it: the one that was open, or opened.
    async fn open(&self, known: Option<Staged>, upload: &UploadId) -> Result<Staged, EcrError> {
        let unusable = |error| EcrError::internal(format_args!("upload {upload} can't be opened: {error}"));
        if let Some(staged) = known {
            self.lock_file(&staged, upload).await?;
            if staged.is_current().map_err(unusable)? {
                return Ok(staged);
            }
        }
        let path = self.blobs.staging_file(upload);
        loop {
            let path = path.clone();
            let opened = tokio::task::spawn_blocking(move || Staged::open(&path)).await;
            let staged = opened.map_err(EcrError::internal)?.map_err(unusable)?;
            self.lock_file(&staged, upload).await?;
            // Another may have written to it while it was read.
            if staged.is_current().map_err(unusable)? {
                return Ok(staged);
            }
        }
    }

    async fn lock_file(&self, staged: &Staged, upload: &UploadId) -> Result<(), EcrError> {
        let deadline = Instant::now() + BUSY;
        loop {
            let locked = staged.try_lock();
            if locked
                .map_err(|error| EcrError::internal(format_args!("{upload} can't be locked: {error}")))?
            {
                return Ok(());
            }
            if Instant::now() >= deadline {
                return Err(Refusal::UploadBusy { upload: upload.clone() }.into());
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn write(&self, file: &mut Held, part: Part) -> Result<u64, EcrError> {
        let staged = file.take()?;
        let before = staged.received();
        if let Some(start) = part.start.filter(|start| *start != before) {
            *file.0 = Some(staged);
            return Err(Refusal::PartOutOfOrder { start, received: before }.into());
        }
        let mark = staged.mark();
        let (staged, added) = staged.append(part.content, self.config.max_layer_bytes).await;
        let Some(mut staged) = staged else {
            added.map_err(Refusal::from)?;
            return Err(EcrError::internal("the file was lost"));
        };
        let received = staged.received();
        let short = part.length.filter(|length| added.is_ok() && *length != received - before);
        if short.is_some() {
            staged.back_to(mark).map_err(EcrError::internal)?;
        }
        *file.0 = Some(staged);
        added.map_err(Refusal::from)?;
        match short {
            Some(announced) => Err(Refusal::PartLength { announced, received: received - before }.into()),
            None => Ok(received),
        }
    }

    /// Ends an upload without keeping what came.
    pub(super) async fn drop_file(&self, allowed: &Allowed, upload: &UploadId) -> Result<(), EcrError> {
        let mut tx = self.db.begin();
        tx.delete(&UPLOADS, &in_repository(&allowed.repository.id, upload));
        tx.commit(&allowed.permit).await?;
        self.discard(upload).await;
        Ok(())
    }

    /// Removes the file of an upload that is over.
    pub(super) async fn discard(&self, upload: &UploadId) {
        self.uploads.forget(upload);
        if let Err(error) = self.blobs.remove_staging(upload).await {
            // The sweeper finds it.
            tracing::warn!(%error, %upload, "the file of an upload that is over was left behind");
        }
    }
}
