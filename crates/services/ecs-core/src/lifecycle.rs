//! A task's life: what is wanted of it, what is known of it, and how reports of its node change that.
//!
//! The control plane wants ([`Life::stop`], [`Life::fail`]); the node knows ([`Life::observe`]). When a node stops a
//! task by itself, what is wanted follows: AWS shows STOPPED as desired from then on.

use gantry_base::Timestamp;
use serde::{Deserialize, Serialize};

use crate::spec::Protocol;
use crate::status::{ContainerStatus, DesiredStatus, HealthStatus, TaskStatus};
use crate::stop::{NodeReason, Stop};

/// Everything that changes in a task after it was accepted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Life {
    desired: DesiredStatus,
    status: TaskStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stop: Option<Stop>,
    #[serde(default)]
    health: HealthStatus,
    containers: Vec<ContainerLife>,
    #[serde(default)]
    times: Times,
    /// No node has it, or will have it again.
    #[serde(default)]
    left_node: bool,
    /// Rises with each change that DescribeTasks shows.
    version: u64,
}

/// When things happened; none = not yet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull_started: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull_stopped: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connected: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_stopped: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopping: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Timestamp>,
}

/// One container of the task, in the order of the definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerLife {
    pub name: String,
    pub status: ContainerStatus,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub runtime_id: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub image_digest: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(default)]
    pub health: HealthStatus,
    /// When its process began, the last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bindings: Vec<Binding>,
}

/// A port of the host that leads to one of the container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    pub bind_ip: String,
    pub container_port: u16,
    pub host_port: u16,
    /// The last ports, of the container and of the host, where the two above begin ranges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range_ends: Option<(u16, u16)>,
    pub protocol: Protocol,
}

/// What a node says of one task.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskReport {
    pub phase: NodePhase,
    pub containers: Vec<ContainerReport>,
    pub reason: Option<(NodeReason, String)>,
    pub health: HealthStatus,
    pub pull_started: Option<Timestamp>,
    pub pull_stopped: Option<Timestamp>,
    pub started: Option<Timestamp>,
    pub execution_stopped: Option<Timestamp>,
    pub stopping: Option<Timestamp>,
    pub stopped: Option<Timestamp>,
}

/// How far a node is with a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NodePhase {
    Pending,
    Running,
    Stopping,
    Deprovisioning,
    Stopped,
}

/// What a node says of one container.
#[derive(Debug, Clone, PartialEq)]
pub struct ContainerReport {
    pub name: String,
    pub status: ContainerStatus,
    pub runtime_id: String,
    pub image_digest: String,
    pub exit_code: Option<i32>,
    pub reason: Option<(NodeReason, String)>,
    pub health: HealthStatus,
    pub started: Option<Timestamp>,
    pub bindings: Vec<Binding>,
}

/// What a change of a life asks of whoever made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing that anybody sees has changed.
    Unchanged,
    Changed,
    /// The node is done with the task: what it holds there is free.
    LeftNode,
}

impl Life {
    /// A task that was just accepted.
    pub fn new<'a>(containers: impl IntoIterator<Item = &'a str>) -> Life {
        let container = |name: &str| ContainerLife {
            name: name.to_owned(),
            status: ContainerStatus::Pending,
            runtime_id: String::new(),
            image_digest: String::new(),
            exit_code: None,
            reason: None,
            health: HealthStatus::Unknown,
            started: None,
            bindings: Vec::new(),
        };
        Life {
            desired: DesiredStatus::Running,
            status: TaskStatus::Provisioning,
            stop: None,
            health: HealthStatus::Unknown,
            containers: containers.into_iter().map(container).collect(),
            times: Times::default(),
            left_node: false,
            version: 1,
        }
    }

    /// What is wanted.
    pub fn desired(&self) -> DesiredStatus {
        self.desired
    }
    /// `lastStatus`.
    pub fn status(&self) -> TaskStatus {
        self.status
    }
    /// Why it stops or has stopped.
    pub fn stop_reason(&self) -> Option<&Stop> {
        self.stop.as_ref()
    }
    /// Worst health of the essential containers that have a check.
    pub fn health(&self) -> HealthStatus {
        self.health
    }
    /// In the order of the definition.
    pub fn containers(&self) -> &[ContainerLife] {
        &self.containers
    }
    /// When things happened.
    pub fn times(&self) -> &Times {
        &self.times
    }
    /// Rises with each visible change.
    pub fn version(&self) -> u64 {
        self.version
    }
    /// Whether it is over for good.
    pub fn is_stopped(&self) -> bool {
        self.status == TaskStatus::Stopped
    }

    fn advance(&mut self, to: TaskStatus) {
        // What comes late and lies behind is known already.
        if let Ok(next) = self.status.advance(to) {
            self.status = next;
        }
    }

    /// Nothing has to be made for it before a node may have it: it begins as PENDING.
    pub fn needs_nothing(&mut self) {
        self.advance(TaskStatus::Pending);
    }

    /// Everything for it is made and its node may start it.
    pub fn launched(&mut self, now: Timestamp) {
        if self.times.connected.is_none() && self.status <= TaskStatus::Pending {
            self.advance(TaskStatus::Pending);
            self.times.connected = Some(now);
            self.version += 1;
        }
    }

    /// Wants it stopped. The first reason stays: one who comes later stops what is stopping.
    pub fn stop(&mut self, stop: Stop, now: Timestamp) -> Outcome {
        if self.desired == DesiredStatus::Stopped {
            return Outcome::Unchanged;
        }
        self.desired = DesiredStatus::Stopped;
        self.stop = Some(stop);
        self.times.stopping.get_or_insert(now);
        self.version += 1;
        Outcome::Changed
    }

    /// Wants it stopped once nothing leads to it any more: until then its containers go on.
    pub fn deactivate(&mut self, stop: Stop, now: Timestamp) -> Outcome {
        let outcome = self.stop(stop, now);
        if outcome == Outcome::Changed {
            self.advance(TaskStatus::Deactivating);
        }
        outcome
    }

    /// Ends a task that no node has: what was made for it is still to be removed.
    pub fn abandon(&mut self, now: Timestamp) -> Outcome {
        if self.left_node {
            return Outcome::Unchanged;
        }
        self.left_node = true;
        self.desired = DesiredStatus::Stopped;
        self.times.stopping.get_or_insert(now);
        self.times.execution_stopped.get_or_insert(now);
        self.advance(TaskStatus::Deprovisioning);
        for container in &mut self.containers {
            container.status = ContainerStatus::Stopped;
        }
        self.version += 1;
        Outcome::LeftNode
    }

    /// Ends a task that can't start, or whose node has lost it.
    pub fn fail(&mut self, stop: Stop, now: Timestamp) -> Outcome {
        self.stop(stop, now);
        self.abandon(now)
    }

    /// Nothing that was made for it is left.
    pub fn deprovisioned(&mut self, now: Timestamp) {
        if self.status != TaskStatus::Stopped {
            self.advance(TaskStatus::Stopped);
            self.times.stopped.get_or_insert(now);
            self.version += 1;
        }
    }

    /// Takes in what the node says. The same report twice changes nothing the second time.
    pub fn observe(&mut self, report: &TaskReport, now: Timestamp) -> Outcome {
        let before = self.clone();
        if self.left_node || self.is_stopped() {
            return Outcome::Unchanged;
        }
        self.take_times(report);
        self.observe_containers(report);
        self.health = report.health;
        let had_started = report.started.is_some() || self.times.started.is_some();
        if let Some((reason, detail)) = &report.reason
            && self.desired == DesiredStatus::Running
            && let Some(stop) = reason.task_stop(detail, had_started)
        {
            self.desired = DesiredStatus::Stopped;
            self.stop = Some(stop);
            self.times.stopping.get_or_insert(report.stopping.unwrap_or(now));
        }
        match report.phase {
            NodePhase::Pending => self.advance(TaskStatus::Pending),
            NodePhase::Running => self.advance(TaskStatus::Running),
            NodePhase::Stopping => self.advance(TaskStatus::Stopping),
            NodePhase::Deprovisioning | NodePhase::Stopped => self.advance(TaskStatus::Deprovisioning),
        }
        if report.phase >= NodePhase::Stopping && self.desired == DesiredStatus::Running {
            // A node that stops without saying why: the exit of its containers is all that is known.
            self.desired = DesiredStatus::Stopped;
            self.stop = NodeReason::EssentialContainerExited.task_stop("", had_started);
            self.times.stopping.get_or_insert(report.stopping.unwrap_or(now));
        }
        if report.phase == NodePhase::Stopped {
            self.left_node = true;
            for container in &mut self.containers {
                container.status = ContainerStatus::Stopped;
            }
            self.version += 1;
            return Outcome::LeftNode;
        }
        if *self == before {
            return Outcome::Unchanged;
        }
        self.version += 1;
        Outcome::Changed
    }

    fn take_times(&mut self, report: &TaskReport) {
        let keep = |known: &mut Option<Timestamp>, said: Option<Timestamp>| {
            if known.is_none() {
                *known = said;
            }
        };
        keep(&mut self.times.pull_started, report.pull_started);
        keep(&mut self.times.pull_stopped, report.pull_stopped);
        keep(&mut self.times.started, report.started);
        keep(&mut self.times.execution_stopped, report.execution_stopped);
        keep(&mut self.times.stopping, report.stopping);
    }

    fn observe_containers(&mut self, report: &TaskReport) {
        for said in &report.containers {
            let Some(known) = self.containers.iter_mut().find(|one| one.name == said.name) else { continue };
            known.status = known.status.max(said.status);
            if !said.runtime_id.is_empty() {
                known.runtime_id.clone_from(&said.runtime_id);
            }
            if !said.image_digest.is_empty() {
                known.image_digest.clone_from(&said.image_digest);
            }
            known.exit_code = said.exit_code.or(known.exit_code);
            if let Some((reason, detail)) = &said.reason {
                known.reason = reason.container_reason(detail).or_else(|| known.reason.take());
            }
            known.health = said.health;
            known.started = said.started.or(known.started);
            if !said.bindings.is_empty() {
                known.bindings.clone_from(&said.bindings);
            }
        }
    }
}
