//! Container instances: key `account/region/cluster/id`; and which of them a node is: key
//! `node/account/region/cluster`.
//!
//! A node can be one in each of many clusters. One that was deregistered stays to be described, and keeps the node
//! from coming back by itself.

use std::collections::BTreeMap;

use gantry_base::{Arn, Tags, Timestamp};
use gantry_store::{Key, Scan, StoreError, Table, Tx, key};
use serde::{Deserialize, Serialize};

use crate::names::Place;
use crate::tables::cluster;

pub const CONTAINER_INSTANCES: Table<ContainerInstance> = Table::new("ecs.container_instance", 1);
pub const MEMBERSHIPS: Table<Membership> = Table::new("ecs.membership", 1);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContainerInstance {
    /// 32 hexadecimal digits.
    pub id: String,
    pub cluster: String,
    /// Gantry's node that it is; none where somebody else's agent registered it.
    #[serde(default)]
    pub node: Option<String>,
    #[serde(default)]
    pub ec2_instance_id: Option<String>,
    pub status: Status,
    /// It came with the first task, or with the default cluster, and goes with its cluster.
    #[serde(default)]
    pub by_itself: bool,
    pub registered_at: Timestamp,
    /// The provider whose tasks it is for as well.
    #[serde(default)]
    pub capacity_provider: Option<String>,
    /// Given at registration or later by PutAttributes; an empty value is none.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
    /// What another's agent said that it has.
    #[serde(default)]
    pub resources: Resources,
    /// The same of its versions: agent and container runtime.
    #[serde(default)]
    pub versions: (String, String),
    #[serde(default)]
    pub tags: Tags,
    /// Rises with each change.
    pub version: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    Active,
    /// Takes no new tasks.
    Draining,
    /// Deregistered.
    Inactive,
}

impl Status {
    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Active => "ACTIVE",
            Status::Draining => "DRAINING",
            Status::Inactive => "INACTIVE",
        }
    }
}

/// What a machine has for tasks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resources {
    pub cpu_units: u32,
    pub memory_mib: u32,
    /// Ports that are taken.
    pub tcp_ports: Vec<u16>,
    pub udp_ports: Vec<u16>,
}

/// What a node is in a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    pub instance: String,
    /// False once it was deregistered.
    pub active: bool,
}

impl ContainerInstance {
    /// Its name for the rest of the world.
    pub fn arn(&self, place: &Place) -> Arn {
        arn(place, &self.cluster, &self.id)
    }

    /// Whether it is registered.
    pub fn is_registered(&self) -> bool {
        self.status != Status::Inactive
    }

    /// Writes it as changed.
    pub fn put(&mut self, tx: &mut Tx, place: &Place) {
        self.version += 1;
        tx.put(&CONTAINER_INSTANCES, &key(place, &self.cluster, &self.id), self);
    }
}

/// The ARN of an instance.
pub fn arn(place: &Place, cluster: &str, id: &str) -> Arn {
    place.arn(format_args!("container-instance/{cluster}/{id}"))
}

/// The key of an instance.
pub fn key(place: &Place, cluster: &str, id: &str) -> Key {
    cluster::key(place, cluster).with(id)
}

/// The key of what a node is in a cluster.
pub fn membership_key(node: &str, place: &Place, cluster: &str) -> Key {
    key!(node, place.account, place.region, cluster)
}

/// The registered instances of a cluster, in the order of their ids.
pub async fn of_cluster(
    tx: &mut Tx,
    place: &Place,
    cluster: &str,
) -> Result<Vec<ContainerInstance>, StoreError> {
    let rows = tx.peek_scan(&CONTAINER_INSTANCES, &cluster::key(place, cluster), Scan::all()).await?;
    Ok(rows.into_iter().map(|(_, row)| row).filter(ContainerInstance::is_registered).collect())
}
