//! Users.

use gantry_base::{AccountId, Arn, Tags, Timestamp};
use gantry_store::{Key, StoreError, Table, Tx};
use serde::{Deserialize, Serialize};

use super::grants::Grants;
use super::name_key;

/// Users by account and name.
pub const USERS: Table<User> = Table::new("iam.user", 1);

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    pub name: String,
    /// Begins and ends with a slash.
    pub path: String,
    pub arn: Arn,
    /// `AIDA...`
    pub id: String,
    pub grants: Grants,
    /// The ids of the user's access keys, oldest first.
    pub access_keys: Vec<String>,
    /// The names of the groups that the user is in, in order.
    #[serde(default)]
    pub groups: Vec<String>,
    pub tags: Tags,
    pub created: Timestamp,
}

impl User {
    /// The user's key.
    pub fn key(account: AccountId, name: &str) -> Key {
        name_key(account, name)
    }

    /// The user of that name.
    pub async fn find(tx: &mut Tx, account: AccountId, name: &str) -> Result<Option<User>, StoreError> {
        let user = tx.get(&USERS, &User::key(account, name)).await?;
        Ok(user.filter(|user| user.name == name))
    }
}
