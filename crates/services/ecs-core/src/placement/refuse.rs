//! Why a node can't take a task.

use std::fmt;

use super::Wants;
use super::board::Board;
use crate::spec::{Architecture, Compatibility, Protocol};

/// The first thing that stands in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// None: it was never connected.
    Silent {
        seconds: Option<u64>,
    },
    Draining,
    /// It is no container instance of the cluster.
    NotRegistered,
    /// Another instance was asked for.
    NotAskedFor,
    /// It is of another capacity provider, or of none.
    NotOfProvider {
        provider: String,
    },
    DoesNotServe(Compatibility),
    Architecture {
        has: Architecture,
        wants: Architecture,
    },
    Cpu {
        needs: u32,
        free: u32,
    },
    Memory {
        needs: u32,
        free: u32,
    },
    /// Nodes offer none.
    Gpu {
        needs: u32,
    },
    /// It has no file systems of EFS.
    SharedFiles,
    Port(Protocol, u16),
    AlreadyHasOne {
        group: String,
    },
    /// It does not meet that `memberOf` constraint.
    NotMember {
        expression: String,
    },
}

impl Refusal {
    /// AWS's word for it in `failures`.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::Silent { .. } => "AGENT",
            Refusal::Draining => "INACTIVE",
            Refusal::NotRegistered | Refusal::NotAskedFor => "MISSING",
            Refusal::DoesNotServe(_)
            | Refusal::Architecture { .. }
            | Refusal::SharedFiles
            | Refusal::NotOfProvider { .. } => "ATTRIBUTE",
            Refusal::Cpu { .. } => "RESOURCE:CPU",
            Refusal::Memory { .. } => "RESOURCE:MEMORY",
            Refusal::Gpu { .. } => "RESOURCE:GPU",
            Refusal::Port(..) => "RESOURCE:PORTS",
            Refusal::AlreadyHasOne { .. } => "DistinctInstance placement constraint unsatisfied.",
            Refusal::NotMember { .. } => "MemberOf placement constraint unsatisfied.",
        }
    }

    /// How AWS words it in a service's events, of the container instance that comes closest.
    ///
    /// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html>
    pub fn event(&self) -> String {
        match self {
            Refusal::Cpu { .. } => "has insufficient CPU units available".to_owned(),
            Refusal::Memory { .. } => "has insufficient memory available".to_owned(),
            Refusal::Port(..) => "is already using a port required by your task".to_owned(),
            Refusal::DoesNotServe(_)
            | Refusal::Architecture { .. }
            | Refusal::SharedFiles
            | Refusal::NotOfProvider { .. } => "is missing an attribute required by your task".to_owned(),
            other => format!("encountered error \"{}\"", other.code()),
        }
    }

    /// How far it is from taking the task: a node that only lacks room comes closer than one that may not have it.
    fn distance(&self) -> u8 {
        match self {
            Refusal::Cpu { .. } | Refusal::Memory { .. } | Refusal::Port(..) => 0,
            Refusal::AlreadyHasOne { .. } => 1,
            Refusal::NotMember { .. } => 2,
            Refusal::DoesNotServe(_)
            | Refusal::Architecture { .. }
            | Refusal::SharedFiles
            | Refusal::NotOfProvider { .. }
            | Refusal::Gpu { .. } => 3,
            Refusal::Draining => 4,
            Refusal::Silent { .. } => 5,
            Refusal::NotRegistered | Refusal::NotAskedFor => 6,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Silent { seconds: Some(seconds) } => write!(f, "has been silent for {seconds} s"),
            Refusal::Silent { seconds: None } => f.write_str("has no agent that is connected"),
            Refusal::Draining => f.write_str("is draining"),
            Refusal::NotRegistered => f.write_str("is no container instance of the cluster"),
            Refusal::NotAskedFor => f.write_str("is not the container instance that was asked for"),
            Refusal::NotOfProvider { provider } => write!(f, "is not of the capacity provider {provider}"),
            Refusal::DoesNotServe(launch) => write!(f, "does not serve the launch type {}", launch.as_str()),
            Refusal::Architecture { has, wants } => write!(f, "is {has:?} and the task is for {wants:?}"),
            Refusal::Cpu { needs, free } => write!(f, "has {free} CPU units free and the task needs {needs}"),
            Refusal::Memory { needs, free } => write!(f, "has {free} MiB free and the task needs {needs}"),
            Refusal::Gpu { needs } => write!(f, "has no GPU for tasks and the task needs {needs}"),
            Refusal::SharedFiles => {
                f.write_str("has no file systems of EFS, which are on the control plane's machine")
            }
            Refusal::Port(protocol, port) => write!(f, "has its port {port}/{} taken", protocol.as_str()),
            Refusal::AlreadyHasOne { group } => write!(f, "already has a task of {group}"),
            Refusal::NotMember { expression } => {
                write!(f, "does not meet the memberOf constraint {expression}")
            }
        }
    }
}

/// Every node's refusal, by its id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refusals(pub Vec<(String, Refusal)>);

impl Refusals {
    /// The node that comes closest to taking the task, the first of several, and why it does not.
    pub fn closest(&self) -> Option<&(String, Refusal)> {
        self.0.iter().min_by_key(|(_, refusal)| refusal.distance())
    }
}

impl fmt::Display for Refusals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// More would not be read.
        const SHOWN: usize = 8;
        if self.0.is_empty() {
            return f.write_str("there is no node");
        }
        for (at, (node, refusal)) in self.0.iter().take(SHOWN).enumerate() {
            let separator = if at == 0 { "" } else { "; " };
            write!(f, "{separator}node {node} {refusal}")?;
        }
        match self.0.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

/// What speaks against the node and does not change while tasks of the kind are placed.
pub(super) fn by_rule(board: &Board<'_>, at: usize, wants: &Wants) -> Option<Refusal> {
    let node = &board.snapshot.nodes[at];
    if wants.needs_instance() {
        let Some(instance) = board.instance(at) else { return Some(Refusal::NotRegistered) };
        if wants.instance.as_ref().is_some_and(|asked| *asked != instance.id) {
            return Some(Refusal::NotAskedFor);
        }
        if let Some(provider) = wants.provider.as_ref().filter(|one| !board.is_of_provider(instance, one)) {
            return Some(Refusal::NotOfProvider { provider: provider.clone() });
        }
        if instance.draining {
            return Some(Refusal::Draining);
        }
    }
    if !node.is_heard(board.now) {
        let seconds = node.last_heard.map(|heard| board.now.since(heard).as_secs());
        return Some(Refusal::Silent { seconds });
    }
    if node.draining {
        return Some(Refusal::Draining);
    }
    if !board.takes(at, wants) {
        return Some(match node.serves.contains(&wants.launch) {
            false => Refusal::DoesNotServe(wants.launch),
            true => Refusal::Architecture { has: node.architecture, wants: wants.architecture },
        });
    }
    if wants.shared_files && !node.shared_files {
        return Some(Refusal::SharedFiles);
    }
    board.unmet(at, wants).map(|expression| Refusal::NotMember { expression: expression.to_owned() })
}

/// The first thing that stands in the way of the task on the node.
pub(super) fn check(board: &Board<'_>, at: usize, wants: &Wants) -> Option<Refusal> {
    let free = &board.free[at];
    if let Some(refusal) = by_rule(board, at, wants) {
        return Some(refusal);
    }
    if free.memory_mib < wants.memory_mib {
        return Some(Refusal::Memory { needs: wants.memory_mib, free: free.memory_mib });
    }
    if free.cpu_units < wants.cpu_units {
        return Some(Refusal::Cpu { needs: wants.cpu_units, free: free.cpu_units });
    }
    if wants.gpus > 0 {
        return Some(Refusal::Gpu { needs: wants.gpus });
    }
    if let Some((protocol, port)) = board.taken_port(at, wants) {
        return Some(Refusal::Port(protocol, port));
    }
    if wants.distinct && board.has_of_group(at) {
        return Some(Refusal::AlreadyHasOne { group: wants.group.clone() });
    }
    None
}
