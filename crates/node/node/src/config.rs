//! What an agent is told at its start.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

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
    /// Where a task does not say.
    pub image_pull_behavior: PullBehavior,
    /// Most that images have which no task uses.
    pub image_cache_bytes: u64,
    /// True while there is a session with the control plane.
    pub connected: Arc<AtomicBool>,
    /// Where programs on this host may ask what runs on it.
    pub introspection: Option<SocketAddr>,
}

/// When an image that is present is asked for anew, in the words of `ECS_IMAGE_PULL_BEHAVIOR`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PullBehavior {
    /// Always; but what is present serves when the registry does not answer.
    #[default]
    Default,
    /// Always, and without the registry's answer the task does not start.
    Always,
    /// Never, once it was pulled.
    Once,
    /// Never, if it is present.
    PreferCached,
}

impl std::str::FromStr for PullBehavior {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "default" => Ok(PullBehavior::Default),
            "always" => Ok(PullBehavior::Always),
            "once" => Ok(PullBehavior::Once),
            "prefer-cached" => Ok(PullBehavior::PreferCached),
            other => Err(format!("{other:?} is none of default, always, once, prefer-cached")),
        }
    }
}

impl std::fmt::Display for PullBehavior {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            PullBehavior::Default => "default",
            PullBehavior::Always => "always",
            PullBehavior::Once => "once",
            PullBehavior::PreferCached => "prefer-cached",
        })
    }
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
/// What unused images may have unless told otherwise.
pub const IMAGE_CACHE_BYTES: u64 = 20 << 30;
