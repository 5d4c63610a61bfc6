//! What belongs to an account itself.

use gantry_base::{AccountId, Timestamp};
use gantry_store::Table;
use serde::{Deserialize, Serialize};

/// Accounts by id. An account without a row is an account all the same: it has no keys of its own yet.
pub const ACCOUNTS: Table<Account> = Table::new("iam.account", 1);

/// Who has an alias: aliases differ over all accounts.
pub const ALIASES: Table<AccountId> = Table::new("iam.alias", 1);

/// An account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The ids of the root's access keys, oldest first.
    pub access_keys: Vec<String>,
    /// The one of them that the first start made.
    pub first_key: Option<String>,
    /// The account's alias, if it has one.
    #[serde(default)]
    pub alias: Option<String>,
    /// When the first of them was made.
    pub created: Timestamp,
}
