//! Objects in S3 stores that the operator names: the one store that Gantry keeps images in, and the buckets that users
//! name, which services read and write for them.
//!
//! Gantry serves no S3 of its own. A user's bucket is one of the store that `--s3` names, and is reached with the
//! operator's key; who may have what read is decided before, by IAM, and not here.
//!
//! This crate never makes or removes a bucket, never reads more of an object than it was told to, and never shows users
//! the bucket of the images.
//!
//! Read in this order: [`S3`] and [`Endpoint`] (which store), [`Buckets`] (what services see), [`S3Buckets`]; [`InMemory`] is for tests.

mod memory;
mod place;
mod s3;

use async_trait::async_trait;
use bytes::Bytes;

pub use memory::InMemory;
pub use place::{BadEndpoint, BadS3, Endpoint, S3, S3Key};
pub use s3::S3Buckets;

/// The buckets that users name.
#[async_trait]
pub trait Buckets: Send + Sync {
    /// The bytes of an object, which has at most so many.
    async fn read(&self, bucket: &str, key: &str, most: u64) -> Result<Bytes, ObjectError>;

    /// Puts an object there, in place of what it was. It is durable afterwards.
    async fn write(&self, bucket: &str, key: &str, content: Bytes) -> Result<(), ObjectError>;

    /// Whether the bucket is there. One that can't be looked into is.
    async fn has(&self, bucket: &str) -> Result<bool, ObjectError>;
}

/// Why an object was not read or written, in S3's words where it has some.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ObjectError {
    #[error("this Gantry has no S3 store for buckets: start it with --s3 URL")]
    NoStore,
    #[error("NoSuchBucket: The specified bucket does not exist")]
    NoBucket,
    #[error("NoSuchKey: The specified key does not exist.")]
    NoObject,
    #[error("AccessDenied: Access Denied")]
    Denied,
    #[error("EntityTooLarge: the object has {0} bytes, which is too many")]
    TooLarge(u64),
    /// The store does not answer, or not as it should; it may work later.
    #[error("the S3 store does not answer: {0}")]
    Unavailable(String),
}

/// Where the operator named no store.
pub struct NoBuckets;

#[async_trait]
impl Buckets for NoBuckets {
    async fn read(&self, _bucket: &str, _key: &str, _most: u64) -> Result<Bytes, ObjectError> {
        Err(ObjectError::NoStore)
    }

    async fn write(&self, _bucket: &str, _key: &str, _content: Bytes) -> Result<(), ObjectError> {
        Err(ObjectError::NoStore)
    }

    async fn has(&self, _bucket: &str) -> Result<bool, ObjectError> {
        Err(ObjectError::NoStore)
    }
}
