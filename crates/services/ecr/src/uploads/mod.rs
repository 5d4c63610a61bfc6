//! Uploads: one writer at a time each, over any number of requests, restarts and replicas.
//!
//! Where objects are in a directory, an upload is a file beside them ([`file`](mod@file)); in a store that replicas
//! share, it is in pieces there ([`pieces`]), so that each request may go to another replica.

mod file;
mod pieces;

use gantry_ecr_core::{Digest, Part, Refusal, RepositoryName, UploadId};
use gantry_service::{Cx, Permission};
use gantry_store::{Tx, key};

use crate::Ecr;
use crate::access::{Allowed, allowed, repository_arn};
use crate::arrival::{Arrival, Source};
use crate::error::EcrError;
use crate::ops::setting::{BLOB_MOUNTING, setting_key};
use crate::tables::{
    AppliedFor, LAYERS, LINKS, Layer, Link, Mark, Needed, RepositoryId, SETTINGS, UPLOADS, Upload,
    in_repository, link_key, make_needed, template_for,
};
use crate::tries::Tries;

pub use file::Files;

/// An upload, as a call has it.
#[derive(Clone, Copy)]
pub struct At<'a> {
    pub cx: &'a Cx,
    pub name: &'a RepositoryName,
    pub upload: &'a UploadId,
    /// What the caller must be allowed to do.
    pub action: &'static str,
}

impl At<'_> {
    fn not_found(&self) -> EcrError {
        Refusal::UploadNotFound { upload: self.upload.clone(), repository: self.name.clone() }.into()
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
        let Allowed { permit, repository, .. } = self.pushed_to(cx, &mut tx, name).await?;
        tx.put(
            &UPLOADS,
            &in_repository(&repository.id, upload),
            &Upload { started_at: cx.now, ..Upload::default() },
        );
        tx.commit(&permit).await?;
        Ok(())
    }

    /// The repository that is pushed to. If there is none, and a template of the registry says so, it is made, for
    /// whoever may make it.
    async fn pushed_to(&self, cx: &Cx, tx: &mut Tx, name: &RepositoryName) -> Result<Allowed, EcrError> {
        let missing = match allowed(cx, tx, cx.account, name, "ecr:InitiateLayerUpload").await {
            Err(error @ EcrError::Refused(Refusal::RepositoryNotFound { .. })) => error,
            other => return other,
        };
        let registry = cx.account;
        let why = AppliedFor::CreateOnPush;
        let Some(template) = template_for(tx, registry, &cx.region, name, why).await? else {
            return Err(missing);
        };
        let arn = repository_arn(cx, registry, name.as_str());
        let permit = cx.authorize(Permission::on("ecr:CreateRepository", &arn))?;
        let id = RepositoryId::new(self.ids.uuid());
        let needed = Needed { registry, region: &cx.region, name, id, now: cx.now };
        let repository = make_needed(tx, needed, Some(template));
        Ok(Allowed { permit, repository, registry })
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
            let at = At { cx: &cx, name: &name, upload: &upload, action: "ecr:UploadLayerPart" };
            // Who may not, takes no turn from others.
            ecr.begun(at).await?;
            let _turn = ecr.blobs.turn_to_write().await?;
            match ecr.blobs.are_shared() {
                true => ecr.append_piece(at, part).await,
                false => ecr.append_to_file(at, part).await,
            }
        });
        writing.await.map_err(EcrError::internal)?
    }

    /// How many bytes an upload has.
    pub async fn received(&self, cx: &Cx, name: &RepositoryName, upload: &UploadId) -> Result<u64, EcrError> {
        Ok(self.progress(At { cx, name, upload, action: "ecr:UploadLayerPart" }).await?.0)
    }

    /// How many bytes an upload has, and what is known of it.
    pub async fn progress(&self, at: At<'_>) -> Result<(u64, Upload), EcrError> {
        let (_, row) = self.begun(at).await?;
        match self.blobs.are_shared() {
            true => Ok((row.received(), row)),
            false => Ok((self.received_in_file(at).await?, row)),
        }
    }

    /// Notes that the part that ended there may only be the last one.
    pub async fn note_small_part(&self, at: At<'_>, end: u64) -> Result<(), EcrError> {
        let mut tries = Tries::default();
        loop {
            let noted = async {
                let mut tx = self.db.begin();
                let (allowed, row) = self.begun_in(&mut tx, at).await?;
                if row.small_part_end.is_none() {
                    let key = in_repository(&allowed.repository.id, at.upload);
                    tx.put(&UPLOADS, &key, &Upload { small_part_end: Some(end), ..row });
                    tx.commit(&allowed.permit).await?;
                }
                Ok(())
            };
            let noted = noted.await;
            if !tries.again(&noted).await {
                return noted;
            }
        }
    }

    /// Gives an upload up.
    pub async fn cancel(&self, cx: &Cx, name: &RepositoryName, upload: &UploadId) -> Result<(), EcrError> {
        let at = At { cx, name, upload, action: "ecr:UploadLayerPart" };
        match self.blobs.are_shared() {
            true => {
                let (allowed, row) = self.begun(at).await?;
                self.drop_pieces(&allowed, upload, &row.pieces).await
            }
            false => {
                let (_file, allowed) = self.take(at).await?;
                self.drop_file(&allowed, upload).await
            }
        }
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
            let at = At { cx: &cx, name: &name, upload: &upload, action: "ecr:CompleteLayerUpload" };
            ecr.begun(at).await?;
            let _turn = ecr.blobs.turn_to_write().await?;
            match ecr.blobs.are_shared() {
                true => ecr.complete_pieces(at, last, digest).await,
                false => ecr.complete_file(at, last, digest).await,
            }
        });
        completing.await.map_err(EcrError::internal)?
    }

    /// Makes what has come a layer of the repository, and the upload over.
    async fn keep(&self, at: At<'_>, source: Source, digest: Digest, bytes: u64) -> Result<(), EcrError> {
        let mut arrival = Arrival::new(source, digest, bytes);
        let mut tries = Tries::default();
        let kept = loop {
            arrival.begin();
            let kept = self.try_keep(at, &mut arrival, digest, bytes).await;
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
        kept
    }

    async fn try_keep(
        &self,
        at: At<'_>,
        arrival: &mut Arrival,
        digest: Digest,
        bytes: u64,
    ) -> Result<(), EcrError> {
        let mut tx = self.db.begin();
        let (Allowed { permit, repository, .. }, _) = self.begun_in(&mut tx, at).await?;
        arrival.claim(self, &mut tx).await?;
        tx.put(&LAYERS, &in_repository(&repository.id, digest), &Layer { bytes, unused_since: None });
        tx.put(&LINKS, &link_key(digest, &repository.id, Link::Layer), &Mark {});
        tx.delete(&UPLOADS, &in_repository(&repository.id, at.upload));
        tx.commit(&permit).await?;
        Ok(())
    }

    /// Checks that the caller may and that the upload is there.
    async fn begun(&self, at: At<'_>) -> Result<(Allowed, Upload), EcrError> {
        self.begun_in(&mut self.db.begin(), at).await
    }

    async fn begun_in(&self, tx: &mut Tx, at: At<'_>) -> Result<(Allowed, Upload), EcrError> {
        let allowed = allowed(at.cx, tx, at.cx.account, at.name, at.action).await?;
        match tx.get(&UPLOADS, &in_repository(&allowed.repository.id, at.upload)).await? {
            Some(upload) => Ok((allowed, upload)),
            None => Err(at.not_found()),
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
        let Allowed { permit, repository, .. } = self.pushed_to(cx, &mut tx, name).await?;
        let mounting = tx.get(&SETTINGS, &setting_key(cx, BLOB_MOUNTING)).await?;
        if mounting.is_some_and(|mounting| mounting.value == "DISABLED") {
            return Ok(false);
        }
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
