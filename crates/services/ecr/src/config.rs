//! What the operator chooses.

use std::time::Duration;

use gantry_base::{AccountId, Region};
use gantry_ecr_core::RepositoryName;

/// How the registry is reached and how long it keeps what nobody needs.
#[derive(Debug, Clone)]
pub struct Config {
    /// The domain of repository URIs: `ACCOUNT.dkr.ecr.REGION.DOMAIN`.
    pub domain: String,
    /// The endpoint's port. 80 and 443 are not written into URIs.
    pub port: u16,
    /// Whether the endpoint that URIs name speaks TLS.
    pub tls: bool,
    /// The largest layer in bytes; ECR's quota unless the operator says otherwise.
    pub max_layer_bytes: u64,
    /// How long a layer is kept that no image needs, and content that no repository needs.
    pub keep_unused: Duration,
    /// How long an upload is kept that does not go on.
    pub keep_uploads: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            domain: "localhost".to_owned(),
            port: 4566,
            tls: false,
            max_layer_bytes: 52_000 * 1024 * 1024,
            keep_unused: Duration::from_secs(24 * 60 * 60),
            keep_uploads: Duration::from_secs(24 * 60 * 60),
        }
    }
}

impl Config {
    /// The registry's host and port.
    pub fn registry_host(&self, account: AccountId, region: &Region) -> String {
        let host = format!("{account}.dkr.ecr.{region}.{}", self.domain);
        match self.port {
            80 | 443 => host,
            port => format!("{host}:{port}"),
        }
    }

    /// The registry's URL.
    pub fn registry_url(&self, account: AccountId, region: &Region) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        format!("{scheme}://{}", self.registry_host(account, region))
    }

    /// A repository's URI, as `docker push` takes it.
    pub fn repository_uri(&self, account: AccountId, region: &Region, name: &RepositoryName) -> String {
        format!("{}/{name}", self.registry_host(account, region))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usual_port_is_not_written() {
        let (account, region) = ("123456789012".parse().unwrap(), Region::default());
        let name = "team/web".parse().unwrap();
        let config = Config::default();
        let uri = "123456789012.dkr.ecr.us-east-1.localhost:4566/team/web";
        assert_eq!(config.repository_uri(account, &region, &name), uri);
        let config = Config { domain: "example.org".into(), port: 443, tls: true, ..config };
        let url = "https://123456789012.dkr.ecr.us-east-1.example.org";
        assert_eq!(config.registry_url(account, &region), url);
    }
}
