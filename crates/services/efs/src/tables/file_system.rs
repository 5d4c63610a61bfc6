//! File systems.

use std::collections::BTreeMap;

use gantry_base::{AccountId, Region, Tags, Timestamp};
use gantry_store::{Key, Table, key};
use serde::{Deserialize, Serialize};

/// By account, region and id.
pub const FILE_SYSTEMS: Table<FileSystem> = Table::new("efs.file_system", 1);

/// A file system. Its files are in the directory of its id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FileSystem {
    pub id: String,
    pub creation_token: String,
    pub created_at: Timestamp,
    pub performance_mode: String,
    pub throughput_mode: String,
    pub provisioned_mibps: Option<f64>,
    pub encrypted: bool,
    /// The key's ARN.
    pub kms_key: Option<String>,
    /// Name and id of the zone that it is in alone.
    pub zone: Option<(String, String)>,
    pub tags: Tags,
    /// As it was given.
    pub policy: Option<String>,
    /// The ids of the users and roles that the policy names, by their ARNs.
    #[serde(default)]
    pub policy_ids: BTreeMap<String, String>,
    /// AWS's policies of its lifecycle, each by the member's name.
    pub lifecycle: Vec<BTreeMap<String, String>>,
    pub backup: bool,
    /// Whether anybody ever said whether it is to be backed up.
    #[serde(default = "said_before")]
    pub backup_said: bool,
    /// Whether a replication may not write over it.
    pub protected: bool,
    pub size: Option<Measured>,
}

/// File systems from before this was kept show a policy.
fn said_before() -> bool {
    true
}

/// How large a file system was found to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    pub bytes: u64,
    pub at: Timestamp,
}

/// The key of a file system.
pub fn file_system_key(account: AccountId, region: &Region, id: &str) -> Key {
    key!(account, region, id)
}

/// The prefix of an account's file systems in a region.
pub fn file_systems_key(account: AccountId, region: &Region) -> Key {
    key!(account, region)
}
