//! What IAM keeps. IAM knows no regions: every key begins with the account, except that of an access key,
//! which is all that a request brings.
//!
//! Names differ by more than case within an account, so a key holds a name in lower case and the row holds it
//! as it was given.

pub mod access_key;
pub mod account;
pub mod attachment;
pub mod credential_report;
pub mod deletion;
pub mod grants;
pub mod group;
pub mod instance_profile;
pub mod last_use;
pub mod oidc_provider;
pub mod password_policy;
pub mod policy;
pub mod role;
pub mod service_report;
pub mod user;

use gantry_base::AccountId;
use gantry_store::{Key, key};

/// The key of a role, user or policy.
pub(crate) fn name_key(account: AccountId, name: &str) -> Key {
    key!(account, name.to_ascii_lowercase())
}
