//! Access keys of users and roots. Those of sessions are not kept; their tokens hold all that is needed.

use gantry_base::{AccountId, Timestamp};
use gantry_store::{Key, Table, key};
use serde::{Deserialize, Serialize};

/// Access keys by their ids.
pub const ACCESS_KEYS: Table<AccessKey> = Table::new("iam.access_key", 1);

/// Whose key it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Holder {
    /// The account's root.
    Root,
    /// A user, by name and by id, so that a later user of the same name does not get the key.
    User { name: String, id: String },
}

/// An access key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessKey {
    /// `AKIA...`
    pub id: String,
    pub account: AccountId,
    pub holder: Holder,
    /// The secret, sealed for [`AccessKey::seal_context`], in base64.
    pub sealed_secret: String,
    pub active: bool,
    pub created: Timestamp,
}

impl AccessKey {
    /// The key's key.
    pub fn key(id: &str) -> Key {
        key!(id)
    }

    /// What the secret of the key `id` is sealed for.
    pub fn seal_context(id: &str) -> String {
        format!("iam.access_key/{id}")
    }
}
