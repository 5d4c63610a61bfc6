//! Deletions of roles of services, which AWS carries out by and by and Gantry at once.

use gantry_base::Timestamp;
use gantry_store::Table;
use serde::{Deserialize, Serialize};

/// Deletions by account and task id.
pub const DELETIONS: Table<Deletion> = Table::new("iam.deletion", 1);

/// A role that was deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deletion {
    pub role_name: String,
    pub at: Timestamp,
}
