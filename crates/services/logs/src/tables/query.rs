//! Queries of Logs Insights.

use gantry_base::{AccountId, Region, Timestamp};
use gantry_store::{Key, Table, key};
use serde::{Deserialize, Serialize};

/// By account, region and id.
pub const QUERIES: Table<Query> = Table::new("logs.query", 1);

/// A query. Its results lie with the events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Query {
    pub id: String,
    pub text: String,
    /// Names of the groups that it reads.
    pub groups: Vec<String>,
    pub created_at: Timestamp,
    /// When whoever runs it last said so. One that has been silent for long was lost with its process.
    pub alive_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub status: QueryStatus,
    /// Why it failed, for whoever reads this.
    pub reason: Option<String>,
    pub statistics: Statistics,
    /// How many pages of results there are.
    pub pages: u32,
    pub caller: String,
}

/// How far a query has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum QueryStatus {
    Running,
    Complete,
    Failed,
    Cancelled,
    Timeout,
}

/// What a query has looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statistics {
    pub matched: u64,
    pub scanned: u64,
    pub bytes: u64,
}

impl QueryStatus {
    /// AWS's name of it.
    pub fn as_str(self) -> &'static str {
        match self {
            QueryStatus::Running => "Running",
            QueryStatus::Complete => "Complete",
            QueryStatus::Failed => "Failed",
            QueryStatus::Cancelled => "Cancelled",
            QueryStatus::Timeout => "Timeout",
        }
    }
}

/// The key of a query.
pub fn query_key(account: AccountId, region: &Region, id: &str) -> Key {
    key!(account, region, id)
}

/// The prefix of an account's queries in a region.
pub fn queries_key(account: AccountId, region: &Region) -> Key {
    key!(account, region)
}
