//! Certificates.

use std::collections::BTreeMap;

use gantry_base::{AccountId, Arn, Region, Tags, Timestamp};
use gantry_store::{Key, Table, key};
use serde::{Deserialize, Serialize};

/// By account, region and id.
pub const CERTIFICATES: Table<Certificate> = Table::new("acm.certificate", 1);

/// Certificates by the token that they were requested with, for a while.
pub const TOKENS: Table<Token> = Table::new("acm.token", 1);

/// What accounts set for a region, by account and region.
pub const CONFIGURATIONS: Table<Configuration> = Table::new("acm.configuration", 1);

/// A certificate.
#[derive(Clone, Serialize, Deserialize)]
pub struct Certificate {
    pub id: String,
    pub account: AccountId,
    pub region: Region,
    pub certificate_pem: String,
    /// What stands above it, in PEM; empty where nothing does.
    pub chain_pem: String,
    /// Its key in PEM, sealed under its ARN.
    pub sealed_key: Vec<u8>,
    /// Whether its key came from elsewhere.
    pub imported: bool,
    pub domain_name: String,
    pub names: Vec<String>,
    /// `RSA-2048`, `EC-prime256v1`
    pub key_algorithm: String,
    pub tags: Tags,
    pub created_at: Timestamp,
    /// When it was imported, or imported anew.
    pub imported_at: Option<Timestamp>,
    /// Whether its owner wants it in public logs; AWS's default where nothing was said.
    #[serde(default)]
    pub logged: Option<bool>,
    /// How its owner wanted to prove the names: `DNS`, `EMAIL`. Nobody asks for a proof here.
    #[serde(default)]
    pub validation_method: Option<String>,
    /// The domains whose mailboxes its owner chose to prove names by, by name.
    #[serde(default)]
    pub validation_domains: BTreeMap<String, String>,
}

/// What an account set for a region.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Configuration {
    pub days_before_expiry: i32,
    /// The last request's token, and when it came.
    pub token: Option<(String, Timestamp)>,
}

impl Default for Configuration {
    fn default() -> Self {
        Configuration { days_before_expiry: 45, token: None }
    }
}

/// The key of an account's configuration.
pub fn configuration_key(account: AccountId, region: &Region) -> Key {
    key!(account, region)
}

/// What was requested under a token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Token {
    pub id: String,
    pub names: Vec<String>,
    pub at: Timestamp,
}

impl Certificate {
    /// `arn:aws:acm:REGION:ACCOUNT:certificate/UUID`
    pub fn arn(&self) -> Arn {
        Arn::regional("acm", &self.region, self.account, format_args!("certificate/{}", self.id))
    }

    /// Its key in the table.
    pub fn key(&self) -> Key {
        certificate_key(self.account, &self.region, &self.id)
    }
}

/// The key of a certificate.
pub fn certificate_key(account: AccountId, region: &Region, id: &str) -> Key {
    key!(account, region, id)
}
