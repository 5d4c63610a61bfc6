//! Instance profiles: what hands a role to an instance.

use gantry_base::{AccountId, Arn, Tags, Timestamp};
use gantry_store::{Key, StoreError, Table, Tx};
use serde::{Deserialize, Serialize};

use super::name_key;

/// Instance profiles by account and name.
pub const PROFILES: Table<InstanceProfile> = Table::new("iam.instance_profile", 1);

/// An instance profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceProfile {
    pub name: String,
    /// Begins and ends with a slash.
    pub path: String,
    pub arn: Arn,
    /// `AIPA...`
    pub id: String,
    /// The name of the role that it holds, if any.
    pub role: Option<String>,
    pub tags: Tags,
    pub created: Timestamp,
}

impl InstanceProfile {
    /// The profile's key.
    pub fn key(account: AccountId, name: &str) -> Key {
        name_key(account, name)
    }

    /// The profile of that name.
    pub async fn find(
        tx: &mut Tx,
        account: AccountId,
        name: &str,
    ) -> Result<Option<InstanceProfile>, StoreError> {
        let profile = tx.get(&PROFILES, &InstanceProfile::key(account, name)).await?;
        Ok(profile.filter(|profile| profile.name == name))
    }
}
