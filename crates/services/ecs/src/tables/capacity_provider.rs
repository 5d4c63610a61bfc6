//! Capacity providers of users: key `account/region/name`. Fargate's two are in no table.
//!
//! One that was deleted stays to be described as INACTIVE until another of its name is made.

use gantry_base::{Arn, Tags, Timestamp};
use gantry_store::{Key, Scan, StoreError, Table, Tx};
use serde::{Deserialize, Serialize};

use crate::names::Place;

pub const CAPACITY_PROVIDERS: Table<CapacityProvider> = Table::new("ecs.capacity_provider", 1);

/// Instances of clusters that are for tasks together. Its machines join with its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapacityProvider {
    pub name: String,
    pub active: bool,
    pub created_at: Timestamp,
    /// Its Auto Scaling group by name or ARN, as it was given. Nothing makes or ends machines of it here.
    pub auto_scaling_group: String,
    pub managed_scaling: ManagedScaling,
    pub managed_draining: bool,
    #[serde(default)]
    pub tags: Tags,
    /// What became of the last change, in AWS's words, and why.
    #[serde(default)]
    pub update: Option<(String, Option<String>)>,
}

/// The numbers of managed scaling, which is off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagedScaling {
    /// In per cent.
    pub target_capacity: i32,
    pub minimum_step: i32,
    pub maximum_step: i32,
    pub warmup_seconds: i32,
}

impl Default for ManagedScaling {
    /// AWS's defaults.
    fn default() -> Self {
        ManagedScaling { target_capacity: 100, minimum_step: 1, maximum_step: 10_000, warmup_seconds: 300 }
    }
}

/// The ARN of a provider.
pub fn arn(place: &Place, name: &str) -> Arn {
    place.arn(format_args!("capacity-provider/{name}"))
}

/// The key of a provider.
pub fn key(place: &Place, name: &str) -> Key {
    place.key().with(name)
}

/// The provider of that name that is not deleted, guarded against changes.
pub async fn active(tx: &mut Tx, place: &Place, name: &str) -> Result<Option<CapacityProvider>, StoreError> {
    Ok(tx.get(&CAPACITY_PROVIDERS, &key(place, name)).await?.filter(|row| row.active))
}

/// Those that are not deleted, by their names, guarded against changes.
pub async fn all_active(tx: &mut Tx, place: &Place) -> Result<Vec<CapacityProvider>, StoreError> {
    let rows = tx.scan(&CAPACITY_PROVIDERS, &place.key(), Scan::all()).await?;
    Ok(rows.into_iter().map(|(_, row)| row).filter(|row| row.active).collect())
}
