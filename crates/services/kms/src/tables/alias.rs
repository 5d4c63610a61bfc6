//! Aliases.

use gantry_base::{AccountId, Region, Timestamp};
use gantry_store::{Key, Table, key};
use serde::{Deserialize, Serialize};

/// By account, region and name (`alias/...`).
pub const ALIASES: Table<Alias> = Table::new("kms.alias", 1);

/// A name of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alias {
    /// With `alias/` before it.
    pub name: String,
    /// The key's id.
    pub target: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// The prefix of an account's aliases in a region.
pub fn aliases_key(account: AccountId, region: &Region) -> Key {
    key!(account, region)
}

/// The key of an alias.
pub fn alias_key(account: AccountId, region: &Region, name: &str) -> Key {
    key!(account, region, name)
}
