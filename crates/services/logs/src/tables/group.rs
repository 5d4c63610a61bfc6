//! Log groups.

use std::time::Duration;

use gantry_base::{AccountId, Region, Tags, Timestamp};
use gantry_store::{Key, Table, key};
use serde::{Deserialize, Serialize};

/// By account, region and name.
pub const GROUPS: Table<Group> = Table::new("logs.group", 1);

/// A log group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Never used again, also not for a later group of the same name.
    pub id: String,
    pub name: String,
    pub created_at: Timestamp,
    pub class: GroupClass,
    pub retention_days: Option<i32>,
    pub tags: Tags,
    /// Whether it and its streams can't be deleted.
    #[serde(default)]
    pub deletion_protected: bool,
    /// How many metric filters it has.
    #[serde(default)]
    pub metric_filters: u32,
}

/// What a group costs and can do in AWS. Here all can be read; metric filters and Live Tail are for the standard
/// class alone, and queries not for deliveries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum GroupClass {
    Standard,
    InfrequentAccess,
    Delivery,
}

impl GroupClass {
    /// AWS's name of it.
    pub fn as_str(self) -> &'static str {
        match self {
            GroupClass::Standard => "STANDARD",
            GroupClass::InfrequentAccess => "INFREQUENT_ACCESS",
            GroupClass::Delivery => "DELIVERY",
        }
    }
}

impl Group {
    /// Events before this moment have expired.
    pub fn expired_before(&self, now: Timestamp) -> Option<Timestamp> {
        let days = u64::try_from(self.retention_days?).ok()?;
        Some(now - Duration::from_secs(days * 24 * 60 * 60))
    }
}

/// The key of a group.
pub fn group_key(account: AccountId, region: &Region, name: &str) -> Key {
    key!(account, region, name)
}

/// The prefix of an account's groups in a region.
pub fn groups_key(account: AccountId, region: &Region) -> Key {
    key!(account, region)
}
