//! Instances.

use std::collections::BTreeMap;

use gantry_base::{AccountId, Region, Timestamp};
use gantry_store::{Key, Table, key};
use serde::{Deserialize, Serialize};

/// By account, region, service and id.
pub const INSTANCES: Table<Instance> = Table::new("cloudmap.instance", 1);

/// An instance: something that is found under a service's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    pub id: String,
    #[serde(default)]
    pub creator_request_id: Option<String>,
    /// The operation that registered it last.
    pub made_by: String,
    pub attributes: BTreeMap<String, String>,
    /// What was said last of how it is; where nobody is to say so it is healthy.
    pub healthy: bool,
    pub registered_at: Timestamp,
}

/// The key of an instance.
pub fn instance_key(account: AccountId, region: &Region, service: &str, id: &str) -> Key {
    key!(account, region, service, id)
}

/// The prefix of a service's instances.
pub fn instances_key(account: AccountId, region: &Region, service: &str) -> Key {
    key!(account, region, service)
}
