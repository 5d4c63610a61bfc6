//! Roles.

use std::collections::BTreeMap;

use gantry_base::{AccountId, Arn, Tags, Timestamp};
use gantry_store::{Key, StoreError, Table, Tx};
use serde::{Deserialize, Serialize};

use super::grants::Grants;
use super::name_key;

/// Roles by account and name.
pub const ROLES: Table<Role> = Table::new("iam.role", 1);

/// A role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    pub name: String,
    /// Begins and ends with a slash.
    pub path: String,
    pub arn: Arn,
    /// `AROA...`
    pub id: String,
    /// The trust policy's document.
    pub trust: String,
    /// The ids that the users and roles named in it had when it was written, by ARN.
    #[serde(default)]
    pub trusted_ids: BTreeMap<String, String>,
    pub description: Option<String>,
    pub max_session_secs: u32,
    pub grants: Grants,
    /// The names of the instance profiles that hold the role, in order.
    #[serde(default)]
    pub profiles: Vec<String>,
    pub tags: Tags,
    pub created: Timestamp,
}

impl Role {
    /// The role's key.
    pub fn key(account: AccountId, name: &str) -> Key {
        name_key(account, name)
    }

    /// The role of that name.
    pub async fn find(tx: &mut Tx, account: AccountId, name: &str) -> Result<Option<Role>, StoreError> {
        let role = tx.get(&ROLES, &Role::key(account, name)).await?;
        Ok(role.filter(|role| role.name == name))
    }
}
