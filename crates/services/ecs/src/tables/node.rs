//! Nodes and what they hold.

use std::net::Ipv4Addr;

use gantry_base::Timestamp;
use gantry_ecs_core::DesiredStatus;
use gantry_ecs_core::spec::Protocol;
use gantry_store::Table;
use serde::{Deserialize, Serialize};

use crate::names::TaskName;
use crate::tables::task::LaunchType;

/// Nodes: key `id`.
pub const NODES: Table<Node> = Table::new("ecs.node", 1);
/// What tasks have taken of a node: key `node/account/region/cluster/id`. Small, as placement reads them all.
pub const RESERVATIONS: Table<Reservation> = Table::new("ecs.reservation", 1);
/// What a node is told to run: key `node/account/region/cluster/id`.
pub const ASSIGNMENTS: Table<Assignment> = Table::new("ecs.assignment", 1);
/// The interfaces of tasks, while they are on a node: key `node/account/region/cluster/id`.
pub const INTERFACES: Table<Interface> = Table::new("ecs.interface", 1);
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
    /// Of one that joined: the tasks that it is for. None: this machine's own, for EC2 and FARGATE.
    #[serde(default)]
    pub launch: Option<LaunchType>,
    /// Its number among the nodes, from 1, from which its address in VPCs follows.
    #[serde(default)]
    pub ordinal: u16,
}

impl Node {
    /// Its address within VPCs that are on several nodes.
    pub fn overlay_ipv4(&self) -> Ipv4Addr {
        Ipv4Addr::from(OVERLAY_RANGE + u32::from(self.ordinal))
    }
}

/// The addresses of nodes within VPCs begin at 169.254.128.0, and are as many as ordinals.
const OVERLAY_RANGE: u32 = 0xa9fe_8000;
/// The highest ordinal.
pub const MOST_NODES: u16 = 0x7ffe;

/// The interface of a task, as other nodes need to know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interface {
    pub vpc_id: String,
    pub vpc_cidr: String,
    pub subnet_id: String,
    pub private_ipv4: String,
    #[serde(default)]
    pub public_ipv4: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservation {
    pub cpu_units: u32,
    pub memory_mib: u32,
    #[serde(default)]
    pub host_ports: Vec<(Protocol, u16)>,
    pub group: String,
    /// Its task shall stop.
    #[serde(default)]
    pub leaving: bool,
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
