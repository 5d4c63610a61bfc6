//! Managed policies of customers. Those of AWS are not kept; they are part of the program.

use gantry_base::{AccountId, Arn, Tags, Timestamp};
use gantry_store::{Key, StoreError, Table, Tx};
use serde::{Deserialize, Serialize};

use super::name_key;

/// Managed policies by account and name.
pub const POLICIES: Table<ManagedPolicy> = Table::new("iam.policy", 1);

/// A managed policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagedPolicy {
    pub name: String,
    /// Begins and ends with a slash.
    pub path: String,
    pub arn: Arn,
    /// `ANPA...`
    pub id: String,
    pub description: Option<String>,
    /// At least one.
    pub versions: Vec<Version>,
    /// The number of the version in force.
    pub default_version: u32,
    /// The highest number that a version ever had.
    #[serde(default)]
    pub last_version: u32,
    pub tags: Tags,
    pub created: Timestamp,
    pub updated: Timestamp,
}

/// One version of a managed policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// 1 for `v1`.
    pub number: u32,
    pub document: String,
    pub created: Timestamp,
}

impl ManagedPolicy {
    /// The policy's key.
    pub fn key(account: AccountId, name: &str) -> Key {
        name_key(account, name)
    }

    /// The policy with that ARN, path and all.
    pub async fn find(tx: &mut Tx, arn: &Arn) -> Result<Option<ManagedPolicy>, StoreError> {
        let Ok(account) = arn.account().parse() else { return Ok(None) };
        let name = arn.resource().rsplit('/').next().unwrap_or_default();
        let policy = tx.get(&POLICIES, &ManagedPolicy::key(account, name)).await?;
        Ok(policy.filter(|policy| policy.arn.same_resource(arn)))
    }

    /// A version by its number.
    pub fn version(&self, number: u32) -> Option<&Version> {
        self.versions.iter().find(|version| version.number == number)
    }
}
