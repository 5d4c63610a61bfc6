//! Why tasks and containers stop, in AWS's words.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html>

use serde::{Deserialize, Serialize};

/// AWS's classes of reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum StopCode {
    TaskFailedToStart,
    EssentialContainerExited,
    UserInitiated,
    ServiceSchedulerInitiated,
    InfrastructureHealth,
}

impl StopCode {
    /// As AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            StopCode::TaskFailedToStart => "TaskFailedToStart",
            StopCode::EssentialContainerExited => "EssentialContainerExited",
            StopCode::UserInitiated => "UserInitiated",
            StopCode::ServiceSchedulerInitiated => "ServiceSchedulerInitiated",
            StopCode::InfrastructureHealth => "InfrastructureHealth",
        }
    }
}

/// Why a task stops: the class, and the sentence that users see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    pub code: StopCode,
    pub reason: String,
}

/// Longest `stoppedReason` and container `reason`, in characters, as in AWS.
pub const MAX_REASON_CHARACTERS: usize = 1024;
/// Longest reason of a container.
pub const MAX_CONTAINER_REASON_CHARACTERS: usize = 1024;

impl Stop {
    fn new(code: StopCode, reason: impl Into<String>) -> Stop {
        Stop { code, reason: cut(&reason.into(), MAX_REASON_CHARACTERS) }
    }

    /// A user stopped it, and may have said why.
    pub fn by_user(reason: Option<&str>) -> Stop {
        let reason = reason.filter(|text| !text.is_empty()).unwrap_or("Task stopped by user");
        Stop::new(StopCode::UserInitiated, reason)
    }

    /// Its container instance was deregistered by force.
    pub fn deregistered() -> Stop {
        Stop::new(StopCode::UserInitiated, "Container instance deregistration forced by user")
    }

    /// Its service has no use for it any more.
    pub fn by_service(deployment: &str) -> Stop {
        let reason = format!("Scaling activity initiated by (deployment {deployment})");
        Stop::new(StopCode::ServiceSchedulerInitiated, reason)
    }

    /// A load balancer finds it unhealthy.
    pub fn failed_health_checks(target_group: &str) -> Stop {
        let reason = format!("Task failed ELB health checks in (target-group {target_group})");
        Stop::new(StopCode::ServiceSchedulerInitiated, reason)
    }

    /// Its own health checks fail.
    pub fn failed_container_health_checks() -> Stop {
        Stop::new(StopCode::ServiceSchedulerInitiated, "Task failed container health checks")
    }

    /// What the task needs before it can start can't be had.
    pub fn resource_initialization(detail: &str) -> Stop {
        Stop::new(StopCode::TaskFailedToStart, format!("ResourceInitializationError: {detail}"))
    }

    /// An image can't be had, as is clear before a node tries.
    pub fn cannot_pull(detail: &str) -> Stop {
        Stop::new(StopCode::TaskFailedToStart, format!("CannotPullContainerError: {detail}"))
    }

    /// No node took it within the time that it may wait.
    pub fn no_capacity(detail: &str) -> Stop {
        let reason = "Capacity is unavailable at this time. Please try again later or in a different availability zone";
        let separator = if detail.is_empty() { "" } else { ": " };
        Stop::new(StopCode::TaskFailedToStart, format!("{reason}{separator}{detail}"))
    }

    /// The node that ran it has not been heard for too long, or was removed.
    pub fn node_gone(node: &str) -> Stop {
        Stop::new(
            StopCode::InfrastructureHealth,
            format!("The node {node} that the task was placed on is gone."),
        )
    }

    /// The node that ran it no longer has it.
    pub fn lost_by_node(had_started: bool) -> Stop {
        let code = if had_started { StopCode::InfrastructureHealth } else { StopCode::TaskFailedToStart };
        Stop::new(code, "The node that the task was placed on no longer has it.")
    }
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((at, _)) => text[..at].to_owned(),
    }
}

/// The error's name and what is known of it, which may be nothing.
fn with_detail(name: &str, detail: &str) -> String {
    match detail.trim_end_matches([' ', ':']) {
        "" => name.to_owned(),
        detail => format!("{name}: {detail}"),
    }
}

/// Why a node gave up on a task or container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NodeReason {
    StopDesired,
    EssentialContainerExited,
    HealthCheckFailed,
    CannotPullContainer,
    CannotCreateContainer,
    CannotStartContainer,
    CannotStopContainer,
    ResourceInitialization,
    OutOfMemory,
    DependencyFailed,
    ContainerLost,
    NotSupported,
    RuntimeTimeout,
}

impl NodeReason {
    /// The error's name, as AWS puts it before the detail.
    fn error_name(self) -> Option<&'static str> {
        match self {
            NodeReason::CannotPullContainer => Some("CannotPullContainerError"),
            NodeReason::CannotCreateContainer | NodeReason::NotSupported => {
                Some("CannotCreateContainerError")
            }
            NodeReason::CannotStartContainer | NodeReason::DependencyFailed => {
                Some("CannotStartContainerError")
            }
            NodeReason::CannotStopContainer => Some("CannotStopContainerError"),
            NodeReason::ResourceInitialization => Some("ResourceInitializationError"),
            NodeReason::OutOfMemory => Some("OutOfMemoryError"),
            NodeReason::RuntimeTimeout => Some("ContainerRuntimeTimeoutError"),
            NodeReason::ContainerLost => Some("ContainerRuntimeError"),
            NodeReason::StopDesired
            | NodeReason::EssentialContainerExited
            | NodeReason::HealthCheckFailed => None,
        }
    }

    /// The task's stop. `None` where the control plane asked for it and already knows why.
    pub fn task_stop(self, detail: &str, had_started: bool) -> Option<Stop> {
        let failed = |name: &str| Some(Stop::new(StopCode::TaskFailedToStart, with_detail(name, detail)));
        match self {
            NodeReason::StopDesired => None,
            // AWS tells of memory at the container; the task's sentence is that of any essential exit.
            NodeReason::EssentialContainerExited
            | NodeReason::OutOfMemory
            | NodeReason::CannotStopContainer => {
                Some(Stop::new(StopCode::EssentialContainerExited, "Essential container in task exited"))
            }
            NodeReason::HealthCheckFailed => {
                Some(Stop::new(StopCode::EssentialContainerExited, "Task failed container health checks"))
            }
            NodeReason::ContainerLost if had_started => {
                Some(Stop::new(StopCode::EssentialContainerExited, "Essential container in task exited"))
            }
            NodeReason::CannotPullContainer
            | NodeReason::CannotCreateContainer
            | NodeReason::CannotStartContainer
            | NodeReason::ResourceInitialization
            | NodeReason::DependencyFailed
            | NodeReason::ContainerLost
            | NodeReason::RuntimeTimeout
            | NodeReason::NotSupported => failed(self.error_name().unwrap_or("TaskFailedToStart")),
        }
    }

    /// The container's `reason`; none where its exit code says it all.
    pub fn container_reason(self, detail: &str) -> Option<String> {
        let name = self.error_name()?;
        let text = match self {
            NodeReason::OutOfMemory => format!("{name}: Container killed due to memory usage"),
            _ => with_detail(name, detail),
        };
        Some(cut(&text, MAX_CONTAINER_REASON_CHARACTERS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_does_not_end_in_nothing() {
        let said = |detail: &str| NodeReason::CannotStartContainer.task_stop(detail, false).unwrap().reason;
        assert_eq!(said("no such file"), "CannotStartContainerError: no such file");
        assert_eq!(said("runc did not end: "), "CannotStartContainerError: runc did not end");
        assert_eq!(said(""), "CannotStartContainerError");
        let container = NodeReason::ContainerLost.container_reason(": ");
        assert_eq!(container.as_deref(), Some("ContainerRuntimeError"));
    }
}
