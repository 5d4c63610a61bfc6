//! Namespaces.

use gantry_base::{AccountId, Region, Tags, Timestamp};
use gantry_store::{Key, Table, key};
use serde::{Deserialize, Serialize};

/// By account, region and id.
pub const NAMESPACES: Table<Namespace> = Table::new("cloudmap.namespace", 1);

/// A namespace: where services have their names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Namespace {
    pub id: String,
    pub name: String,
    pub kind: NamespaceKind,
    #[serde(default)]
    pub description: Option<String>,
    pub creator_request_id: String,
    /// The operation that made it.
    pub made_by: String,
    pub created_at: Timestamp,
    #[serde(default)]
    pub tags: Tags,
}

/// How what is in a namespace is found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum NamespaceKind {
    /// By DiscoverInstances alone.
    Http,
    /// By DNS as well, in one VPC.
    DnsPrivate { vpc_id: String, zone_id: String, soa_ttl: Option<u32> },
    /// By DNS as well, in all VPCs of the account.
    DnsPublic { zone_id: String, soa_ttl: Option<u32> },
}

impl NamespaceKind {
    /// As AWS writes it.
    pub fn as_str(&self) -> &'static str {
        match self {
            NamespaceKind::Http => "HTTP",
            NamespaceKind::DnsPrivate { .. } => "DNS_PRIVATE",
            NamespaceKind::DnsPublic { .. } => "DNS_PUBLIC",
        }
    }

    /// The id of its zone, and how long it may be remembered that a name is not there.
    pub fn zone(&self) -> Option<(&str, Option<u32>)> {
        match self {
            NamespaceKind::Http => None,
            NamespaceKind::DnsPrivate { zone_id, soa_ttl, .. }
            | NamespaceKind::DnsPublic { zone_id, soa_ttl } => Some((zone_id, *soa_ttl)),
        }
    }
}

/// The key of a namespace.
pub fn namespace_key(account: AccountId, region: &Region, id: &str) -> Key {
    key!(account, region, id)
}

/// The prefix of an account's namespaces in a region.
pub fn namespaces_key(account: AccountId, region: &Region) -> Key {
    key!(account, region)
}

/// The prefix of an account's namespaces in all regions.
pub fn namespaces_of_account(account: AccountId) -> Key {
    key!(account)
}
