//! Clusters: key `account/region/name`.

use gantry_base::{Tags, Timestamp};
use gantry_store::{Key, Table};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::names::Place;

pub const CLUSTERS: Table<Cluster> = Table::new("ecs.cluster", 1);

/// The key of a cluster.
pub fn key(place: &Place, name: &str) -> Key {
    place.key().with(name)
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cluster {
    pub name: String,
    /// A deleted cluster stays describable as INACTIVE, and comes back when it is created anew.
    pub active: bool,
    pub created_at: Timestamp,
    pub tags: Tags,
    /// AWS's documents of what a cluster carries; nulls where nothing was given.
    #[serde(default)]
    pub settings: Value,
    #[serde(default)]
    pub configuration: Value,
    #[serde(default)]
    pub service_connect_namespace: Option<String>,
    #[serde(default)]
    pub capacity_providers: Vec<String>,
    #[serde(default)]
    pub default_strategy: Vec<StrategyItem>,
    /// What it was created with, to which another creation is held. Rows of before have none.
    #[serde(default)]
    pub creation: Option<Creation>,
}

/// What a cluster was created with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Creation {
    pub tags: Tags,
    pub settings: Value,
    pub configuration: Value,
    pub capacity_providers: Vec<String>,
    pub default_strategy: Vec<StrategyItem>,
}

/// One capacity provider's share of the tasks of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StrategyItem {
    pub provider: String,
    /// Tasks that it gets before weights count.
    pub base: u32,
    pub weight: u32,
}

impl Cluster {
    /// A new cluster without anything.
    pub fn new(name: &str, now: Timestamp) -> Cluster {
        Cluster {
            name: name.to_owned(),
            active: true,
            created_at: now,
            tags: Tags::default(),
            settings: Value::Null,
            configuration: Value::Null,
            service_connect_namespace: None,
            capacity_providers: Vec::new(),
            default_strategy: Vec::new(),
            creation: None,
        }
    }
}

impl Creation {
    /// The creation of a cluster that nobody has changed yet.
    pub fn of(cluster: &Cluster) -> Creation {
        Creation {
            tags: cluster.tags.clone(),
            settings: cluster.settings.clone(),
            configuration: cluster.configuration.clone(),
            capacity_providers: cluster.capacity_providers.clone(),
            default_strategy: cluster.default_strategy.clone(),
        }
    }
}
