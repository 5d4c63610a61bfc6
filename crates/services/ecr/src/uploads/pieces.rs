//! Uploads in pieces, where objects are in a store that replicas share.
//!
//! A part becomes an object of its own and the upload's row names it, with the state of the hash after it; only
//! then is the part acknowledged. Of two parts that come at once, the one whose row is written first is it. When
//! the upload is complete, the pieces are joined.

use gantry_ecr_core::{Digest, Hasher, Part, Refusal, UploadId};

use super::At;
use crate::Ecr;
use crate::access::Allowed;
use crate::arrival::Source;
use crate::blobs::Staged;
use crate::error::EcrError;
use crate::tables::{Piece, UPLOADS, Upload, in_repository};
use crate::tries::Tries;

/// The most pieces of an upload: ECR's quota of parts.
const PIECES: usize = 4200;

/// A part that has come, in a file of its own that goes with this.
struct Came<'e> {
    ecr: &'e Ecr,
    file: UploadId,
    /// How many bytes the upload had before.
    before: u64,
    /// How many it has with the part.
    received: u64,
    hasher: Hasher,
}

impl Drop for Came<'_> {
    fn drop(&mut self) {
        let path = self.ecr.blobs.staging_file(&self.file);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                tracing::warn!(%error, path = %path.display(), "the file of a part was left behind");
            }
            _ => {}
        }
    }
}

impl Ecr {
    /// Adds a part; how many bytes the upload then has.
    pub(super) async fn append_piece(&self, at: At<'_>, part: Part) -> Result<u64, EcrError> {
        let (_, row) = self.begun(at).await?;
        let (came, ended) = self.receive(&row, part).await?;
        if came.received > came.before {
            self.add(at, &came).await?;
        }
        ended?;
        Ok(came.received)
    }

    /// Adds the last part and keeps the content.
    pub(super) async fn complete_pieces(
        &self,
        at: At<'_>,
        last: Part,
        digest: Digest,
    ) -> Result<(), EcrError> {
        let (allowed, row) = self.begun(at).await?;
        let (came, ended) = self.receive(&row, last).await?;
        let mut pieces = row.pieces;
        let is_tail = came.received > came.before;
        if is_tail && (ended.is_err() || !pieces.is_empty()) {
            pieces = self.add(at, &came).await?;
        }
        ended?;
        let computed = came.hasher.digest();
        if computed != digest {
            self.drop_pieces(&allowed, at.upload, &pieces).await?;
            return Err(Refusal::DigestMismatch { given: digest, computed }.into());
        }
        let source = match pieces.is_empty() {
            // All of it came at once, so it goes where it belongs at once.
            true => Source::Upload(came.file.clone()),
            false => Source::Pieces(at.upload.clone(), pieces.clone()),
        };
        self.keep(at, source, digest, came.received).await?;
        self.remove_pieces(at.upload, &pieces).await;
        Ok(())
    }

    /// Receives a part into a file. What came before its body broke off is there too.
    async fn receive(&self, row: &Upload, part: Part) -> Result<(Came<'_>, Result<(), Refusal>), EcrError> {
        let before = row.received();
        if let Some(start) = part.start.filter(|start| *start != before) {
            return Err(Refusal::PartOutOfOrder { start, received: before }.into());
        }
        if row.pieces.len() >= PIECES {
            return Err(EcrError::LimitExceeded(format!("A layer has at most {PIECES} parts")));
        }
        let hasher = match &row.hash {
            None => Hasher::default(),
            Some(saved) => Hasher::resume(saved)
                .ok_or_else(|| EcrError::internal("the state of an upload's hash can't be read"))?,
        };
        let file: UploadId = self.ids.uuid().parse().map_err(EcrError::internal)?;
        let path = self.blobs.staging_file(&file);
        let mut came = Came { ecr: self, file, before, received: before, hasher: hasher.clone() };
        let made = tokio::task::spawn_blocking(move || Staged::following(&path, hasher, before)).await;
        let staged = made
            .map_err(EcrError::internal)?
            .map_err(|error| EcrError::internal(format_args!("a part can't be kept: {error}")))?;
        let (staged, added) = staged.append(part.content, self.config.max_layer_bytes).await;
        let Some(staged) = staged else {
            added.map_err(Refusal::from)?;
            return Err(EcrError::internal("the file was lost"));
        };
        came.received = staged.received();
        came.hasher = staged.hasher().clone();
        let length = came.received - before;
        if let Some(announced) = part.length.filter(|announced| added.is_ok() && *announced != length) {
            return Err(Refusal::PartLength { announced, received: length }.into());
        }
        staged.trim().map_err(EcrError::internal)?;
        Ok((came, added.map_err(Refusal::from)))
    }

    /// Makes a part that has come a piece of the upload; all of its pieces.
    async fn add(&self, at: At<'_>, came: &Came<'_>) -> Result<Vec<Piece>, EcrError> {
        let piece = Piece { object: came.file.to_string(), bytes: came.received - came.before };
        self.blobs.put_piece(at.upload, &piece.object, &came.file).await?;
        let mut tries = Tries::default();
        let added = loop {
            let added = self.try_add(at, came, &piece).await;
            if !tries.again(&added).await {
                break added;
            }
        };
        if let Err(EcrError::Refused(_)) = &added {
            self.remove_pieces(at.upload, &[piece]).await;
        }
        added
    }

    async fn try_add(&self, at: At<'_>, came: &Came<'_>, piece: &Piece) -> Result<Vec<Piece>, EcrError> {
        let mut tx = self.db.begin();
        let (allowed, mut row) = self.begun_in(&mut tx, at).await?;
        if row.pieces.last().is_some_and(|last| last.object == piece.object) {
            // It was done, though it was not said so.
            return Ok(row.pieces);
        }
        let received = row.received();
        if received != came.before {
            return Err(Refusal::PartOutOfOrder { start: came.before, received }.into());
        }
        row.pieces.push(piece.clone());
        row.hash = Some(came.hasher.save());
        row.touched_at = Some(at.cx.now);
        tx.put(&UPLOADS, &in_repository(&allowed.repository.id, at.upload), &row);
        tx.commit(&allowed.permit).await?;
        Ok(row.pieces)
    }

    /// Ends an upload without keeping what came.
    pub(super) async fn drop_pieces(
        &self,
        allowed: &Allowed,
        upload: &UploadId,
        pieces: &[Piece],
    ) -> Result<(), EcrError> {
        let mut tx = self.db.begin();
        tx.delete(&UPLOADS, &in_repository(&allowed.repository.id, upload));
        tx.commit(&allowed.permit).await?;
        self.remove_pieces(upload, pieces).await;
        Ok(())
    }

    async fn remove_pieces(&self, upload: &UploadId, pieces: &[Piece]) {
        for piece in pieces {
            if let Err(error) = self.blobs.remove_piece(upload, &piece.object).await {
                // The sweeper finds it.
                tracing::warn!(%error, %upload, "a piece that nobody needs was left behind");
            }
        }
    }
}
