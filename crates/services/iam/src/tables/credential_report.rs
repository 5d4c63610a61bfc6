//! Credential reports.

use gantry_base::Timestamp;
use gantry_store::Table;
use serde::{Deserialize, Serialize};

/// The last report of each account.
pub const CREDENTIAL_REPORTS: Table<CredentialReport> = Table::new("iam.credential_report", 1);

/// A report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialReport {
    pub generated: Timestamp,
    /// Comma-separated values, with a line of names first.
    pub content: String,
}
