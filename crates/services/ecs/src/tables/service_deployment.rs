//! Deployments of services, running and of before: key `account/region/cluster/name/id`.

use gantry_base::Timestamp;
use gantry_ecs_core::service::shift::{Pause, Stage, Way};
use gantry_store::Table;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub const SERVICE_DEPLOYMENTS: Table<ServiceDeployment> = Table::new("ecs.service_deployment", 1);

/// How deployments of a service go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeploymentConfiguration {
    pub minimum_percent: u32,
    pub maximum_percent: u32,
    /// AWS's document of the breaker, with its defaults filled in.
    #[serde(default)]
    pub breaker: Value,
    #[serde(default)]
    pub bake_minutes: Option<u32>,
    /// How they move traffic; none where they roll.
    #[serde(default)]
    pub way: Option<Way>,
    /// AWS's documents of the hooks and alarms.
    #[serde(default)]
    pub hooks: Value,
    #[serde(default)]
    pub alarms: Value,
    /// AWS's document of when a rolling deployment is a success early.
    #[serde(default)]
    pub early: Value,
}

/// A deployment as DescribeServiceDeployments shows it, also when it is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceDeployment {
    pub id: String,
    /// The id in the service's own list.
    pub deployment: String,
    pub target: String,
    #[serde(default)]
    pub sources: Vec<String>,
    pub status: DeploymentStatus,
    #[serde(default)]
    pub status_reason: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(default)]
    pub finished_at: Option<Timestamp>,
    #[serde(default)]
    pub stopped_at: Option<Timestamp>,
    #[serde(default)]
    pub failed: u32,
    #[serde(default)]
    pub threshold: Option<u32>,
    #[serde(default)]
    pub triggered: bool,
    #[serde(default)]
    pub rollback: Option<Rollback>,
    #[serde(flatten)]
    pub configuration: DeploymentConfiguration,
    /// Where it is, or was last.
    #[serde(default)]
    pub stage: Option<Stage>,
    /// Hooks that have begun in that stage.
    #[serde(default)]
    pub pauses: Vec<Pause>,
    /// The shares of production and test traffic of each revision, by its ARN, in thousandths.
    #[serde(default)]
    pub shares: Vec<(String, u32, u32)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rollback {
    pub reason: String,
    pub started_at: Timestamp,
    pub revision: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeploymentStatus {
    InProgress,
    Successful,
    Stopped,
    StopRequested,
    RollbackInProgress,
    RollbackSuccessful,
    RollbackFailed,
}

impl DeploymentStatus {
    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            DeploymentStatus::InProgress => "IN_PROGRESS",
            DeploymentStatus::Successful => "SUCCESSFUL",
            DeploymentStatus::Stopped => "STOPPED",
            DeploymentStatus::StopRequested => "STOP_REQUESTED",
            DeploymentStatus::RollbackInProgress => "ROLLBACK_IN_PROGRESS",
            DeploymentStatus::RollbackSuccessful => "ROLLBACK_SUCCESSFUL",
            DeploymentStatus::RollbackFailed => "ROLLBACK_FAILED",
        }
    }

    /// Whether nothing comes after it.
    pub fn is_final(self) -> bool {
        !matches!(
            self,
            DeploymentStatus::InProgress
                | DeploymentStatus::StopRequested
                | DeploymentStatus::RollbackInProgress
        )
    }
}
