//! What the node knows of a task: what it did, and what it saw.

use std::net::Ipv4Addr;

use gantry_base::Timestamp;
use gantry_node_proto::v1;
use serde::{Deserialize, Serialize};

use crate::wish::{Container, Task};

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Known {
    /// In the order of the task definition.
    pub containers: Vec<KnownContainer>,
    pub network_attached_at: Option<Timestamp>,
    /// In the host's network: the port of loopback at which the task finds its metadata and credentials.
    #[serde(default)]
    pub endpoint_port: Option<u16>,
    /// The first of the host's users that are the task's own, if it has them.
    #[serde(default)]
    pub first_user: Option<u32>,
    pub pull_started_at: Option<Timestamp>,
    pub pull_stopped_at: Option<Timestamp>,
    /// When the last container had started.
    pub started_at: Option<Timestamp>,
    /// When the first essential container had ended.
    pub execution_stopped_at: Option<Timestamp>,
    /// Set once, when it is decided that the task ends.
    pub stop: Option<Stop>,
    /// When nothing of the task was left.
    pub stopped_at: Option<Timestamp>,
    /// The interface and its rules are as they shall be, in this run of the agent.
    #[serde(skip)]
    pub network: bool,
    /// The engine has the task's group, in this run of the agent.
    #[serde(skip)]
    pub group: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stop {
    pub reason: Reason,
    pub at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    pub code: Code,
    /// One sentence for the user, without the code's name.
    pub detail: String,
    pub container: Option<String>,
}

/// The codes of the protocol, by their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Code {
    StopDesired,
    EssentialContainerExited,
    CannotPullContainer,
    CannotCreateContainer,
    CannotStartContainer,
    ResourceInitialization,
    OutOfMemory,
    DependencyFailed,
    ContainerLost,
    NotSupported,
    RuntimeTimeout,
}

impl From<Code> for v1::ReasonCode {
    fn from(code: Code) -> Self {
        match code {
            Code::StopDesired => Self::StopDesired,
            Code::EssentialContainerExited => Self::EssentialContainerExited,
            Code::CannotPullContainer => Self::CannotPullContainer,
            Code::CannotCreateContainer => Self::CannotCreateContainer,
            Code::CannotStartContainer => Self::CannotStartContainer,
            Code::ResourceInitialization => Self::ResourceInitialization,
            Code::OutOfMemory => Self::OutOfMemory,
            Code::DependencyFailed => Self::DependencyFailed,
            Code::ContainerLost => Self::ContainerLost,
            Code::NotSupported => Self::NotSupported,
            Code::RuntimeTimeout => Self::RuntimeTimeout,
        }
    }
}

impl Reason {
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), container: None }
    }

    pub fn of(self, container: &str) -> Self {
        Self { container: Some(container.to_owned()), ..self }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct KnownContainer {
    pub status: Status,
    /// "sha256:..." of what the reference meant.
    pub image_digest: String,
    pub image_id: String,
    /// Where the image wants a volume.
    #[serde(default)]
    pub volumes: Vec<String>,
    /// The image's stop signal; empty = SIGTERM.
    pub stop_signal: String,
    /// On the host's bridge.
    #[serde(default)]
    pub address: Option<Ipv4Addr>,
    #[serde(default)]
    pub ports: Vec<Bound>,
    pub exit_code: Option<i32>,
    pub reason: Option<Reason>,
    pub created_at: Option<Timestamp>,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    pub asked_to_stop_at: Option<Timestamp>,
    pub killed_at: Option<Timestamp>,
    pub health: Health,
    #[serde(default)]
    pub health_since: Option<Timestamp>,
    /// Of the last check, if it ran.
    #[serde(default)]
    pub health_exit_code: Option<i32>,
    #[serde(default)]
    pub health_output: String,
    /// How often it was decided to start it again.
    #[serde(default)]
    pub restarts: u32,
    /// It was decided, and its process is not made anew yet.
    #[serde(default)]
    pub renewing: bool,
}

/// Ports of the host that lead to the container's: one, or `count` from there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bound {
    pub udp: bool,
    pub container_port: u16,
    pub host_port: u16,
    pub count: u16,
    /// It was asked for as a range.
    pub range: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Status {
    #[default]
    Pending,
    Pulled,
    Created,
    Running,
    Stopped,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Health {
    #[default]
    Unknown,
    Starting,
    Healthy,
    Unhealthy,
}

impl KnownContainer {
    /// Its process ran, at whatever time.
    pub fn has_started(&self) -> bool {
        self.started_at.is_some()
    }

    /// It has ended, and its restart policy has it start again.
    pub fn starts_again(&self, wanted: &Container) -> bool {
        if self.status != Status::Stopped {
            return false;
        }
        if self.renewing {
            return true;
        }
        let (Some(policy), Some(code)) = (&wanted.restart, self.exit_code) else { return false };
        let (Some(started), Some(finished)) = (self.started_at, self.finished_at) else { return false };
        !policy.ignored_exit_codes.contains(&code) && finished.since(started) >= policy.attempt_period
    }

    /// Between two runs of its process: to others it runs all the time.
    pub fn is_between_runs(&self, wanted: &Container) -> bool {
        self.starts_again(wanted) || (self.restarts > 0 && self.status < Status::Running)
    }

    /// It will never run (again), because of `reason`.
    pub fn fail(&mut self, reason: Reason) {
        self.status = Status::Stopped;
        self.reason = Some(reason);
    }
}

impl Known {
    pub fn new(containers: usize) -> Self {
        Self { containers: vec![KnownContainer::default(); containers], ..Self::default() }
    }

    pub fn any_running(&self) -> bool {
        self.containers.iter().any(|container| container.status == Status::Running)
    }

    /// Decides that the task ends; the first reason stays.
    pub fn end(&mut self, reason: Reason, now: Timestamp) {
        if self.stop.is_none() {
            self.stop = Some(Stop { reason, at: now });
        }
    }

    /// Sets the times that follow from what the containers are.
    pub fn settle(&mut self, task: &Task, now: Timestamp) {
        let containers = || self.containers.iter();
        if self.started_at.is_none()
            && !self.containers.is_empty()
            && containers().zip(&task.containers).all(|(known, wanted)| {
                // One that is not essential and can't start keeps the task from nothing.
                known.has_started() || (!wanted.essential && known.status == Status::Stopped)
            })
            && containers().any(KnownContainer::has_started)
        {
            let last = containers().filter_map(|it| it.started_at).max();
            self.started_at = last.or(Some(now));
        }
        if self.execution_stopped_at.is_none() {
            self.execution_stopped_at = containers()
                .zip(&task.containers)
                .filter(|(known, wanted)| wanted.essential && known.status == Status::Stopped)
                .filter(|(known, wanted)| self.stop.is_some() || !known.starts_again(wanted))
                .filter_map(|(known, _)| known.finished_at)
                .min();
        }
    }
}
