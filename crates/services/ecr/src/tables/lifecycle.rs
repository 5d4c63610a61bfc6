//! Lifecycle policies of repositories, and those that are tried out.

use gantry_base::{AccountId, Region, Timestamp};
use gantry_ecr_core::RepositoryName;
use gantry_store::Table;
use serde::{Deserialize, Serialize};

/// The policies.
pub const LIFECYCLES: Table<Lifecycle> = Table::new("ecr.lifecycle", 1);
/// The policies that are tried out.
pub const PREVIEWS: Table<Preview> = Table::new("ecr.lifecycle_preview", 1);

/// A repository's policy.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Lifecycle {
    /// Where the repository is.
    pub registry: AccountId,
    pub region: Region,
    pub name: RepositoryName,
    /// The policy, as it was put.
    pub text: String,
    /// When it was last applied.
    pub evaluated_at: Option<Timestamp>,
}

/// A policy that is tried out. What it would do is said when that is asked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Preview {
    pub text: String,
}
