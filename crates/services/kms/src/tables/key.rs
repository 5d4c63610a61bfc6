//! Keys, their materials, and when something is to be done with them.

use std::collections::BTreeMap;

use gantry_base::{AccountId, Arn, Region, Tags, Timestamp};
use gantry_store::{Key, Table, key, number};
use serde::{Deserialize, Serialize};

use crate::spec::{Spec, Usage};

/// By account, region and id.
pub const KEYS: Table<KeyRow> = Table::new("kms.key", 1);

/// Sealed materials, by account, region, id and number.
pub const MATERIALS: Table<String> = Table::new("kms.material", 1);

/// Keys that are scheduled for deletion, by the time they fall due.
pub const DELETIONS: Table<Due> = Table::new("kms.deletion", 1);

/// Keys that rotate by themselves, by the time of the next rotation.
pub const ROTATIONS: Table<Due> = Table::new("kms.rotation", 1);

/// Keys whose imported material expires, by the time of that.
pub const EXPIRIES: Table<Due> = Table::new("kms.expiry", 1);

/// A key, without its material.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRow {
    pub id: String,
    pub account: AccountId,
    pub region: Region,
    pub description: String,
    pub spec: Spec,
    /// Absent where the specification allows only one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    pub manager: Manager,
    pub state: State,
    pub created_at: Timestamp,
    /// The key's policy, as it was given. A managed key's follows from its service.
    pub policy: Option<String>,
    /// The ids of the users and roles that the policy names, by their ARNs.
    #[serde(default)]
    pub policy_ids: BTreeMap<String, String>,
    pub tags: Tags,
    /// Oldest first; the last one encrypts, all decrypt.
    pub materials: Vec<Material>,
    pub rotation: Option<Rotation>,
    /// Where its material comes from.
    #[serde(default)]
    pub origin: Origin,
    /// When its imported material goes; none if that stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Timestamp>,
}

/// Where a key's material comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// It was drawn here.
    #[default]
    Drawn,
    /// It is imported.
    External,
}

impl Origin {
    /// AWS's name of it.
    pub fn as_str(self) -> &'static str {
        match self {
            Origin::Drawn => "AWS_KMS",
            Origin::External => "EXTERNAL",
        }
    }
}

/// Whose key it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Manager {
    Customer,
    /// Made on behalf of a service: `alias/aws/SERVICE`.
    Service(String),
}

/// What may be done with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    Enabled,
    Disabled,
    /// Its material is still to be imported, or was taken away.
    PendingImport,
    PendingDeletion {
        due: Timestamp,
    },
}

/// One material of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Material {
    /// 64 hexadecimal digits, which clients see.
    pub id: String,
    /// Absent for the first.
    pub rotated: Option<(RotationKind, Timestamp)>,
}

/// Who asked for a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RotationKind {
    Automatic,
    OnDemand,
}

/// How a key rotates by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotation {
    pub period_days: u32,
    pub next_at: Timestamp,
}

/// Something to do with a key at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    pub at: Timestamp,
    pub account: AccountId,
    pub region: Region,
    pub id: String,
}

impl KeyRow {
    /// The key's ARN.
    pub fn arn(&self) -> Arn {
        Arn::regional("kms", &self.region, self.account, format_args!("key/{}", self.id))
    }

    /// What the key is for.
    pub fn usage(&self) -> Usage {
        self.usage.unwrap_or(self.spec.usages()[0])
    }

    /// The key's key in its table.
    pub fn row_key(&self) -> Key {
        row_key(self.account, &self.region, &self.id)
    }

    /// The number of the material that encrypts.
    pub fn current(&self) -> usize {
        self.materials.len().saturating_sub(1)
    }

    /// The key with something to do at a time.
    pub fn due(&self, at: Timestamp) -> Due {
        Due { at, account: self.account, region: self.region.clone(), id: self.id.clone() }
    }

    /// Whether only its service may use it.
    pub fn is_managed(&self) -> bool {
        matches!(self.manager, Manager::Service(_))
    }
}

/// The prefix of an account's keys in a region.
pub fn keys_key(account: AccountId, region: &Region) -> Key {
    key!(account, region)
}

/// The key of a key.
pub fn row_key(account: AccountId, region: &Region, id: &str) -> Key {
    key!(account, region, id)
}

/// The key of a material, counted from zero, of the key with this key.
pub fn material_key(row: &Key, at: usize) -> Key {
    row.clone().with(&number(at as u64))
}

/// The key of something to do: sorted by time.
pub fn due_key(due: &Due) -> Key {
    key!(number(due.at.as_millis().max(0).unsigned_abs()), due.account, due.region, due.id)
}
