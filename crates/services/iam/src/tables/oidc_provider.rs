//! OIDC providers: who else may vouch for users.

use gantry_base::{AccountId, Arn, Tags, Timestamp};
use gantry_store::{Key, Table, key};
use serde::{Deserialize, Serialize};

/// Providers by account and URL.
pub const PROVIDERS: Table<OidcProvider> = Table::new("iam.oidc_provider", 1);

/// An OIDC provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OidcProvider {
    pub arn: Arn,
    /// Without `https://`, as the ARN has it: `token.example.org/realm`.
    pub url: String,
    /// The audiences that tokens may be for.
    pub client_ids: Vec<String>,
    /// SHA-1 digests of certificates, in hexadecimal.
    pub thumbprints: Vec<String>,
    pub tags: Tags,
    pub created: Timestamp,
}

impl OidcProvider {
    /// The provider's key.
    pub fn key(account: AccountId, url: &str) -> Key {
        key!(account, url)
    }
}
