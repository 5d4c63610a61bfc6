//! The buckets of an S3 store.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};

use super::{Buckets, Endpoint, ObjectError, S3, S3Key};

/// How many buckets have a client that is kept.
const MOST_CLIENTS: usize = 256;
/// How long a bucket's name may be.
const BUCKET_NAME: std::ops::RangeInclusive<usize> = 3..=63;

/// The buckets of the store that the operator named.
pub struct S3Buckets {
    endpoint: Endpoint,
    key: Option<S3Key>,
    /// The bucket of the images, which is nobody's.
    hidden: Option<String>,
    clients: Mutex<HashMap<String, Arc<dyn ObjectStore>>>,
}

impl S3Buckets {
    /// All buckets there but that of the images. Without a key, the machine's own role is used.
    pub fn new(endpoint: Endpoint, key: Option<S3Key>, images: Option<&S3>) -> S3Buckets {
        let hidden = images.and_then(|images| images.bucket_at(&endpoint)).map(str::to_owned);
        S3Buckets { endpoint, key, hidden, clients: Mutex::default() }
    }

    fn client(&self, bucket: &str) -> Result<Arc<dyn ObjectStore>, ObjectError> {
        if !may_be_bucket(bucket) || self.hidden.as_deref() == Some(bucket) {
            return Err(ObjectError::NoBucket);
        }
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(bucket) {
            return Ok(client.clone());
        }
        let made = self.endpoint.bucket(bucket, self.key.clone());
        let made = made.map_err(|error| ObjectError::Unavailable(error.to_string()))?;
        if clients.len() >= MOST_CLIENTS {
            clients.clear();
        }
        clients.insert(bucket.to_owned(), made.clone());
        Ok(made)
    }
}

#[async_trait]
impl Buckets for S3Buckets {
    async fn read(&self, bucket: &str, key: &str, most: u64) -> Result<Bytes, ObjectError> {
        let client = self.client(bucket)?;
        let found = client.get(&path(key)?).await.map_err(wrong)?;
        match found.meta.size {
            size if size > most => Err(ObjectError::TooLarge(size)),
            _ => found.bytes().await.map_err(wrong),
        }
    }

    async fn write(&self, bucket: &str, key: &str, content: Bytes) -> Result<(), ObjectError> {
        let client = self.client(bucket)?;
        client.put(&path(key)?, PutPayload::from(content)).await.map(drop).map_err(wrong)
    }

    async fn has(&self, bucket: &str) -> Result<bool, ObjectError> {
        let client = match self.client(bucket) {
            Err(ObjectError::NoBucket) => return Ok(false),
            client => client?,
        };
        let first = client.list(None).next().await;
        match first.map_or(Ok(()), |first| first.map(drop)).map_err(wrong) {
            Ok(()) | Err(ObjectError::Denied) => Ok(true),
            Err(ObjectError::NoBucket | ObjectError::NoObject) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// An object's path. One that would lead to another object than the key names leads nowhere.
fn path(key: &str) -> Result<ObjectPath, ObjectError> {
    ObjectPath::parse(key).ok().filter(|path| path.as_ref() == key).ok_or(ObjectError::NoObject)
}

/// What else stands in a name would lead somewhere else in the store.
fn may_be_bucket(name: &str) -> bool {
    let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = name.as_bytes();
    BUCKET_NAME.contains(&name.len())
        && edge(bytes.first())
        && edge(bytes.last())
        && !name.contains("..")
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
}

fn wrong(error: object_store::Error) -> ObjectError {
    use object_store::Error;
    match &error {
        Error::NotFound { source, .. } if says(source, NO_BUCKET) => ObjectError::NoBucket,
        Error::NotFound { .. } => ObjectError::NoObject,
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => ObjectError::Denied,
        // What is said of a listing has its reason only in its words.
        Error::Generic { source, .. } if says(source, NO_BUCKET) => ObjectError::NoBucket,
        Error::Generic { source, .. } if says(source, "AccessDenied") => ObjectError::Denied,
        _ => ObjectError::Unavailable(error.to_string()),
    }
}

const NO_BUCKET: &str = "NoSuchBucket";

fn says(error: &(impl std::fmt::Display + ?Sized), what: &str) -> bool {
    error.to_string().contains(what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_elsewhere() {
        for bucket in ["logs", "my-bucket.eu", "Old_one"] {
            assert!(may_be_bucket(bucket), "{bucket}");
        }
        for bucket in ["", "ab", "../other", "a/b", "a?b", "a..b", "-ab", "ab.", "b%2f"] {
            assert!(!may_be_bucket(bucket), "{bucket}");
        }
        assert_eq!(path("dir/app.env").unwrap().as_ref(), "dir/app.env");
        for key in ["/app.env", "app.env/", "a//b", "a/../b", "./b"] {
            assert_eq!(path(key).unwrap_err(), ObjectError::NoObject, "{key}");
        }
    }

    #[tokio::test]
    async fn the_bucket_of_the_images_is_nobody_s() {
        let images: S3 = "s3://layers/x?endpoint=http://127.0.0.1:1".parse().unwrap();
        let buckets = S3Buckets::new("http://127.0.0.1:1".parse().unwrap(), None, Some(&images));
        assert_eq!(buckets.read("layers", "x/a", 1).await, Err(ObjectError::NoBucket));
        assert_eq!(buckets.has("layers").await, Ok(false));
    }
}
