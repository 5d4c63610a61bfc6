//! Objects in an S3 store instead of a directory.

use std::path::Path;

use gantry_objects::{S3, S3Key};

use super::{BlobError, Blobs};

impl Blobs {
    /// Objects in an S3 store; unfinished uploads in a local directory, which is made if it is not there. Without
    /// a key, the machine's own role is used.
    pub fn s3(s3: &S3, key: Option<S3Key>, staging: &Path) -> Result<Blobs, BlobError> {
        let store = s3.open(key).map_err(|error| BlobError::new("the S3 store can't be used", error))?;
        Blobs::remote(store, staging)
    }
}
