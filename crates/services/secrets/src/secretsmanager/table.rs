//! What is stored of secrets.

use std::collections::BTreeMap;

use gantry_base::{AccountId, Arn, Region, Tags, Timestamp};
use gantry_store::{Key, Table, key, number};
use serde::{Deserialize, Serialize};

use crate::sealed::Sealed;
use crate::vault::Under;

/// By account, region and name.
pub const SECRETS: Table<Secret> = Table::new("secretsmanager.secret", 1);

/// By account, region, name and version.
pub const VALUES: Table<Value> = Table::new("secretsmanager.value", 1);

/// Secrets that are scheduled for deletion, by the time they fall due.
pub const DELETIONS: Table<Deletion> = Table::new("secretsmanager.deletion", 1);

/// A secret without its values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret {
    pub arn: String,
    pub name: String,
    pub description: Option<String>,
    pub kms_key_id: Option<String>,
    pub tags: Tags,
    pub created_at: Timestamp,
    pub changed_at: Timestamp,
    /// The day on which a value was last read; the time of the day is not kept, as in AWS.
    pub accessed_on: Option<Timestamp>,
    pub deletion: Option<Scheduled>,
    pub versions: BTreeMap<String, Version>,
    /// The resource policy, as it was given.
    #[serde(default)]
    pub policy: Option<String>,
    /// The ids of the users and roles that the policy names, by their ARNs.
    #[serde(default)]
    pub policy_ids: BTreeMap<String, String>,
    /// Whether it ever had tags: only then does AWS show an empty list of them.
    #[serde(default)]
    pub was_tagged: bool,
    /// Where it is replicated to.
    #[serde(default)]
    pub replicas: Vec<Replica>,
    /// Where it is replicated from, where it is a replica.
    #[serde(default)]
    pub replica_of: Option<Region>,
}

/// A replica, as its primary secret knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replica {
    pub region: Region,
    /// The key that the replica's values are sealed under; absent for its region's default key.
    pub kms_key_id: Option<String>,
    /// Why it is not in sync; absent where it is.
    pub failure: Option<String>,
}

/// When a secret was asked to go, and when it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scheduled {
    pub asked_at: Timestamp,
    pub due: Timestamp,
}

/// A version, without its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    pub created_at: Timestamp,
    pub stages: Vec<String>,
    /// The key of KMS that it was sealed under; absent for the default key.
    #[serde(default)]
    pub key: Option<String>,
}

/// A version's value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Value {
    Text {
        sealed: Sealed,
        #[serde(default)]
        under: Under,
    },
    Binary {
        sealed: Sealed,
        #[serde(default)]
        under: Under,
    },
}

/// A secret that goes at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deletion {
    pub due: Timestamp,
    /// The secret's key.
    pub secret: String,
    /// The secret's ARN, which no later secret of the same name has.
    pub arn: String,
}

impl Secret {
    /// The secret's key in its table.
    pub fn key(&self) -> Key {
        let arn = self.place();
        key!(arn.account(), arn.region(), self.name)
    }

    /// The secret's region.
    pub fn region(&self) -> Region {
        self.place().region().parse().expect("a stored secret's ARN was made by us")
    }

    /// The region of the primary secret, of a secret that is replicated.
    pub fn primary_region(&self) -> Option<Region> {
        match &self.replica_of {
            Some(region) => Some(region.clone()),
            None => (!self.replicas.is_empty()).then(|| self.region()),
        }
    }

    /// The secret's key, if it were in that region.
    pub fn key_in(&self, region: &Region) -> Key {
        key!(self.place().account(), region, self.name)
    }

    /// The secret's ARN, if it were in that region.
    pub fn arn_in(&self, region: &Region) -> String {
        let arn = self.place();
        format!("arn:{}:secretsmanager:{region}:{}:{}", arn.partition(), arn.account(), arn.resource())
    }

    /// The key of KMS that its values are sealed under: the ARN of the key or of its alias.
    pub fn sealed_under(&self) -> String {
        let arn = self.place();
        let given = self.kms_key_id.as_deref().unwrap_or("alias/aws/secretsmanager");
        let kind = if given.starts_with("alias/") { "" } else { "key/" };
        match given.starts_with("arn:") {
            true => given.to_owned(),
            false => format!("arn:{}:kms:{}:{}:{kind}{given}", arn.partition(), arn.region(), arn.account()),
        }
    }

    /// Whether it is sealed under a key that no other account can use, and is asked for by one.
    pub fn is_under_default_key_of_another(&self, caller: AccountId) -> bool {
        self.kms_key_id.is_none() && self.place().account() != caller.as_str()
    }

    /// Notes the key that a version was sealed under.
    pub fn sealed(&mut self, version: &str) {
        let key = self.kms_key_id.is_some().then(|| self.sealed_under());
        if let Some(version) = self.versions.get_mut(version) {
            version.key = key;
        }
    }

    fn place(&self) -> Arn {
        self.arn.parse().expect("a stored secret's ARN was made by us")
    }

    /// Whether the secret is the one that is meant, still scheduled, and due.
    pub fn is_due(&self, deletion: &Deletion, now: Timestamp) -> bool {
        self.arn == deletion.arn && self.deletion.is_some_and(|scheduled| scheduled.due <= now)
    }
}

/// The prefix of an account's secrets in a region.
pub fn secrets_key(account: AccountId, region: &Region) -> Key {
    key!(account, region)
}

/// The key of a secret; with the version as one more part it is the key of the value.
pub fn secret_key(account: AccountId, region: &Region, name: &str) -> Key {
    key!(account, region, name)
}

/// The key of a deletion.
pub fn deletion_key(deletion: &Deletion) -> Key {
    key!(number(deletion.due.as_millis().max(0).unsigned_abs()), deletion.arn)
}
