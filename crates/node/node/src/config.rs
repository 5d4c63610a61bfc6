//! What an agent is told at its start.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use gantry_node_proto::tls::Material;

#[derive(Debug, Clone)]
pub struct Config {
    /// The name in the node's certificate.
    pub node_id: String,
    pub hostname: String,
    /// By which other nodes reach this one.
    pub address: String,
    /// For the ledger, volumes and unsent output; owned by this agent alone.
    pub data_dir: PathBuf,
    /// "https://127.0.0.1:4568", or "http://..." without `tls`.
    pub control: String,
    pub tls: Option<Material>,
    /// Where tasks are led to from 169.254.170.2:4566: Gantry's endpoint, as this host reaches it.
    pub endpoint: SocketAddr,
    pub capacity: Capacity,
    /// As ECS names them.
    pub attributes: BTreeMap<String, String>,
    pub versions: BTreeMap<String, String>,
    /// Most unsent output that is kept on disk for one container's stream; what is older is dropped, and said so.
    pub log_backlog_bytes: u64,
}

#[derive(Debug, Clone, Default)]
pub struct Capacity {
    pub cpu_units: u32,
    pub memory_bytes: u64,
    pub reserved_tcp_ports: Vec<u16>,
    pub reserved_udp_ports: Vec<u16>,
}

/// What is kept of unsent output unless told otherwise.
pub const LOG_BACKLOG_BYTES: u64 = 256 * 1024 * 1024;
