//! What services and other accounts may do with an account's log groups.

use gantry_base::{AccountId, Region, Timestamp};
use gantry_store::{Key, Table, key};
use serde::{Deserialize, Serialize};

/// By account, region and name.
pub const RESOURCE_POLICIES: Table<ResourcePolicy> = Table::new("logs.resource_policy", 1);

/// A resource policy of an account in a region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourcePolicy {
    pub name: String,
    /// As it was given.
    pub document: String,
    pub updated_at: Timestamp,
    /// Another one each time it is put.
    pub revision: String,
}

/// The key of a policy.
pub fn resource_policy_key(account: AccountId, region: &Region, name: &str) -> Key {
    key!(account, region, name)
}

/// The prefix of an account's policies in a region.
pub fn resource_policies_key(account: AccountId, region: &Region) -> Key {
    key!(account, region)
}
