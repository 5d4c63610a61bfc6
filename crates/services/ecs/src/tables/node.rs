//! Nodes and what they hold.

use gantry_base::Timestamp;
use gantry_ecs_core::DesiredStatus;
use gantry_ecs_core::spec::Protocol;
use gantry_store::Table;
use serde::{Deserialize, Serialize};

use crate::names::TaskName;

/// Nodes: key `id`.
pub const NODES: Table<Node> = Table::new("ecs.node", 1);
/// What tasks have taken of a node: key `node/account/region/cluster/id`. Small, as placement reads them all.
pub const RESERVATIONS: Table<Reservation> = Table::new("ecs.reservation", 1);
/// What a node is told to run: key `node/account/region/cluster/id`.
pub const ASSIGNMENTS: Table<Assignment> = Table::new("ecs.assignment", 1);
/// How far the output of containers had been stored, as earlier versions kept it: key
/// `account/region/cluster/id/container/output`. Only removed any more; how far it is stands with the events.
pub const LOG_OFFSETS: Table<u64> = Table::new("ecs.log_offset", 1);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    pub hostname: String,
    pub address: String,
    pub cpu_units: u32,
    pub memory_mib: u32,
    pub reserved_ports: Vec<(Protocol, u16)>,
    pub attributes: std::collections::BTreeMap<String, String>,
    pub versions: std::collections::BTreeMap<String, String>,
    pub first_seen: Timestamp,
    pub connected_at: Timestamp,
    /// The last part of the ARN of its container instance.
    pub instance_id: String,
    #[serde(default)]
    pub draining: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservation {
    pub cpu_units: u32,
    pub memory_mib: u32,
    #[serde(default)]
    pub host_ports: Vec<(Protocol, u16)>,
    pub group: String,
}

/// One task of a node's desired set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    pub desired: DesiredStatus,
    /// The node protocol's message, which holds secrets and credentials: sealed, in base64.
    pub sealed: String,
}

/// What a sealed assignment is bound to.
pub fn seal_context(name: &TaskName) -> String {
    format!("ecs.assignment/{}", name.key())
}
