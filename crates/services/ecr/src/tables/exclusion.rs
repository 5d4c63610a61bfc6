//! Whose pulls are passed over where last pulls are noted.

use gantry_base::{AccountId, Region, Timestamp};
use gantry_store::{Key, Table, key};
use serde::{Deserialize, Serialize};

/// The users and roles, by ARN.
pub const EXCLUSIONS: Table<Exclusion> = Table::new("ecr.exclusion", 1);

/// The most that a registry has.
pub const EXCLUSIONS_AT_MOST: usize = 100;

/// A user or role.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Exclusion {
    pub arn: String,
    pub created_at: Timestamp,
}

/// The key of an exclusion.
pub fn exclusion_key(account: AccountId, region: &Region, arn: &str) -> Key {
    key!(account, region, super::ordered(arn))
}
