//! Where images are replicated to, and how far that is.

use gantry_base::{AccountId, Region};
use gantry_ecr_core::{Digest, RepositoryName, Tag};
use gantry_store::{Key, Table, key};
use serde::{Deserialize, Serialize};

use super::RepositoryId;

/// What registries want replicated.
pub const REPLICATIONS: Table<Replication> = Table::new("ecr.replication", 1);
/// The copies that are to be made.
pub const COPIES: Table<Copying> = Table::new("ecr.copy", 1);
/// What became of copies.
pub const COPIED: Table<Copied> = Table::new("ecr.copied", 1);

/// What a registry wants replicated.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Replication {
    pub rules: Vec<ReplicationRule>,
}

/// Where images go.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReplicationRule {
    pub destinations: Vec<Destination>,
    /// How the names of their repositories begin; without any, all go.
    pub prefixes: Vec<String>,
}

/// A registry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Destination {
    pub region: Region,
    pub registry: AccountId,
}

/// A copy that is to be made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Copying {
    /// Where the image is.
    pub from: Destination,
    pub repository: RepositoryName,
    pub tag: Option<Tag>,
    pub to: Destination,
}

/// What became of a copy.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Copied {
    pub to: Destination,
    /// Why it could not be made.
    pub failure: Option<String>,
    /// Whether it is made or given up.
    pub over: bool,
}

impl Replication {
    /// Where the images of a repository go.
    pub fn destinations(&self, repository: &RepositoryName) -> Vec<Destination> {
        let fits = |rule: &&ReplicationRule| {
            rule.prefixes.is_empty()
                || rule.prefixes.iter().any(|prefix| repository.as_str().starts_with(prefix.as_str()))
        };
        let mut found: Vec<Destination> =
            self.rules.iter().filter(fits).flat_map(|rule| rule.destinations.clone()).collect();
        found.sort();
        found.dedup();
        found
    }
}

/// The key of a copy of an image to a registry.
pub fn copy_key(repository: &RepositoryId, image: Digest, to: &Destination) -> Key {
    key!(repository, image, to.region, to.registry)
}
