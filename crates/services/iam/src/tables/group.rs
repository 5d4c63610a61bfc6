//! Groups of users, and who is in them.

use gantry_base::{AccountId, Arn, Timestamp};
use gantry_store::{Key, StoreError, Table, Tx, key};
use serde::{Deserialize, Serialize};

use super::grants::Grants;
use super::name_key;

/// Groups by account and name.
pub const GROUPS: Table<Group> = Table::new("iam.group", 1);

/// Members by account, group and user. The rows hold the user's name as it was given; a user's row lists its
/// groups.
pub const MEMBERS: Table<String> = Table::new("iam.member", 1);

/// A group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    pub name: String,
    /// Begins and ends with a slash.
    pub path: String,
    pub arn: Arn,
    /// `AGPA...`
    pub id: String,
    pub grants: Grants,
    pub created: Timestamp,
}

impl Group {
    /// The group's key.
    pub fn key(account: AccountId, name: &str) -> Key {
        name_key(account, name)
    }

    /// The group of that name.
    pub async fn find(tx: &mut Tx, account: AccountId, name: &str) -> Result<Option<Group>, StoreError> {
        let group = tx.get(&GROUPS, &Group::key(account, name)).await?;
        Ok(group.filter(|group| group.name == name))
    }
}

/// The key under which the members of a group stand.
pub fn members_key(account: AccountId, group: &str) -> Key {
    key!(account, group.to_ascii_lowercase())
}

/// The key of one member.
pub fn member_key(account: AccountId, group: &str, user: &str) -> Key {
    key!(account, group.to_ascii_lowercase(), user.to_ascii_lowercase())
}
