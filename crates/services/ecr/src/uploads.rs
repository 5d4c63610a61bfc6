//! Uploads: one writer at a time each, over any number of requests and restarts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gantry_ecr_core::{Digest, Part, Refusal, RepositoryName, UploadId};
use gantry_service::Cx;
use gantry_store::key;
use tokio::sync::OwnedMutexGuard;

use crate::Ecr;
use crate::access::{Allowed, allowed};
use crate::arrival::{Arrival, Source};
use crate::blobs::Staged;
use crate::error::EcrError;
use crate::tables::{LAYERS, LINKS, Layer, Link, Mark, UPLOADS, Upload, in_repository, link_key};
use crate::tries::Tries;

type Slot = Arc<tokio::sync::Mutex<Option<Staged>>>;

/// The uploads that have an open file and the hash of what is in it. What is not here is opened anew.
#[derive(Default)]
pub struct Uploads(Mutex<HashMap<UploadId, Slot>>);

/// How many files stay open between the requests of their uploads.
const OPEN: usize = 256;
/// How long a request waits for another one to the same upload, such as one whose client is gone.
const BUSY: Duration = Duration::from_secs(10);

impl Uploads {
    /// The only right to write to the upload.
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

impl Ecr {
    /// Begins an upload.
    pub async fn begin(&self, cx: &Cx, name: &RepositoryName) -> Result<UploadId, EcrError> {
        let upload: UploadId = self.ids.uuid().parse().map_err(EcrError::internal)?;
        let mut tries = Tries::default();
        loop {
            let begun = self.try_begin(cx, name, &upload).await;
            if !tries.again(&begun).await {
                return begun.map(|()| upload);
            }
        }
    }

    async fn try_begin(&self, cx: &Cx, name: &RepositoryName, upload: &UploadId) -> Result<(), EcrError> {
        let mut tx = self.db.begin();
        let Allowed { permit, repository, .. } =
            allowed(cx, &mut tx, cx.account, name, "ecr:InitiateLayerUpload").await?;
        tx.put(&UPLOADS, &in_repository(&repository.id, upload), &Upload { started_at: cx.now });
        tx.commit(&permit).await?;
        Ok(())
    }

    /// Adds a part; how many bytes the upload then has. Runs to its end even if the caller goes away.
    pub async fn append(
        &self,
        cx: &Cx,
        name: &RepositoryName,
        upload: &UploadId,
        part: Part,
    ) -> Result<u64, EcrError> {
        let (ecr, cx, name, upload) = (self.clone(), cx.clone(), name.clone(), upload.clone());
        let writing = tokio::spawn(async move {
            // Who may not, takes no turn from others.
            ecr.begun(&cx, &name, &upload, "ecr:UploadLayerPart").await?;
            let _turn = ecr.blobs.turn_to_write().await?;
            let (mut slot, _) = ecr.take(&cx, &name, &upload, "ecr:UploadLayerPart").await?;
            ecr.write(&mut slot, &upload, part).await
        });
        writing.await.map_err(EcrError::internal)?
    }

    /// How many bytes an upload has.
    pub async fn received(&self, cx: &Cx, name: &RepositoryName, upload: &UploadId) -> Result<u64, EcrError> {
        self.received_by(cx, name, upload, "ecr:UploadLayerPart").await
    }

    /// The same, for whoever may do `action`.
    pub async fn received_by(
        &self,
        cx: &Cx,
        name: &RepositoryName,
        upload: &UploadId,
        action: &'static str,
    ) -> Result<u64, EcrError> {
        let (mut slot, _) = self.take(cx, name, upload, action).await?;
        let staged = self.open(&mut slot, upload).await?;
        let received = staged.received();
        *slot = Some(staged);
        Ok(received)
    }

    /// Gives an upload up.
    pub async fn cancel(&self, cx: &Cx, name: &RepositoryName, upload: &UploadId) -> Result<(), EcrError> {
        let (mut slot, allowed) = self.take(cx, name, upload, "ecr:UploadLayerPart").await?;
        self.drop_upload(&allowed, upload).await?;
        *slot = None;
        Ok(())
    }

    /// Adds the last part and keeps the content as a layer of the repository. Runs to its end even if the
    /// caller goes away.
    pub async fn complete(
        &self,
        cx: &Cx,
        name: &RepositoryName,
        upload: &UploadId,
        last: Part,
        digest: Digest,
    ) -> Result<(), EcrError> {
        let (ecr, cx, name, upload) = (self.clone(), cx.clone(), name.clone(), upload.clone());
        let completing = tokio::spawn(async move {
            ecr.begun(&cx, &name, &upload, "ecr:CompleteLayerUpload").await?;
            let _turn = ecr.blobs.turn_to_write().await?;
            let (mut slot, allowed) = ecr.take(&cx, &name, &upload, "ecr:CompleteLayerUpload").await?;
            ecr.write(&mut slot, &upload, last).await?;
            let staged = ecr.open(&mut slot, &upload).await?;
            let (computed, bytes) = (staged.digest(), staged.received());
            if computed != digest {
                ecr.drop_upload(&allowed, &upload).await?;
                return Err(Refusal::DigestMismatch { given: digest, computed }.into());
            }
            ecr.keep(&cx, &name, &upload, staged, digest, bytes).await
        });
        completing.await.map_err(EcrError::internal)?
    }

    async fn keep(
        &self,
        cx: &Cx,
        name: &RepositoryName,
        upload: &UploadId,
        staged: Staged,
        digest: Digest,
        bytes: u64,
    ) -> Result<(), EcrError> {
        let synced = tokio::task::spawn_blocking(move || staged.sync()).await.map_err(EcrError::internal)?;
        synced
            .map_err(|error| EcrError::internal(format_args!("an upload can't be made durable: {error}")))?;
        let mut arrival = Arrival::new(Source::Upload(upload.clone()), digest, bytes);
        let mut tries = Tries::default();
        let kept = loop {
            arrival.begin();
            let kept = self.try_keep(cx, name, upload, &mut arrival, digest, bytes).await;
            if !tries.again(&kept).await {
                break kept;
            }
        };
        match &kept {
            Ok(()) => arrival.settle(self, true).await,
            Err(EcrError::Refused(_)) => arrival.settle(self, false).await,
            // It may have been done all the same.
            Err(_) => {}
        }
        kept?;
        self.discard(upload).await;
        Ok(())
    }

    async fn try_keep(
        &self,
        cx: &Cx,
        name: &RepositoryName,
        upload: &UploadId,
        arrival: &mut Arrival,
        digest: Digest,
        bytes: u64,
    ) -> Result<(), EcrError> {
        let mut tx = self.db.begin();
        let Allowed { permit, repository, .. } =
            allowed(cx, &mut tx, cx.account, name, "ecr:CompleteLayerUpload").await?;
        let row = in_repository(&repository.id, upload);
        if tx.get(&UPLOADS, &row).await?.is_none() {
            return Err(Refusal::UploadNotFound { upload: upload.clone(), repository: name.clone() }.into());
        }
        arrival.claim(self, &mut tx).await?;
        tx.put(&LAYERS, &in_repository(&repository.id, digest), &Layer { bytes, unused_since: None });
        tx.put(&LINKS, &link_key(digest, &repository.id, Link::Layer), &Mark {});
        tx.delete(&UPLOADS, &row);
        tx.commit(&permit).await?;
        Ok(())
    }

    /// Checks that the caller may and that the upload is there.
    async fn begun(
        &self,
        cx: &Cx,
        name: &RepositoryName,
        upload: &UploadId,
        action: &'static str,
    ) -> Result<Allowed, EcrError> {
        let mut tx = self.db.begin();
        let allowed = allowed(cx, &mut tx, cx.account, name, action).await?;
        match tx.get(&UPLOADS, &in_repository(&allowed.repository.id, upload)).await? {
            Some(_) => Ok(allowed),
            None => Err(Refusal::UploadNotFound { upload: upload.clone(), repository: name.clone() }.into()),
        }
    }

    /// The only right to write to the upload, for who may. It is looked up before, so that an id that somebody
    /// made up takes no place, and after, as another request may have finished it in the meantime.
    async fn take(
        &self,
        cx: &Cx,
        name: &RepositoryName,
        upload: &UploadId,
        action: &'static str,
    ) -> Result<(OwnedMutexGuard<Option<Staged>>, Allowed), EcrError> {
        self.begun(cx, name, upload, action).await?;
        let slot = self.uploads.lock(upload).await?;
        let allowed = self.begun(cx, name, upload, action).await?;
        Ok((slot, allowed))
    }

    /// The upload's open file, taken from its slot or opened.
    async fn open(&self, slot: &mut Option<Staged>, upload: &UploadId) -> Result<Staged, EcrError> {
        if let Some(staged) = slot.take() {
            return Ok(staged);
        }
        let path = self.blobs.staging_file(upload);
        let opened =
            tokio::task::spawn_blocking(move || Staged::open(&path)).await.map_err(EcrError::internal)?;
        opened.map_err(|error| EcrError::internal(format_args!("upload {upload} can't be opened: {error}")))
    }

    async fn write(&self, slot: &mut Option<Staged>, upload: &UploadId, part: Part) -> Result<u64, EcrError> {
        let staged = self.open(slot, upload).await?;
        let before = staged.received();
        if let Some(start) = part.start.filter(|start| *start != before) {
            *slot = Some(staged);
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
        *slot = Some(staged);
        added.map_err(Refusal::from)?;
        match short {
            Some(announced) => Err(Refusal::PartLength { announced, received: received - before }.into()),
            None => Ok(received),
        }
    }

    /// Ends an upload without keeping what came.
    async fn drop_upload(&self, allowed: &Allowed, upload: &UploadId) -> Result<(), EcrError> {
        let mut tx = self.db.begin();
        tx.delete(&UPLOADS, &in_repository(&allowed.repository.id, upload));
        tx.commit(&allowed.permit).await?;
        self.discard(upload).await;
        Ok(())
    }

    /// Removes the file of an upload that is over.
    async fn discard(&self, upload: &UploadId) {
        self.uploads.forget(upload);
        if let Err(error) = self.blobs.remove_staging(upload).await {
            // The sweeper finds it.
            tracing::warn!(%error, %upload, "the file of an upload that is over was left behind");
        }
    }

    /// Takes a blob over from another repository. False if it is not there, or not for this caller.
    pub async fn mount(
        &self,
        cx: &Cx,
        name: &RepositoryName,
        digest: Digest,
        from: &RepositoryName,
    ) -> Result<bool, EcrError> {
        let mut tries = Tries::default();
        loop {
            let mounted = self.try_mount(cx, name, digest, from).await;
            if !tries.again(&mounted).await {
                return mounted;
            }
        }
    }

    async fn try_mount(
        &self,
        cx: &Cx,
        name: &RepositoryName,
        digest: Digest,
        from: &RepositoryName,
    ) -> Result<bool, EcrError> {
        let mut tx = self.db.begin();
        let Allowed { permit, repository, .. } =
            allowed(cx, &mut tx, cx.account, name, "ecr:InitiateLayerUpload").await?;
        let mut source = None;
        for action in ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer"] {
            match allowed(cx, &mut tx, cx.account, from, action).await {
                Ok(allowed) => source = Some(allowed.repository.id),
                Err(EcrError::Refused(_) | EcrError::Failed(gantry_service::Failure::Denied(_))) => {
                    return Ok(false);
                }
                Err(error) => return Err(error),
            }
        }
        let Some(source) = source else { return Ok(false) };
        let Some(layer) = tx.get(&LAYERS, &in_repository(&source, digest)).await? else { return Ok(false) };
        // The source's row is guarded, and as long as it is there, so is the content.
        let row = in_repository(&repository.id, digest);
        tx.put(&LAYERS, &row, &Layer { bytes: layer.bytes, unused_since: None });
        tx.put(&LINKS, &link_key(digest, &repository.id, Link::Layer), &Mark {});
        tx.commit(&permit).await?;
        Ok(true)
    }

    /// The size and place of a layer, where the caller may do `action` with it.
    ///
    /// A client that was told that a layer is there will not send it: so one that was about to be swept is
    /// kept for longer.
    pub async fn find_layer(
        &self,
        cx: &Cx,
        name: &RepositoryName,
        digest: Digest,
        action: &'static str,
    ) -> Result<Layer, EcrError> {
        let mut tries = Tries::default();
        loop {
            let found = self.try_find_layer(cx, name, digest, action).await;
            if !tries.again(&found).await {
                return found;
            }
        }
    }

    async fn try_find_layer(
        &self,
        cx: &Cx,
        name: &RepositoryName,
        digest: Digest,
        action: &'static str,
    ) -> Result<Layer, EcrError> {
        let mut tx = self.db.begin();
        let Allowed { permit, repository, .. } = allowed(cx, &mut tx, cx.account, name, action).await?;
        let row = in_repository(&repository.id, digest);
        let Some(layer) = tx.get(&LAYERS, &row).await? else {
            return Err(Refusal::LayerNotFound { digest, repository: name.clone() }.into());
        };
        if layer.unused_since.is_some() {
            tx.put(&LAYERS, &row, &Layer { unused_since: None, ..layer.clone() });
            tx.commit(&permit).await?;
        }
        Ok(layer)
    }

    /// Where content lies.
    pub async fn find_blob(&self, digest: Digest) -> Result<crate::tables::Blob, EcrError> {
        let blob = self.db.begin().get(&crate::tables::BLOBS, &key!(digest)).await?;
        blob.ok_or_else(|| EcrError::internal(format_args!("{digest} is needed and not kept")))
    }
}
