//! The states of a task and of its containers, as AWS names them.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html>

use serde::{Deserialize, Serialize};

/// Where a task is in its life. The order of the variants is the order of life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum TaskStatus {
    /// A node and an interface are being found.
    Provisioning,
    /// Handed to a node, which prepares it.
    Pending,
    /// Runs on the node; what must follow before it counts as running is being done.
    Activating,
    Running,
    /// About to stop; what must come before is being done.
    Deactivating,
    /// Containers are being stopped.
    Stopping,
    /// Containers have stopped; what was made for the task is being removed.
    Deprovisioning,
    Stopped,
}

/// A status never goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a task can't go from {from:?} back to {to:?}")]
pub struct Backward {
    pub from: TaskStatus,
    pub to: TaskStatus,
}

impl TaskStatus {
    /// The next status, which is this one or a later one.
    pub fn advance(self, to: TaskStatus) -> Result<TaskStatus, Backward> {
        if to >= self { Ok(to) } else { Err(Backward { from: self, to }) }
    }

    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            TaskStatus::Provisioning => "PROVISIONING",
            TaskStatus::Pending => "PENDING",
            TaskStatus::Activating => "ACTIVATING",
            TaskStatus::Running => "RUNNING",
            TaskStatus::Deactivating => "DEACTIVATING",
            TaskStatus::Stopping => "STOPPING",
            TaskStatus::Deprovisioning => "DEPROVISIONING",
            TaskStatus::Stopped => "STOPPED",
        }
    }

    /// Whether the task has not run yet.
    pub fn is_before_running(self) -> bool {
        self < TaskStatus::Running
    }
}

/// What the control plane wants of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum DesiredStatus {
    Running,
    Stopped,
}

impl DesiredStatus {
    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            DesiredStatus::Running => "RUNNING",
            DesiredStatus::Stopped => "STOPPED",
        }
    }
}

/// Where a container is, as a node knows it. The order of the variants is the order of life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ContainerStatus {
    Pending,
    Pulling,
    Pulled,
    Created,
    Running,
    Stopped,
}

impl ContainerStatus {
    /// As AWS shows it: all before running is PENDING.
    pub fn as_str(self) -> &'static str {
        match self {
            ContainerStatus::Running => "RUNNING",
            ContainerStatus::Stopped => "STOPPED",
            _ => "PENDING",
        }
    }
}

/// What health checks say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum HealthStatus {
    Healthy,
    Unhealthy,
    /// No check, or none has come to an end.
    #[default]
    Unknown,
}

impl HealthStatus {
    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            HealthStatus::Healthy => "HEALTHY",
            HealthStatus::Unhealthy => "UNHEALTHY",
            HealthStatus::Unknown => "UNKNOWN",
        }
    }
}
