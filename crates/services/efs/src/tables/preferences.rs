//! How an account wants its ids.

use gantry_base::{AccountId, Region};
use gantry_store::{Key, Table, key};
use serde::{Deserialize, Serialize};

/// By account and region.
pub const PREFERENCES: Table<Preferences> = Table::new("efs.preferences", 1);

/// The preferences of an account in a region.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    /// Eight digits in place of seventeen.
    pub short_ids: bool,
}

/// The key of an account's preferences.
pub fn preferences_key(account: AccountId, region: &Region) -> Key {
    key!(account, region)
}
