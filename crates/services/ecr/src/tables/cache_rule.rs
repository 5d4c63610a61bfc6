//! Rules by which images of other registries are pulled through this one, and kept.

use gantry_base::{AccountId, Region, Timestamp};
use gantry_ecr_core::Prefix;
use gantry_store::{Key, Table, key};
use serde::{Deserialize, Serialize};

/// The rules.
pub const CACHE_RULES: Table<CacheRule> = Table::new("ecr.cache_rule", 1);
/// When tags that were pulled through were last compared with those of their registries.
pub const COMPARED: Table<Compared> = Table::new("ecr.compared", 1);

/// The most rules that a registry has.
pub const CACHE_RULES_AT_MOST: usize = 50;

/// A rule.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CacheRule {
    /// How the names of the repositories begin that keep the images.
    pub prefix: Prefix,
    /// The other registry, as it was given.
    pub upstream: String,
    /// AWS's word for the kind of the other registry.
    pub kind: String,
    /// How the names of its repositories begin that are meant.
    pub upstream_prefix: Prefix,
    /// The secret with the name and password that the other registry knows.
    pub credential: Option<String>,
    /// The role that another account's registry lets in.
    pub role: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl CacheRule {
    /// The beginning of the other registry's names as it is shown: AWS knows one of registries of ECR alone.
    pub fn shown_upstream_prefix(&self) -> Option<String> {
        let told = self.kind == "ecr" || self.upstream_prefix.as_str() != "ROOT";
        told.then(|| self.upstream_prefix.to_string())
    }
}

/// A tag that was compared.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Compared {
    pub at: Timestamp,
}

/// The key of a rule.
pub fn cache_rule_key(account: AccountId, region: &Region, prefix: &Prefix) -> Key {
    key!(account, region, super::ordered(prefix))
}
