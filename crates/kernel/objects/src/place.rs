//! Which S3 store the operator means, and its client.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::path::Path as ObjectPath;
use object_store::prefix::PrefixStore;
use object_store::{ClientOptions, ObjectStore, RetryConfig};

/// How long a connection to a store of buckets may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long one of its answers may take.
const ANSWER: Duration = Duration::from_secs(20);
/// How often it is asked again, and for how long.
const RETRIES: usize = 2;
const RETRY_WITHIN: Duration = Duration::from_secs(10);

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

impl S3 {
    /// The store's client. Without a key, the machine's own role is used.
    pub fn open(&self, key: Option<S3Key>) -> Result<Arc<dyn ObjectStore>, object_store::Error> {
        let builder = AmazonS3Builder::new().with_bucket_name(&self.bucket).with_region(&self.region);
        let store = with_key(at(builder, self.endpoint.as_deref()), key).build()?;
        let store: Arc<dyn ObjectStore> = match self.prefix.as_str() {
            "" => Arc::new(store),
            prefix => Arc::new(PrefixStore::new(store, ObjectPath::from(prefix))),
        };
        Ok(store)
    }

    /// Its bucket, if it is in the store at this address.
    pub fn bucket_at(&self, endpoint: &Endpoint) -> Option<&str> {
        (self.endpoint.as_deref() == Some(endpoint.url.as_str())).then_some(self.bucket.as_str())
    }
}

/// An S3 store with all of its buckets, as `URL?region=NAME` names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    url: String,
    region: String,
}

/// The text names no address of an S3 store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} must be http://HOST[:PORT][?region=NAME], or the same with https://")]
pub struct BadEndpoint(String);

impl FromStr for Endpoint {
    type Err = BadEndpoint;

    fn from_str(text: &str) -> Result<Endpoint, BadEndpoint> {
        let bad = || BadEndpoint(text.to_owned());
        let (url, query) = text.split_once('?').unwrap_or((text, ""));
        let host = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://")).ok_or_else(bad)?;
        let region = match query {
            "" => "us-east-1",
            query => query.strip_prefix("region=").filter(|region| !region.is_empty()).ok_or_else(bad)?,
        };
        if host.trim_end_matches('/').is_empty() || region.contains('&') {
            return Err(bad());
        }
        Ok(Endpoint { url: url.trim_end_matches('/').to_owned(), region: region.to_owned() })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}?region={}", self.url, self.region)
    }
}

impl Endpoint {
    /// The client of one bucket, which gives up sooner than that of images: somebody waits.
    pub(crate) fn bucket(
        &self,
        bucket: &str,
        key: Option<S3Key>,
    ) -> Result<Arc<dyn ObjectStore>, object_store::Error> {
        let http = self.url.starts_with("http://");
        let options = ClientOptions::new().with_allow_http(http);
        let options = options.with_connect_timeout(CONNECT).with_timeout(ANSWER);
        let retry =
            RetryConfig { max_retries: RETRIES, retry_timeout: RETRY_WITHIN, ..RetryConfig::default() };
        let builder = AmazonS3Builder::new().with_bucket_name(bucket).with_region(&self.region);
        let builder = builder.with_endpoint(&self.url).with_client_options(options).with_retry(retry);
        Ok(Arc::new(with_key(builder, key).build()?))
    }
}

fn at(builder: AmazonS3Builder, endpoint: Option<&str>) -> AmazonS3Builder {
    match endpoint {
        None => builder,
        Some(url) => builder.with_endpoint(url).with_allow_http(url.starts_with("http://")),
    }
}

fn with_key(builder: AmazonS3Builder, key: Option<S3Key>) -> AmazonS3Builder {
    match key {
        None => builder,
        Some(S3Key { id, secret }) => builder.with_access_key_id(id).with_secret_access_key(secret),
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

    #[test]
    fn a_store_of_buckets_is_named_by_its_address() {
        let store: Endpoint = "http://10.0.0.1:9000/".parse().unwrap();
        assert_eq!(store.to_string(), "http://10.0.0.1:9000?region=us-east-1");
        let store = "https://s3.eu-west-1.amazonaws.com?region=eu-west-1".parse::<Endpoint>().unwrap();
        assert_eq!(store.to_string(), "https://s3.eu-west-1.amazonaws.com?region=eu-west-1");
        for bad in [
            "10.0.0.1:9000",
            "s3://b",
            "http://",
            "http:///",
            "http://h?x=y",
            "http://h?region=",
            "http://h?region=a&b=c",
        ] {
            assert!(bad.parse::<Endpoint>().is_err(), "{bad}");
        }
        let images: S3 = "s3://layers?endpoint=http://h:1".parse().unwrap();
        assert_eq!(images.bucket_at(&"http://h:1/".parse().unwrap()), Some("layers"));
        assert_eq!(images.bucket_at(&"http://h:2".parse().unwrap()), None);
    }
}
