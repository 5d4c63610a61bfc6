//! Operations: what was asked for, and what came of it.

use gantry_base::{AccountId, Region, Timestamp};
use gantry_store::{Key, Table, key, number};
use serde::{Deserialize, Serialize};

/// By account, region and id.
pub const OPERATIONS: Table<Operation> = Table::new("cloudmap.operation", 1);
/// When operations were asked for: by time, account, region and id.
pub const OPERATIONS_BY_TIME: Table<()> = Table::new("cloudmap.operation_by_time", 1);

/// An operation, which is over when it is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    pub id: String,
    /// As AWS names it: `CREATE_NAMESPACE`.
    pub kind: String,
    pub target: Target,
    pub outcome: Outcome,
    pub at: Timestamp,
    /// It is described, and not listed: the namespace that it was about is gone.
    #[serde(default)]
    pub unlisted: bool,
}

/// What an operation was about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    Namespace(String),
    Service(String),
    Instance { service: String, instance: String },
}

/// How an operation ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    Success,
    Failed { code: String, message: String },
}

impl Outcome {
    /// As AWS writes it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Outcome::Success => "SUCCESS",
            Outcome::Failed { .. } => "FAIL",
        }
    }
}

/// The key of an operation.
pub fn operation_key(account: AccountId, region: &Region, id: &str) -> Key {
    key!(account, region, id)
}

/// The prefix of an account's operations in a region.
pub fn operations_key(account: AccountId, region: &Region) -> Key {
    key!(account, region)
}

/// The key of an operation among those of all times.
pub fn operation_time_key(at: Timestamp, account: AccountId, region: &Region, id: &str) -> Key {
    key!(number(u64::try_from(at.as_millis()).unwrap_or(0)), account, region, id)
}
