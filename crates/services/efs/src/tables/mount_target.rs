//! Mount targets.

use gantry_base::{AccountId, Region};
use gantry_store::{Key, Table, key};
use serde::{Deserialize, Serialize};

/// By account, region and id.
pub const MOUNT_TARGETS: Table<MountTarget> = Table::new("efs.mount_target", 1);

/// A mount target: where a file system is in a subnet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MountTarget {
    pub id: String,
    pub file_system_id: String,
    pub subnet_id: String,
    pub vpc_id: String,
    /// Name and id of its zone.
    pub zone: (String, String),
    pub ip_address: String,
    pub network_interface_id: String,
    pub security_groups: Vec<String>,
}

/// The key of a mount target.
pub fn mount_target_key(account: AccountId, region: &Region, id: &str) -> Key {
    key!(account, region, id)
}

/// The prefix of an account's mount targets in a region.
pub fn mount_targets_key(account: AccountId, region: &Region) -> Key {
    key!(account, region)
}
