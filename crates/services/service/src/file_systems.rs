//! File systems that tasks mount, as the service that runs tasks sees them.

use std::net::Ipv4Addr;
use std::path::PathBuf;

use async_trait::async_trait;

use crate::cx::Cx;
use crate::failure::Failure;

/// What is to be mounted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedMount {
    pub file_system_id: String,
    pub access_point_id: Option<String>,
    /// The directory that is mounted, within the access point's root where there is one.
    pub path: String,
    /// From where it is mounted; none: from this machine itself, which needs no mount target.
    pub from: Option<MountingFrom>,
}

/// The interface from which a file system is mounted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MountingFrom {
    pub vpc_id: String,
    /// The name of its zone: `us-east-1a`.
    pub zone: String,
    pub address: Ipv4Addr,
    pub security_groups: Vec<String>,
}

/// What a mount shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MountedDirectory {
    /// The directory on this machine.
    pub path: PathBuf,
    /// User and group as which everybody works there; none: as whoever they are.
    pub user: Option<(u32, u32)>,
    /// Whether nothing may be written.
    pub read_only: bool,
    /// Whether root is root there.
    pub root: bool,
}

/// File systems by their ids.
#[async_trait]
pub trait FileSystems: Send + Sync {
    /// What a client sees who mounts a file system in the account and region of the call; its root is made where an
    /// access point says how. `cx`'s caller is the client: a role, or nobody, where it brings none.
    async fn mount(&self, cx: &Cx, wanted: &WantedMount) -> Result<MountedDirectory, Failure>;
}
