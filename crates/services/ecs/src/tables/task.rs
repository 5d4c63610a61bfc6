//! Tasks: key `account/region/cluster/id`.

use gantry_base::{Tags, Timestamp};
use gantry_ecs_core::lifecycle::Life;
use gantry_ecs_core::overrides::Overrides;
use gantry_store::Table;
use serde::{Deserialize, Serialize};

use crate::names::{Place, TaskName};
use crate::tables::service::ServiceName;

pub const TASKS: Table<Task> = Table::new("ecs.task", 1);

/// A task: what was asked for, where it went, and its life.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Task {
    pub name: TaskName,
    pub family: String,
    pub revision: u32,
    pub launch: LaunchType,
    #[serde(default)]
    pub capacity_provider: Option<String>,
    #[serde(default)]
    pub platform_version: Option<String>,
    pub group: String,
    #[serde(default)]
    pub started_by: Option<String>,
    pub created_at: Timestamp,
    pub overrides: Overrides,
    #[serde(default)]
    pub network: Option<NetworkRequest>,
    #[serde(default)]
    pub tags: Tags,
    #[serde(default)]
    pub cpu_units: Option<u32>,
    #[serde(default)]
    pub memory_mib: Option<u32>,
    #[serde(default)]
    pub ephemeral_storage_gib: Option<u32>,
    #[serde(default)]
    pub enable_execute_command: bool,
    /// In the order of the definition, as are the containers of `life`.
    pub containers: Vec<ContainerFacts>,
    /// The node that has it, once it is placed.
    #[serde(default)]
    pub node: Option<String>,
    /// The last part of its container instance's ARN, for the launch type EC2.
    #[serde(default)]
    pub instance_id: Option<String>,
    #[serde(default)]
    pub zone: Option<String>,
    #[serde(default)]
    pub architecture: Option<String>,
    /// Whether the node has ever told of it: one that it knew and no longer has is lost.
    #[serde(default)]
    pub seen_on_node: bool,
    #[serde(default)]
    pub attachment: Option<Attachment>,
    /// Who writes its logs.
    #[serde(default)]
    pub execution_role: Option<String>,
    /// How long its containers have to end, in seconds, where its service wishes another time than theirs.
    #[serde(default)]
    pub stop_timeout_secs: Option<u32>,
    /// Until then it is not ended by scaling in or by a deployment.
    #[serde(default)]
    pub protected_until: Option<Timestamp>,
    pub life: Life,
}

/// How a task gets its machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum LaunchType {
    Ec2,
    Fargate,
    External,
}

impl LaunchType {
    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            LaunchType::Ec2 => "EC2",
            LaunchType::Fargate => "FARGATE",
            LaunchType::External => "EXTERNAL",
        }
    }

    /// The kind of definition that it needs.
    pub fn compatibility(self) -> gantry_ecs_core::spec::Compatibility {
        match self {
            LaunchType::Ec2 => gantry_ecs_core::spec::Compatibility::Ec2,
            LaunchType::Fargate => gantry_ecs_core::spec::Compatibility::Fargate,
            LaunchType::External => gantry_ecs_core::spec::Compatibility::External,
        }
    }
}

/// The network that an awsvpc task asked for; its subnets and groups were there and in one VPC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkRequest {
    pub subnets: Vec<String>,
    pub security_groups: Vec<String>,
    pub public_ip: bool,
}

/// What DescribeTasks shows of a container beside its life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerFacts {
    /// The last part of its ARN.
    pub id: String,
    pub image: String,
    pub cpu_units: u32,
    #[serde(default)]
    pub memory_mib: Option<u32>,
    #[serde(default)]
    pub memory_reservation_mib: Option<u32>,
}

/// The task's own network interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    pub id: String,
    pub status: AttachmentStatus,
    pub subnet_id: String,
    pub eni_id: String,
    pub mac: String,
    pub private_ipv4: String,
    pub private_dns_name: String,
    #[serde(default)]
    pub public_ipv4: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum AttachmentStatus {
    Precreated,
    Attached,
    Deleted,
}

impl AttachmentStatus {
    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            AttachmentStatus::Precreated => "PRECREATED",
            AttachmentStatus::Attached => "ATTACHED",
            AttachmentStatus::Deleted => "DELETED",
        }
    }
}

impl Task {
    /// Where the task lives.
    pub fn place(&self) -> &Place {
        &self.name.place
    }

    /// The service that it belongs to. Nobody else can have a group of that form.
    pub fn service(&self) -> Option<ServiceName> {
        let name = self.group.strip_prefix("service:")?.to_owned();
        Some(ServiceName { place: self.name.place.clone(), cluster: self.name.cluster.clone(), name })
    }

    /// The id of its interface's attachment: its own in the shape of a uuid, the same each time it is asked for.
    pub fn attachment_id(&self) -> String {
        let id = &self.name.id;
        match [id.get(..8), id.get(8..12), id.get(12..16), id.get(16..20), id.get(20..)] {
            [Some(a), Some(b), Some(c), Some(d), Some(e)] => format!("{a}-{b}-{c}-{d}-{e}"),
            _ => id.clone(),
        }
    }

    /// The ARN of the container instance that it runs on; Fargate shows none.
    pub fn container_instance_arn(&self) -> Option<String> {
        let id = self.instance_id.as_ref()?;
        let arn = self.place().arn(format_args!("container-instance/{}/{id}", self.name.cluster));
        Some(arn.to_string())
    }
}
