//! Of uploads that were given up, and of work that was cut off, nothing remains on the disk or in the object store.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use async_trait::async_trait;
use futures::TryStreamExt;
use gantry_base::Timestamp;
use gantry_ecr_core::UploadId;
use gantry_reconcile::{Loop, Next, Pass, PassError};
use gantry_store::{Key, Scan, key};

use super::{Walk, unless_conflict};
use crate::Ecr;
use crate::blobs::FoundPiece;
use crate::tables::{BLOBS, UPLOADS, Upload};

/// How old something must be before it counts as left behind by work that was cut off: much longer than the
/// work takes.
const SURELY_OVER: Duration = Duration::from_secs(60 * 60);

/// Removes abandoned uploads, and objects that no row names.
pub struct Leftovers {
    ecr: Ecr,
    /// The first byte of the digests whose objects were looked at last.
    walk: Walk<u8>,
}

impl Leftovers {
    /// The loop.
    pub fn new(ecr: Ecr) -> Self {
        Leftovers { ecr, walk: Walk::default() }
    }

    async fn uploads(&self, by: &Pass) -> Result<(), PassError> {
        // The files first: an upload whose row is gone by the time of the second look is over.
        let files: HashMap<UploadId, Timestamp> = self.ecr.blobs.staging_files().await?.into_iter().collect();
        let rows = self.ecr.db.begin().scan(&UPLOADS, &key!(), Scan::all()).await?;
        let mut begun = HashMap::with_capacity(rows.len());
        for (row, upload) in rows {
            if let Some(id) = row.parts().pop().and_then(|id| id.parse::<UploadId>().ok()) {
                begun.insert(id, (row, upload));
            }
        }
        for (id, (row, upload)) in &begun {
            let noted = upload.touched_at.unwrap_or(upload.started_at);
            let touched = files.get(id).map_or(noted, |written| (*written).max(noted));
            if by.now().since(touched) >= self.ecr.config.keep_uploads {
                self.give_up(by, id, row, upload).await?;
            }
        }
        for (id, written) in &files {
            if !begun.contains_key(id) && by.now().since(*written) >= SURELY_OVER {
                self.ecr.blobs.remove_staging(id).await?;
            }
        }
        Ok(())
    }

    /// Removes the pieces that no upload names.
    async fn pieces(&self, by: &Pass) -> Result<(), PassError> {
        if !self.ecr.blobs.are_shared() {
            return Ok(());
        }
        let mut old = Vec::new();
        let mut found = self.ecr.blobs.pieces();
        while let Some(piece) = found.try_next().await? {
            if by.now().since(piece.stored_at) >= SURELY_OVER {
                old.push(piece);
            }
        }
        // The rows after the pieces: one that no row names by now is named by none later.
        let rows = self.ecr.db.begin().scan(&UPLOADS, &key!(), Scan::all()).await?;
        let named: HashSet<(String, String)> = rows
            .into_iter()
            .flat_map(|(row, upload)| {
                let id = row.parts().pop().unwrap_or_default();
                upload.pieces.into_iter().map(move |piece| (id.clone(), piece.object))
            })
            .collect();
        for FoundPiece { upload, object, .. } in old {
            if !named.contains(&(upload.to_string(), object.clone())) {
                self.ecr.blobs.remove_piece(&upload, &object).await?;
                tracing::info!(%upload, object, "a piece that no upload names was removed");
            }
        }
        Ok(())
    }

    async fn give_up(&self, by: &Pass, id: &UploadId, row: &Key, seen: &Upload) -> Result<(), PassError> {
        // Somebody who has it now goes on with it.
        let Some(_only) = self.ecr.uploads.try_lock(id) else { return Ok(()) };
        let mut tx = self.ecr.db.begin();
        let Some(upload) = tx.get(&UPLOADS, row).await? else { return Ok(()) };
        if upload.touched_at != seen.touched_at {
            return Ok(());
        }
        tx.delete(&UPLOADS, row);
        if unless_conflict(tx.commit(by).await)? {
            self.ecr.blobs.remove_staging(id).await?;
            for piece in &upload.pieces {
                self.ecr.blobs.remove_piece(id, &piece.object).await?;
            }
            tracing::info!(upload = %id, started_at = %seen.started_at, "an abandoned upload was removed");
        }
        self.ecr.uploads.forget(id);
        Ok(())
    }

    async fn objects(&self, by: &Pass, first: u8) -> Result<(), PassError> {
        let mut objects = self.ecr.blobs.list(first);
        while let Some(object) = objects.try_next().await? {
            let Some(digest) = object.location.digest() else { continue };
            if by.now().since(object.stored_at) < SURELY_OVER {
                continue;
            }
            let named = self.ecr.db.begin().get(&BLOBS, &key!(digest)).await?;
            if named.is_none_or(|blob| blob.location != object.location) {
                self.ecr.blobs.remove(&object.location).await?;
                tracing::info!(location = %object.location, "an object that no row names was removed");
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Loop for Leftovers {
    fn name(&self) -> &'static str {
        "ecr.leftovers"
    }

    async fn pass(&self, by: &Pass) -> Result<Next, PassError> {
        if let Some(rest) = self.walk.resting(by.now()) {
            return Ok(Next::After(rest));
        }
        let first = match self.walk.place() {
            None => {
                self.uploads(by).await?;
                self.pieces(by).await?;
                0
            }
            Some(last) => last + 1,
        };
        self.objects(by, first).await?;
        Ok(self.walk.went_to((first < u8::MAX).then_some(first), by.now()))
    }
}
