//! What an account asks of its users' passwords. Gantry has no passwords, so it binds nobody.

use gantry_store::Table;
use serde::{Deserialize, Serialize};

/// Password policies by account.
pub const PASSWORD_POLICIES: Table<PasswordPolicy> = Table::new("iam.password_policy", 1);

/// A password policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordPolicy {
    pub minimum_length: i32,
    pub symbols: bool,
    pub numbers: bool,
    pub uppercase: bool,
    pub lowercase: bool,
    pub users_may_change: bool,
    pub max_age_days: Option<i32>,
    pub reuse_prevention: Option<i32>,
    pub hard_expiry: Option<bool>,
}
