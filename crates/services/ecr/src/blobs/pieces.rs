//! Pieces of unfinished uploads in a store that replicas share, and how files and pieces become objects there.

use std::path::Path;

use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use gantry_base::Timestamp;
use gantry_ecr_core::UploadId;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStore, ObjectStoreExt, WriteMultipart};
use tokio::io::AsyncReadExt;

use super::{BlobError, Blobs, Location, REMOTE_PART, REMOTE_PARTS, UPLOADS};
use crate::tables::Piece;

/// The largest object that S3 copies by itself, in bytes.
const COPIED: u64 = 5 << 30;

/// A piece that is there, whether or not its upload is.
#[derive(Debug, Clone)]
pub struct FoundPiece {
    pub upload: UploadId,
    pub object: String,
    pub stored_at: Timestamp,
}

fn path(upload: &UploadId, object: &str) -> ObjectPath {
    ObjectPath::from(format!("{UPLOADS}/{upload}/{object}"))
}

impl Blobs {
    /// Makes a file a piece of the upload. It is durable afterwards; the file stays.
    pub async fn put_piece(&self, upload: &UploadId, object: &str, file: &UploadId) -> Result<(), BlobError> {
        self.send(&self.staging_file(file), &path(upload, object)).await
    }

    /// Makes an object of an upload's pieces. It is durable afterwards; the pieces stay.
    pub async fn join(
        &self,
        upload: &UploadId,
        pieces: &[Piece],
        location: &Location,
    ) -> Result<(), BlobError> {
        let failed = |error| BlobError::new("an upload's pieces can't be joined", error);
        let to = location.path();
        if let [only] = pieces
            && only.bytes <= COPIED
        {
            return self.objects.copy(&path(upload, &only.object), &to).await.map_err(failed);
        }
        let sending = self.objects.put_multipart(&to).await.map_err(failed)?;
        let mut sending = WriteMultipart::new_with_chunk_size(sending, REMOTE_PART);
        let sent = async {
            for piece in pieces {
                let found = self.objects.get(&path(upload, &piece.object)).await.map_err(failed)?;
                let mut content = found.into_stream();
                while let Some(some) = content.try_next().await.map_err(failed)? {
                    sending.wait_for_capacity(REMOTE_PARTS).await.map_err(failed)?;
                    sending.write(&some);
                }
            }
            Ok(())
        };
        finish(sent.await, sending, &to).await
    }

    /// Removes a piece; one that is gone already is no error.
    pub async fn remove_piece(&self, upload: &UploadId, object: &str) -> Result<(), BlobError> {
        match self.objects.delete(&path(upload, object)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(BlobError::new("a piece can't be removed", error)),
        }
    }

    /// All pieces of all uploads.
    pub fn pieces(&self) -> BoxStream<'static, Result<FoundPiece, BlobError>> {
        let listed = self.objects.list(Some(&ObjectPath::from(UPLOADS)));
        let found = listed.map_err(|error| BlobError::new("the pieces can't be listed", error));
        found
            .try_filter_map(|object| async move {
                let mut parts = object.location.as_ref().rsplit('/');
                let (name, upload) = (parts.next(), parts.next().and_then(|upload| upload.parse().ok()));
                let stored_at = Timestamp::from_millis(object.last_modified.timestamp_millis());
                let piece = name.zip(upload).map(|(object, upload)| FoundPiece {
                    upload,
                    object: object.to_owned(),
                    stored_at,
                });
                Ok(piece)
            })
            .boxed()
    }

    /// Removes the files of parts that were on their way when an earlier process of this directory ended: nobody
    /// goes on with those. To be called before anything is served.
    pub async fn clear_staging(&self) -> Result<(), BlobError> {
        if !self.are_shared() {
            return Ok(());
        }
        for (file, _) in self.staging_files().await? {
            self.remove_staging(&file).await?;
        }
        Ok(())
    }

    /// Makes a file an object.
    pub(super) async fn send(&self, file: &Path, to: &ObjectPath) -> Result<(), BlobError> {
        let unreadable = |error| BlobError::new("a finished upload can't be read", error);
        let unsendable = |error| BlobError::new("a finished upload can't be sent", error);
        let mut file = tokio::fs::File::open(file).await.map_err(unreadable)?;
        let mut next = async || {
            let mut part = Vec::with_capacity(REMOTE_PART);
            (&mut file).take(REMOTE_PART as u64).read_to_end(&mut part).await.map_err(unreadable)?;
            Ok::<_, BlobError>(part)
        };
        let first = next().await?;
        if first.len() < REMOTE_PART {
            // All of it, in one request that is done or not.
            self.objects.put(to, first.into()).await.map_err(unsendable)?;
            return Ok(());
        }
        let sending = self.objects.put_multipart(to).await.map_err(unsendable)?;
        let mut sending = WriteMultipart::new_with_chunk_size(sending, REMOTE_PART);
        let sent = async {
            let mut part = first;
            while !part.is_empty() {
                sending.wait_for_capacity(REMOTE_PARTS).await.map_err(unsendable)?;
                sending.put(part.into());
                part = next().await?;
            }
            Ok(())
        };
        finish(sent.await, sending, to).await
    }
}

/// Ends an object that was sent in parts: makes it visible, or takes the parts back.
async fn finish(
    sent: Result<(), BlobError>,
    sending: WriteMultipart,
    to: &ObjectPath,
) -> Result<(), BlobError> {
    if let Err(error) = sent {
        if let Err(abort) = sending.abort().await {
            tracing::warn!(error = %abort, %to, "the parts of a failed upload were left behind");
        }
        return Err(error);
    }
    let finished = sending.finish().await;
    finished.map_err(|error| BlobError::new("an object can't be finished", error))?;
    Ok(())
}
