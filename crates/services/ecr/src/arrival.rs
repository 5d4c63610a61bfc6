//! Content that has come in full, on its way to being kept once for all repositories.

use bytes::Bytes;
use gantry_ecr_core::{Digest, UploadId};
use gantry_store::{Tx, key};

use crate::Ecr;
use crate::blobs::Location;
use crate::error::EcrError;
use crate::tables::{BLOBS, Blob, Piece};

/// Where the content is now.
pub enum Source {
    /// In the file of an upload, durable.
    Upload(UploadId),
    /// In pieces of an upload in the shared store.
    Pieces(UploadId, Vec<Piece>),
    /// At hand.
    Content(Bytes),
}

/// Content that has come in full.
pub struct Arrival {
    source: Source,
    digest: Digest,
    bytes: u64,
    /// The object that was made of it, if one was.
    placed: Option<Location>,
    /// Whether the last claim named that object.
    claimed: bool,
}

impl Arrival {
    /// Content of this digest and size.
    pub fn new(source: Source, digest: Digest, bytes: u64) -> Arrival {
        Arrival { source, digest, bytes, placed: None, claimed: false }
    }

    /// Forgets the claim of a transaction that did not commit. To be called before each one.
    pub fn begin(&mut self) {
        self.claimed = false;
    }

    /// Has the transaction keep the content. Where the same content is kept already, it is kept by that;
    /// else an object is made of it first. What is guarded is the content's row: if it comes or goes before
    /// the commit, the whole is run again.
    pub async fn claim(&mut self, ecr: &Ecr, tx: &mut Tx) -> Result<(), EcrError> {
        let row = key!(self.digest);
        match tx.get(&BLOBS, &row).await? {
            Some(Blob { unlinked_since: None, .. }) => {}
            Some(kept) => tx.put(&BLOBS, &row, &Blob { unlinked_since: None, ..kept }),
            None => {
                let location = self.place(ecr).await?;
                tx.put(&BLOBS, &row, &Blob { location, bytes: self.bytes, unlinked_since: None });
                self.claimed = true;
            }
        }
        Ok(())
    }

    async fn place(&mut self, ecr: &Ecr) -> Result<Location, EcrError> {
        if let Some(placed) = &self.placed {
            return Ok(placed.clone());
        }
        let placed = match &self.source {
            Source::Upload(upload) => ecr.blobs.adopt(upload, self.digest).await?,
            Source::Pieces(upload, pieces) => {
                // Another replica may do the same at this moment, so the place is this attempt's own.
                let location = Location::new(self.digest, &ecr.ids.uuid());
                ecr.blobs.join(upload, pieces, &location).await?;
                location
            }
            Source::Content(content) => ecr.blobs.put(content.clone(), self.digest, &ecr.ids.uuid()).await?,
        };
        self.placed = Some(placed.clone());
        Ok(placed)
    }

    /// Takes back the object that nobody knows of, if there is one: somebody else was first, or the
    /// transaction was given up. Not to be called where it is not known whether the transaction was done.
    pub async fn settle(self, ecr: &Ecr, committed: bool) {
        let Some(location) = self.placed.filter(|_| !(committed && self.claimed)) else { return };
        if let Err(error) = ecr.blobs.remove(&location).await {
            // The sweeper finds it.
            tracing::warn!(%error, %location, "an object that nobody needs was left behind");
        }
    }
}
