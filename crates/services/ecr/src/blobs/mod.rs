//! Where the bytes of layers and manifests lie.
//!
//! An object is written once under a location of its own, which holds the digest of its content and is used
//! by no other object, ever. So content can be removed by location without a thought of who writes the same
//! content anew at that moment.

mod append;
mod pieces;
mod place;
mod read;
mod staged;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use gantry_base::Timestamp;
use gantry_ecr_core::{ByteRange, Bytestream, Digest, Refusal, UploadId};
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use object_store::{GetOptions, GetRange, GetResultPayload, ObjectStore, ObjectStoreExt, PutPayload};
use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub use pieces::FoundPiece;
pub use read::Way;
pub use staged::Staged;

/// Where an object lies: `sha256/ab/abcd...-UUID`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Location(String);

impl Location {
    /// A location for content of that digest; `unique` is used for no other.
    pub fn new(digest: Digest, unique: &str) -> Location {
        let hex = digest.hex();
        Location(format!("{OBJECTS}/{}/{hex}-{unique}", &hex[..2]))
    }

    /// The digest of the content; none if the object is not one of ours.
    pub fn digest(&self) -> Option<Digest> {
        let name = self.0.rsplit('/').next()?;
        format!("sha256:{}", name.get(..64)?).parse().ok()
    }

    fn path(&self) -> ObjectPath {
        ObjectPath::from(self.0.as_str())
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An object that is there, whether or not anybody knows of it.
#[derive(Debug, Clone)]
pub struct Found {
    /// Where it lies.
    pub location: Location,
    /// When it was put there.
    pub stored_at: Timestamp,
}

/// The folder of the objects.
const OBJECTS: &str = "sha256";
/// The folder of unfinished uploads.
const UPLOADS: &str = "uploads";
/// How many layers are read at once; each read has at most four buffers of 256 KiB.
const READS: usize = 256;
/// How many bodies are written at once; each has at most two batches of 1 MiB.
const WRITES: usize = 64;
/// How long a read or write waits for its turn.
const TURN: Duration = Duration::from_secs(30);
/// The size of one part that is sent to a remote object store.
const REMOTE_PART: usize = 8 * 1024 * 1024;
/// How many parts of one object are on their way to a remote object store at once.
const REMOTE_PARTS: usize = 3;

/// The objects and the unfinished uploads.
pub struct Blobs {
    objects: Arc<dyn ObjectStore>,
    uploads: PathBuf,
    /// Whether uploads lie beside the objects in one file system, so that they need not be copied.
    local: bool,
    reads: Arc<Semaphore>,
    writes: Arc<Semaphore>,
}

/// The object store did not do what it was asked. The text is for the log.
#[derive(Debug, thiserror::Error)]
#[error("{doing}: {source}")]
pub struct BlobError {
    doing: &'static str,
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl BlobError {
    fn new(doing: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        BlobError { doing, source: source.into() }
    }
}

impl Blobs {
    /// Objects in a local directory, which is made if it is not there.
    pub fn local(directory: &Path) -> Result<Blobs, BlobError> {
        let uploads = directory.join(UPLOADS);
        for folder in [&uploads, &directory.join(OBJECTS)] {
            std::fs::create_dir_all(folder)
                .map_err(|error| BlobError::new("the directory of blobs can't be made", error))?;
        }
        let objects = LocalFileSystem::new_with_prefix(directory)
            .map_err(|error| BlobError::new("the directory of blobs can't be opened", error))?
            .with_fsync(true);
        Ok(Self::new(Arc::new(objects), uploads, true))
    }

    /// Objects in whatever store; unfinished uploads in a local directory, which is made if it is not there.
    pub fn remote(objects: Arc<dyn ObjectStore>, staging: &Path) -> Result<Blobs, BlobError> {
        let uploads = staging.join(UPLOADS);
        std::fs::create_dir_all(&uploads)
            .map_err(|error| BlobError::new("the directory of uploads can't be made", error))?;
        Ok(Self::new(objects, uploads, false))
    }

    fn new(objects: Arc<dyn ObjectStore>, uploads: PathBuf, local: bool) -> Blobs {
        let (reads, writes) = (Arc::new(Semaphore::new(READS)), Arc::new(Semaphore::new(WRITES)));
        Blobs { objects, uploads, local, reads, writes }
    }

    /// Whether the objects are in a store that replicas share, and unfinished uploads are to be kept there too.
    pub fn are_shared(&self) -> bool {
        !self.local
    }

    /// The file of an unfinished upload.
    pub fn staging_file(&self, upload: &UploadId) -> PathBuf {
        self.uploads.join(upload.as_str())
    }

    /// The unfinished uploads that have a file.
    pub async fn staging_files(&self) -> Result<Vec<(UploadId, Timestamp)>, BlobError> {
        let folder = self.uploads.clone();
        let listed = tokio::task::spawn_blocking(move || staged::list(&folder)).await;
        listed
            .map_err(|error| BlobError::new("the listing of uploads ended", error))?
            .map_err(|error| BlobError::new("the uploads can't be listed", error))
    }

    /// A turn to write a body.
    pub async fn turn_to_write(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        turn(&self.writes).await
    }

    /// A turn to read a layer.
    pub async fn turn_to_read(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        turn(&self.reads).await
    }

    /// Makes the content of a finished upload an object. It is durable afterwards; the upload's file stays.
    pub async fn adopt(&self, upload: &UploadId, digest: Digest) -> Result<Location, BlobError> {
        let location = Location::new(digest, upload.as_str());
        if self.local {
            let from = ObjectPath::from(format!("{UPLOADS}/{upload}"));
            match self.objects.copy_if_not_exists(&from, &location.path()).await {
                // Linked by an attempt that ended before it was known; a link is never of other content.
                Ok(()) | Err(object_store::Error::AlreadyExists { .. }) => {}
                Err(error) => return Err(BlobError::new("a finished upload can't be linked", error)),
            }
        } else {
            self.send(&self.staging_file(upload), &location.path()).await?;
        }
        Ok(location)
    }

    /// Makes content that is at hand an object. It is durable afterwards.
    pub async fn put(&self, content: Bytes, digest: Digest, unique: &str) -> Result<Location, BlobError> {
        let location = Location::new(digest, unique);
        self.objects
            .put(&location.path(), PutPayload::from(content))
            .await
            .map_err(|error| BlobError::new("an object can't be written", error))?;
        Ok(location)
    }

    /// The bytes of an object's part.
    pub async fn open(
        &self,
        location: &Location,
        range: ByteRange,
        way: Way,
        turn: OwnedSemaphorePermit,
    ) -> Result<Bytestream, BlobError> {
        if range.start == range.end {
            return Ok(Box::pin(futures::stream::empty()));
        }
        let asked =
            GetOptions { range: Some(GetRange::Bounded(range.start..range.end)), ..Default::default() };
        let found = self
            .objects
            .get_opts(&location.path(), asked)
            .await
            .map_err(|error| BlobError::new("an object can't be read", error))?;
        Ok(match found.payload {
            GetResultPayload::File(file, _) => {
                let content = read::file(file, range, way, turn, read::STALL);
                Box::pin(content.map_err(|error| BlobError::new("an object can't be read", error))?)
            }
            GetResultPayload::Stream(stream) => Box::pin(stream.map(move |piece| {
                let _held = &turn;
                piece.map_err(std::io::Error::other)
            })),
        })
    }

    /// All bytes of a small object.
    pub async fn bytes(&self, location: &Location) -> Result<Bytes, BlobError> {
        let unreadable = |error| BlobError::new("an object can't be read", error);
        let found = self.objects.get(&location.path()).await.map_err(unreadable)?;
        found.bytes().await.map_err(unreadable)
    }

    /// Removes an object; one that is gone already is no error.
    pub async fn remove(&self, location: &Location) -> Result<(), BlobError> {
        match self.objects.delete(&location.path()).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(BlobError::new("an object can't be removed", error)),
        }
    }

    /// Removes the file of an upload; one that is gone already is no error.
    pub async fn remove_staging(&self, upload: &UploadId) -> Result<(), BlobError> {
        match tokio::fs::remove_file(self.staging_file(upload)).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(BlobError::new("an upload's file can't be removed", error))
            }
            _ => Ok(()),
        }
    }

    /// The objects of the content whose digest begins with that byte.
    pub fn list(&self, first: u8) -> BoxStream<'static, Result<Found, BlobError>> {
        self.objects
            .list(Some(&ObjectPath::from(format!("{OBJECTS}/{first:02x}"))))
            .map_ok(|object| Found {
                location: Location(object.location.to_string()),
                stored_at: Timestamp::from_millis(object.last_modified.timestamp_millis()),
            })
            .map_err(|error| BlobError::new("the objects can't be listed", error))
            .boxed()
    }
}

async fn turn(places: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Refusal> {
    match tokio::time::timeout(TURN, places.clone().acquire_owned()).await {
        Ok(place) => Ok(place.expect("the semaphore is never closed")),
        Err(_) => Err(Refusal::TooManyRequests),
    }
}
