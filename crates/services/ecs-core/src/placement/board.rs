//! What is left of the nodes while a plan is made.
//!
//! Each kind of task looks at every node once, so what it looks at is small and lies together; names have become
//! numbers before.

use std::collections::HashMap;

use gantry_base::Timestamp;

use super::{Refusals, SILENCE, Snapshot, Wants, refuse};
use crate::spec::{Architecture, Compatibility, Protocol};

pub(super) struct Board<'a> {
    pub snapshot: &'a Snapshot,
    pub now: Timestamp,
    pub free: Vec<Free>,
    /// How many different zones there are; each node has the number of its own.
    pub zones: usize,
    /// Tasks of a group on each node, the plan's among them, for groups that were met so far.
    groups: HashMap<&'a str, Vec<u32>>,
}

/// One node.
pub(super) struct Free {
    pub cpu_units: u32,
    pub memory_mib: u32,
    pub tasks: u32,
    pub zone: u32,
    /// Bits of the launch types; none where the node takes no tasks at all.
    serves: u8,
    architecture: Architecture,
    /// Ports that this plan took; those of before are the node's.
    pub ports: Vec<(Protocol, u16)>,
}

fn bit(launch: Compatibility) -> u8 {
    1 << launch as u8
}

impl<'a> Board<'a> {
    pub(super) fn of(snapshot: &'a Snapshot, now: Timestamp) -> Board<'a> {
        let mut zones: HashMap<&str, u32> = HashMap::new();
        let mut free = Vec::with_capacity(snapshot.nodes.len());
        for node in &snapshot.nodes {
            let next = zones.len() as u32;
            let takes_tasks = !node.draining && now.since(node.last_heard) <= SILENCE;
            let serves = node.serves.iter().fold(0, |bits, launch| bits | bit(*launch));
            free.push(Free {
                cpu_units: node.free_cpu_units,
                memory_mib: node.free_memory_mib,
                tasks: node.tasks,
                zone: *zones.entry(&node.zone).or_insert(next),
                serves: if takes_tasks { serves } else { 0 },
                architecture: node.architecture,
                ports: Vec::new(),
            });
        }
        Board { snapshot, now, free, zones: zones.len(), groups: HashMap::new() }
    }

    /// Meets a group: from here on its tasks are counted.
    pub(super) fn count_group(&mut self, group: &'a str) {
        self.groups.entry(group).or_insert_with(|| {
            let mut counts = vec![0; self.free.len()];
            for (&node, &count) in self.snapshot.groups.get(group).into_iter().flatten() {
                if let Some(known) = counts.get_mut(node) {
                    *known = count;
                }
            }
            counts
        });
    }

    /// Tasks of a group that was met, on the node.
    pub(super) fn of_group(&self, node: usize, group: &str) -> u32 {
        self.groups.get(group).map_or(0, |counts| counts[node])
    }

    /// Tasks of a group that was met, on each node.
    pub(super) fn group(&self, group: &str) -> &[u32] {
        self.groups.get(group).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether nothing stands in the way; [`refuse::check`] says what does.
    pub(super) fn fits(&self, node: usize, wants: &Wants) -> bool {
        let free = &self.free[node];
        let fits = free.memory_mib >= wants.memory_mib
            && free.cpu_units >= wants.cpu_units
            && free.serves & bit(wants.launch) != 0
            && (wants.architecture == Architecture::Any || wants.architecture == free.architecture)
            && (wants.host_ports.is_empty() || self.taken_port(node, wants).is_none())
            && !(wants.distinct && self.of_group(node, &wants.group) > 0);
        debug_assert_eq!(fits, refuse::check(self, node, wants).is_none());
        fits
    }

    /// A port that the task wants and another has.
    pub(super) fn taken_port(&self, node: usize, wants: &Wants) -> Option<(Protocol, u16)> {
        let (before, now) = (&self.snapshot.nodes[node].ports, &self.free[node].ports);
        wants.host_ports.iter().find(|port| before.contains(port) || now.contains(port)).copied()
    }

    pub(super) fn take(&mut self, node: usize, wants: &Wants) {
        let free = &mut self.free[node];
        free.cpu_units -= wants.cpu_units;
        free.memory_mib -= wants.memory_mib;
        free.tasks += 1;
        free.ports.extend_from_slice(&wants.host_ports);
        if let Some(counts) = self.groups.get_mut(wants.group.as_str()) {
            counts[node] += 1;
        }
    }

    /// What each node says against the task.
    pub(super) fn refusals(&self, wants: &Wants) -> Refusals {
        let nodes = self.snapshot.nodes.iter().enumerate();
        Refusals(
            nodes.filter_map(|(at, node)| Some((node.id.clone(), refuse::check(self, at, wants)?))).collect(),
        )
    }
}
