//! What a task is to run: the meaning of a task definition, with every reference resolved within itself.

use std::collections::BTreeMap;

use gantry_base::Arn;
use serde::{Deserialize, Serialize};

/// A valid task definition, or one with a run's overrides laid over it.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskSpec {
    pub family: String,
    pub network_mode: NetworkMode,
    /// In the order in which the user wrote them.
    pub containers: Vec<ContainerSpec>,
    pub volumes: Vec<VolumeSpec>,
    /// Limit of the whole task; 1024 = one core.
    pub cpu_units: Option<u32>,
    /// Limit of the whole task.
    pub memory_mib: Option<u32>,
    pub task_role: Option<Arn>,
    pub execution_role: Option<Arn>,
    pub pid_mode: PidMode,
    pub ipc_mode: IpcMode,
    pub ephemeral_storage_gib: Option<u32>,
    pub architecture: Architecture,
    pub os_family: OsFamily,
    /// `memberOf` expressions; all must hold.
    pub constraints: Vec<String>,
    /// The launch types for which the definition was asked to be valid.
    pub requires: Vec<Compatibility>,
    /// What the definition asks for and Gantry does not do, each with its field: such a task is not run.
    pub unsupported: Vec<String>,
}

/// A launch type that a definition is valid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Compatibility {
    Ec2,
    Fargate,
    External,
    ManagedInstances,
}

impl Compatibility {
    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Compatibility::Ec2 => "EC2",
            Compatibility::Fargate => "FARGATE",
            Compatibility::External => "EXTERNAL",
            Compatibility::ManagedInstances => "MANAGED_INSTANCES",
        }
    }
    /// Reads AWS's text.
    pub fn parse(text: &str) -> Option<Self> {
        use Compatibility::*;
        [Ec2, Fargate, External, ManagedInstances].into_iter().find(|one| one.as_str() == text)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkMode {
    Awsvpc,
    Bridge,
    Host,
    None,
}

impl NetworkMode {
    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            NetworkMode::Awsvpc => "awsvpc",
            NetworkMode::Bridge => "bridge",
            NetworkMode::Host => "host",
            NetworkMode::None => "none",
        }
    }
}

/// Absent = each container has its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PidMode {
    Private,
    Task,
    Host,
}

/// `Default` leaves it to the runtime: shareable with nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IpcMode {
    Default,
    Task,
    Host,
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Architecture {
    X86_64,
    Arm64,
    /// The definition names none: wherever it lands.
    Any,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OsFamily {
    Linux,
    Windows,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ContainerSpec {
    pub name: String,
    /// As the user wrote it.
    pub image: String,
    pub repository_credentials: Option<String>,
    pub essential: bool,
    /// Starts it again when it ends; none = it ends for good.
    pub restart: Option<RestartPolicy>,
    pub entry_point: Vec<String>,
    pub command: Vec<String>,
    /// In order; a later one of the same name wins.
    pub environment: Vec<(String, String)>,
    /// ARNs of objects in S3 with variables; what `environment` names wins.
    pub environment_files: Vec<String>,
    /// Name of the variable and where its value comes from.
    pub secrets: Vec<(String, String)>,
    pub working_directory: Option<String>,
    pub user: Option<String>,
    pub hostname: Option<String>,
    pub cpu_units: u32,
    pub memory_mib: Option<u32>,
    pub memory_reservation_mib: Option<u32>,
    pub ulimits: Vec<Ulimit>,
    pub depends_on: Vec<Dependency>,
    pub readonly_root_filesystem: bool,
    pub privileged: bool,
    pub security_options: SecurityOptions,
    /// Has loopback alone; in bridge mode.
    pub disable_networking: bool,
    pub gpus: u32,
    pub linux: LinuxParameters,
    pub port_mappings: Vec<PortMapping>,
    pub mounts: Vec<Mount>,
    pub volumes_from: Vec<VolumesFrom>,
    pub links: Vec<String>,
    pub start_timeout_secs: Option<u32>,
    pub stop_timeout_secs: Option<u32>,
    pub health_check: Option<HealthCheck>,
    pub docker_labels: BTreeMap<String, String>,
    pub log: Option<LogConfiguration>,
    pub sysctls: Vec<(String, String)>,
    pub extra_hosts: Vec<(String, String)>,
    pub dns_servers: Vec<String>,
    pub dns_search_domains: Vec<String>,
    pub interactive: bool,
    pub pseudo_terminal: bool,
    /// Whether the tag of the image is pinned to the digest of the first pull of a service's deployment.
    pub version_consistency: bool,
}

/// `restartPolicy`, when it is enabled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestartPolicy {
    /// With these the container is over.
    pub ignored_exit_codes: Vec<i32>,
    /// One that ran shorter than this is not started again.
    pub attempt_period_secs: u32,
}

/// `dockerSecurityOptions`, apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SecurityOptions {
    pub no_new_privileges: bool,
    /// A profile of AppArmor, or `unconfined`.
    pub apparmor: Option<String>,
    /// SELinux's `user:`, `role:`, `type:`, `level:` and `disable`.
    pub labels: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ulimit {
    pub name: String,
    pub soft: i64,
    pub hard: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    pub container: String,
    pub condition: Condition,
}

/// What a container waits for in another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    Start,
    Complete,
    Success,
    Healthy,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LinuxParameters {
    pub capabilities_add: Vec<String>,
    pub capabilities_drop: Vec<String>,
    pub init_process: bool,
    pub shared_memory_mib: Option<u32>,
    pub tmpfs: Vec<Tmpfs>,
    pub max_swap_mib: Option<u32>,
    /// 0 (never swap) to 100.
    pub swappiness: Option<u32>,
    pub devices: Vec<Device>,
}

/// A device of the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    pub host_path: String,
    pub container_path: String,
    /// Of `r`, `w` and `m`, in this order.
    pub permissions: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tmpfs {
    pub container_path: String,
    pub size_mib: u32,
    pub options: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    Tcp,
    Udp,
}

impl Protocol {
    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortMapping {
    pub container_port: u16,
    /// The last port of a `containerPortRange`, which begins with `container_port`.
    pub range_end: Option<u16>,
    /// 0 in bridge mode: the node chooses one.
    pub host_port: u16,
    pub protocol: Protocol,
    pub name: Option<String>,
    /// What Service Connect may take for granted of it: `http`, `http2` or `grpc`.
    pub app_protocol: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    pub volume: String,
    pub container_path: String,
    pub read_only: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VolumesFrom {
    pub container: String,
    pub read_only: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VolumeSpec {
    pub name: String,
    pub source: VolumeSource,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VolumeSource {
    /// A directory that lives as long as the task.
    Scratch,
    /// A path of the host.
    Host(String),
    /// A named directory of the node.
    Docker {
        shared: bool,
        autoprovision: bool,
        driver: String,
        driver_opts: BTreeMap<String, String>,
        labels: BTreeMap<String, String>,
    },
    /// A directory of a file system of EFS.
    Efs {
        file_system: String,
        /// The directory, within the access point's root where there is one.
        root: String,
        access_point: Option<String>,
        /// Whether it is mounted as the task's role.
        iam: bool,
    },
    /// One that Gantry does not have; the definition's `unsupported` names it.
    Unsupported,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthCheck {
    pub command: Vec<String>,
    pub interval_secs: u32,
    pub timeout_secs: u32,
    pub retries: u32,
    pub start_period_secs: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogConfiguration {
    pub driver: String,
    pub options: BTreeMap<String, String>,
    /// Options whose values are secrets: name and where the value comes from.
    pub secret_options: Vec<(String, String)>,
}

impl TaskSpec {
    /// CPU units that a node must have free: the task's, else the sum of its containers'.
    pub fn reserved_cpu_units(&self) -> u32 {
        self.cpu_units.unwrap_or_else(|| self.containers.iter().map(|one| one.cpu_units).sum())
    }

    /// Memory that a node must have free: the task's, else the sum of its containers' soft limits, or hard ones
    /// where a container has no soft one.
    pub fn reserved_memory_mib(&self) -> u32 {
        self.memory_mib.unwrap_or_else(|| {
            let of = |one: &ContainerSpec| one.memory_reservation_mib.or(one.memory_mib).unwrap_or(0);
            self.containers.iter().map(of).fold(0, u32::saturating_add)
        })
    }

    /// The fixed ports of the host that the task takes.
    pub fn host_ports(&self) -> Vec<(Protocol, u16)> {
        if !matches!(self.network_mode, NetworkMode::Bridge | NetworkMode::Host) {
            return Vec::new();
        }
        let mappings = self.containers.iter().flat_map(|one| &one.port_mappings);
        mappings
            .filter(|one| one.host_port != 0)
            .flat_map(|one| {
                let count = one.range_end.map_or(0, |end| end.saturating_sub(one.container_port));
                (one.host_port..=one.host_port.saturating_add(count)).map(|port| (one.protocol, port))
            })
            .collect()
    }

    /// GPUs that a node must have free.
    pub fn reserved_gpus(&self) -> u32 {
        self.containers.iter().map(|one| one.gpus).fold(0, u32::saturating_add)
    }

    /// The container of that name.
    pub fn container(&self, name: &str) -> Option<&ContainerSpec> {
        self.containers.iter().find(|one| one.name == name)
    }
}
