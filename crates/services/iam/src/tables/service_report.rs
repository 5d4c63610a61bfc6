//! Reports of the services that users and roles may use, and when they last did.

use gantry_base::{AccountId, Timestamp};
use gantry_store::{Key, Table, key};
use serde::{Deserialize, Serialize};

use super::attachment::Entity;
use super::last_use::LastUse;

/// The reports, by account and job.
pub const SERVICE_REPORTS: Table<ServiceReport> = Table::new("iam.service_report", 1);

/// A report, as of the time that it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceReport {
    pub created: Timestamp,
    /// In the order of their names.
    pub services: Vec<ServiceUse>,
}

/// A service that may be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceUse {
    /// As actions begin: `ecs`.
    pub namespace: String,
    /// Who used it, the last first.
    pub by: Vec<UsedBy>,
}

/// Somebody who used a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedBy {
    pub kind: Entity,
    pub arn: String,
    pub name: String,
    pub id: String,
    pub path: String,
    pub last: LastUse,
}

/// The key of a report.
pub fn service_report_key(account: AccountId, job: &str) -> Key {
    key!(account, job)
}
