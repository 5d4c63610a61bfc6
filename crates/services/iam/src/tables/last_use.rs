//! When access keys and roles were last used.

use gantry_base::{AccountId, Timestamp};
use gantry_store::{Key, Table, key};
use serde::{Deserialize, Serialize};

use super::attachment::Entity;
use super::role::Role;

/// Last uses by what was used.
pub const LAST_USES: Table<LastUse> = Table::new("iam.last_use", 1);

/// What was used.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Used {
    /// An access key, by its id.
    Key(String),
    /// A role, by name and by id: a later one of the name is another.
    Role { account: AccountId, name: String, id: String },
    /// A service, by a user or a role, by name and by id.
    Service { account: AccountId, by: Entity, name: String, id: String, service: String },
}

/// A use.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastUse {
    pub at: Timestamp,
    /// The service that was called, as signatures name it: `ecs`.
    pub service: String,
    pub region: String,
}

impl Used {
    /// A role.
    pub fn role(account: AccountId, role: &Role) -> Used {
        Used::Role { account, name: role.name.clone(), id: role.id.clone() }
    }

    /// The key of its row.
    pub fn key(&self) -> Key {
        match self {
            Used::Key(id) => key!("key", id),
            Used::Role { account, id, .. } => key!("role", account, id),
            Used::Service { account, id, service, .. } => used_services_key(*account, id).with(service),
        }
    }
}

/// The key under which the services stand that a user or role used.
pub fn used_services_key(account: AccountId, id: &str) -> Key {
    key!("service", account, id)
}
