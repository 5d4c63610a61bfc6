//! Repositories.

use std::collections::BTreeMap;
use std::fmt;

use gantry_base::{AccountId, Region, Tags, Timestamp};
use gantry_ecr_core::{RepositoryName, TagMutability};
use gantry_store::{Key, Table, key};
use serde::{Deserialize, Serialize};

use super::{Mark, ordered};

/// The repositories.
pub const REPOSITORIES: Table<Repository> = Table::new("ecr.repository", 1);

/// Deleted repositories, some of whose rows remain.
pub const GRAVES: Table<Mark> = Table::new("ecr.grave", 1);

/// What no two repositories share, even of the same name one after the other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RepositoryId(String);

impl RepositoryId {
    /// The id with this text.
    pub fn new(text: impl Into<String>) -> Self {
        RepositoryId(text.into())
    }
}

impl fmt::Display for RepositoryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A repository.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Repository {
    /// Under which all that belongs to it is kept.
    pub id: RepositoryId,
    /// Its name.
    pub name: RepositoryName,
    /// When it was made.
    pub created_at: Timestamp,
    /// Whether its tags may move.
    pub mutability: TagMutability,
    /// Whether images are to be scanned when they are pushed.
    pub scan_on_push: bool,
    /// Its tags.
    pub tags: Tags,
    /// Its policy, as it was set.
    #[serde(default)]
    pub policy: Option<String>,
    /// The ids of the users and roles that the policy names, by their ARNs.
    #[serde(default)]
    pub policy_ids: BTreeMap<String, String>,
}

/// The policies of registries.
pub const REGISTRY_POLICIES: Table<RegistryPolicy> = Table::new("ecr.registry_policy", 1);

/// A registry's policy.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RegistryPolicy {
    /// As it was set.
    pub text: String,
    /// The ids of the users and roles that it names, by ARN.
    #[serde(default)]
    pub ids: BTreeMap<String, String>,
}

/// The key of a repository.
pub fn repository_key(account: AccountId, region: &Region, name: &str) -> Key {
    key!(account, region, ordered(name))
}

/// The prefix of a registry's repositories.
pub fn repositories_of(account: AccountId, region: &Region) -> Key {
    key!(account, region)
}
