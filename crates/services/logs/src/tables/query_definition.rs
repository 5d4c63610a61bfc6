//! Queries that are kept under a name.

use std::collections::BTreeMap;

use gantry_base::{AccountId, Region, Timestamp};
use gantry_store::{Key, Table, key};
use serde::{Deserialize, Serialize};

/// By account, region and id.
pub const QUERY_DEFINITIONS: Table<QueryDefinition> = Table::new("logs.query_definition", 1);

/// A query under a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueryDefinition {
    pub id: String,
    pub name: String,
    pub text: String,
    pub groups: Vec<String>,
    pub modified_at: Timestamp,
    /// The client token that it was made with.
    #[serde(default)]
    pub token: Option<String>,
    /// Further members of AWS's that are only kept, by name.
    #[serde(default)]
    pub parameters: Vec<BTreeMap<String, String>>,
}

/// The key of a definition.
pub fn query_definition_key(account: AccountId, region: &Region, id: &str) -> Key {
    key!(account, region, id)
}

/// The prefix of an account's definitions in a region.
pub fn query_definitions_key(account: AccountId, region: &Region) -> Key {
    key!(account, region)
}
