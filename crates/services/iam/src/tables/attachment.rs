//! Which roles, users and groups a managed policy hangs on: the index from the policy's side.

use gantry_base::AccountId;
use gantry_store::{Key, Scan, StoreError, Table, Tx, key};
use serde::{Deserialize, Serialize};

/// By account, policy ARN, use, kind of entity and name. The rows say nothing more.
pub const ATTACHMENTS: Table<()> = Table::new("iam.attachment", 1);

/// How an entity uses a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    Permissions,
    Boundary,
}

impl Use {
    fn word(self) -> &'static str {
        match self {
            Use::Permissions => "permissions",
            Use::Boundary => "boundary",
        }
    }
}

/// What a policy can hang on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Entity {
    Role,
    User,
    Group,
}

impl Entity {
    /// `role`, as it stands in ARNs.
    pub fn word(self) -> &'static str {
        match self {
            Entity::Role => "role",
            Entity::User => "user",
            Entity::Group => "group",
        }
    }
}

/// The key of one attachment.
pub fn attachment_key(account: AccountId, policy_arn: &str, used: Use, entity: Entity, name: &str) -> Key {
    key!(account, policy_arn, used.word(), entity.word(), name)
}

/// The names of the entities of one kind that use the policy so.
pub async fn names(
    tx: &mut Tx,
    account: AccountId,
    policy_arn: &str,
    used: Use,
    entity: Entity,
) -> Result<Vec<String>, StoreError> {
    let prefix = key!(account, policy_arn, used.word(), entity.word());
    let rows = tx.scan(&ATTACHMENTS, &prefix, Scan::all()).await?;
    Ok(rows.into_iter().filter_map(|(key, ())| key.parts().pop()).collect())
}

/// How many entities of the account use the policy so. Reading it guards against attachments made meanwhile.
pub async fn count(
    tx: &mut Tx,
    account: AccountId,
    policy_arn: &str,
    used: Use,
) -> Result<usize, StoreError> {
    Ok(tx.scan(&ATTACHMENTS, &key!(account, policy_arn, used.word()), Scan::all()).await?.len())
}
