//! Where the operator wants the objects: beside the other data, or in an S3 store.

use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use object_store::ObjectStore;
use object_store::aws::AmazonS3Builder;
use object_store::path::Path as ObjectPath;
use object_store::prefix::PrefixStore;

use super::{BlobError, Blobs};

/// An S3 store, as `s3://BUCKET/PREFIX?endpoint=URL&region=NAME` names it. Without an endpoint it is AWS's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct S3 {
    bucket: String,
    prefix: String,
    endpoint: Option<String>,
    region: String,
}

/// The text names no S3 store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}; it must be s3://BUCKET[/PREFIX][?endpoint=URL][&region=NAME]")]
pub struct BadS3(String);

/// A key of the S3 store.
#[derive(Clone)]
pub struct S3Key {
    /// What the store knows it by.
    pub id: String,
    /// Its secret.
    pub secret: String,
}

impl FromStr for S3 {
    type Err = BadS3;

    fn from_str(text: &str) -> Result<S3, BadS3> {
        let bad = |why: &str| BadS3(format!("{text:?} {why}"));
        let rest = text.strip_prefix("s3://").ok_or_else(|| bad("does not begin with s3://"))?;
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (bucket, prefix) = place.split_once('/').unwrap_or((place, ""));
        if bucket.is_empty() {
            return Err(bad("names no bucket"));
        }
        let prefix = prefix.trim_end_matches('/').to_owned();
        let mut s3 = S3 { bucket: bucket.to_owned(), prefix, endpoint: None, region: "us-east-1".to_owned() };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("endpoint", url)) if url.starts_with("http://") || url.starts_with("https://") => {
                    s3.endpoint = Some(url.trim_end_matches('/').to_owned());
                }
                Some(("region", region)) if !region.is_empty() => region.clone_into(&mut s3.region),
                _ => {
                    return Err(bad(&format!(
                        "has {pair:?}, which is neither an endpoint's URL nor a region"
                    )));
                }
            }
        }
        Ok(s3)
    }
}

impl fmt::Display for S3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let S3 { bucket, prefix, endpoint, region } = self;
        write!(f, "s3://{bucket}{}{prefix}", if prefix.is_empty() { "" } else { "/" })?;
        write!(f, "?region={region}")?;
        endpoint.iter().try_for_each(|endpoint| write!(f, "&endpoint={endpoint}"))
    }
}

impl Blobs {
    /// Objects in an S3 store; unfinished uploads in a local directory, which is made if it is not there. Without
    /// a key, the machine's own role is used.
    pub fn s3(s3: &S3, key: Option<S3Key>, staging: &Path) -> Result<Blobs, BlobError> {
        let mut builder = AmazonS3Builder::new().with_bucket_name(&s3.bucket).with_region(&s3.region);
        if let Some(endpoint) = &s3.endpoint {
            builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
        }
        if let Some(S3Key { id, secret }) = key {
            builder = builder.with_access_key_id(id).with_secret_access_key(secret);
        }
        let store = builder.build().map_err(|error| BlobError::new("the S3 store can't be used", error))?;
        let store: Arc<dyn ObjectStore> = match s3.prefix.as_str() {
            "" => Arc::new(store),
            prefix => Arc::new(PrefixStore::new(store, ObjectPath::from(prefix))),
        };
        Blobs::remote(store, staging)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stores_are_named_by_urls() {
        let whole: S3 =
            "s3://layers/team/a/?region=eu-west-1&endpoint=http://10.0.0.1:9000/".parse().unwrap();
        assert_eq!(whole.to_string(), "s3://layers/team/a?region=eu-west-1&endpoint=http://10.0.0.1:9000");
        assert_eq!("s3://layers".parse::<S3>().unwrap().to_string(), "s3://layers?region=us-east-1");
        for bad in
            ["layers", "s3://", "s3:///x", "s3://b?endpoint=ftp://x", "s3://b?color=red", "s3://b?region="]
        {
            assert!(bad.parse::<S3>().is_err(), "{bad}");
        }
    }
}
