//! Access points.

use gantry_base::{AccountId, Region, Tags};
use gantry_store::{Key, Table, key};
use serde::{Deserialize, Serialize};

/// By account, region and id.
pub const ACCESS_POINTS: Table<AccessPoint> = Table::new("efs.access_point", 1);

/// An access point: a directory of a file system, as one user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessPoint {
    pub id: String,
    pub file_system_id: String,
    pub client_token: String,
    /// As whom everybody works who comes through it.
    pub user: Option<PosixUser>,
    /// The directory that is its root.
    pub path: String,
    /// How that directory is made if it is not there.
    pub creation: Option<Creation>,
    pub tags: Tags,
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PosixUser {
    pub uid: u32,
    pub gid: u32,
    pub secondary_gids: Vec<u32>,
}

/// A new directory's owner and permissions, in octal digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Creation {
    pub uid: u32,
    pub gid: u32,
    pub permissions: String,
}

/// The key of an access point.
pub fn access_point_key(account: AccountId, region: &Region, id: &str) -> Key {
    key!(account, region, id)
}

/// The prefix of an account's access points in a region.
pub fn access_points_key(account: AccountId, region: &Region) -> Key {
    key!(account, region)
}
