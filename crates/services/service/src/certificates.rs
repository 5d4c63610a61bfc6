//! Certificates with their keys, for services that end TLS on behalf of their users.

use std::fmt;

use async_trait::async_trait;
use gantry_base::Arn;

use crate::failure::Failure;

/// Hands out certificates with their keys, to services only: no operation answers with a key. ACM implements it.
#[async_trait]
pub trait Certificates: Send + Sync + 'static {
    /// The certificate of that ARN; none where it is not there or not yet issued.
    async fn certificate(&self, arn: &Arn) -> Result<Option<KeyedCertificate>, Failure>;
}

/// A certificate and its key.
#[derive(Clone)]
pub struct KeyedCertificate {
    /// The certificate, and the chain after it, in PEM.
    pub chain_pem: String,
    /// In PEM.
    pub key_pem: String,
}

impl fmt::Debug for KeyedCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyedCertificate")
    }
}
