//! Why a node can't take a task.

use std::fmt;

use super::board::Board;
use super::{SILENCE, Wants};
use crate::spec::{Architecture, Compatibility, Protocol};

/// The first thing that stands in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    Silent {
        seconds: u64,
    },
    Draining,
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
    Port(Protocol, u16),
    AlreadyHasOne {
        group: String,
    },
}

impl Refusal {
    /// AWS's word for it in `failures`.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::Silent { .. } => "AGENT",
            Refusal::Draining => "INACTIVE",
            Refusal::DoesNotServe(_) | Refusal::Architecture { .. } => "ATTRIBUTE",
            Refusal::Cpu { .. } => "RESOURCE:CPU",
            Refusal::Memory { .. } => "RESOURCE:MEMORY",
            Refusal::Gpu { .. } => "RESOURCE:GPU",
            Refusal::Port(..) => "RESOURCE:PORTS",
            Refusal::AlreadyHasOne { .. } => "MemberOf placement constraint unsatisfied.",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Silent { seconds } => write!(f, "has been silent for {seconds} s"),
            Refusal::Draining => f.write_str("is draining"),
            Refusal::DoesNotServe(launch) => write!(f, "does not serve the launch type {}", launch.as_str()),
            Refusal::Architecture { has, wants } => write!(f, "is {has:?} and the task is for {wants:?}"),
            Refusal::Cpu { needs, free } => write!(f, "has {free} CPU units free and the task needs {needs}"),
            Refusal::Memory { needs, free } => write!(f, "has {free} MiB free and the task needs {needs}"),
            Refusal::Gpu { needs } => write!(f, "has no GPU for tasks and the task needs {needs}"),
            Refusal::Port(protocol, port) => write!(f, "has its port {port}/{} taken", protocol.as_str()),
            Refusal::AlreadyHasOne { group } => write!(f, "already has a task of {group}"),
        }
    }
}

/// Every node's refusal, by its id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refusals(pub Vec<(String, Refusal)>);

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

/// The first thing that stands in the way of the task on the node.
pub(super) fn check(board: &Board<'_>, at: usize, wants: &Wants) -> Option<Refusal> {
    let (node, free) = (&board.snapshot.nodes[at], &board.free[at]);
    let silent = board.now.since(node.last_heard);
    if silent > SILENCE {
        return Some(Refusal::Silent { seconds: silent.as_secs() });
    }
    if node.draining {
        return Some(Refusal::Draining);
    }
    if !node.serves.contains(&wants.launch) {
        return Some(Refusal::DoesNotServe(wants.launch));
    }
    if wants.architecture != Architecture::Any && wants.architecture != node.architecture {
        return Some(Refusal::Architecture { has: node.architecture, wants: wants.architecture });
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
    if wants.distinct && board.of_group(at, &wants.group) > 0 {
        return Some(Refusal::AlreadyHasOne { group: wants.group.clone() });
    }
    None
}
