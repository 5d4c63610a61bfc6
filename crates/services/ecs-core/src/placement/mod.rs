//! Which node runs which task.
//!
//! [`plan`] looks at the nodes as they are and at the tasks that wait, and says for each where it goes or why, node
//! by node, it can't. Tasks that want the same are planned as one: candidates are filtered once, and each placement
//! then costs the logarithm of their number.

mod choose;
mod refuse;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use gantry_base::Timestamp;
use serde::{Deserialize, Serialize};

pub use refuse::{Refusal, Refusals};

use crate::spec::{Architecture, Compatibility, Protocol};

/// A node that has been silent for longer takes no tasks.
pub const SILENCE: std::time::Duration = std::time::Duration::from_secs(20);

/// What placement may look at.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    pub nodes: Vec<Node>,
    /// In the order in which they came.
    pub waiting: Vec<Waiting>,
}

/// One node, and what it has left.
#[derive(Debug, Clone)]
pub struct Node {
    pub id: String,
    pub zone: String,
    pub architecture: Architecture,
    /// Launch types that it serves.
    pub serves: Vec<Compatibility>,
    /// Takes no new tasks, by its operator's will.
    pub draining: bool,
    pub last_heard: Timestamp,
    pub free_cpu_units: u32,
    pub free_memory_mib: u32,
    /// Ports of the host that are taken.
    pub ports: HashSet<(Protocol, u16)>,
    /// How many tasks it has.
    pub tasks: u32,
    /// How many it has of each group; groups without a task on it are absent.
    pub group_tasks: BTreeMap<String, u32>,
}

/// One task that waits for a node.
#[derive(Debug, Clone)]
pub struct Waiting {
    pub id: String,
    pub wants: Arc<Wants>,
}

/// What a task needs of a node. Tasks of one run share it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Wants {
    pub launch: Compatibility,
    pub architecture: Architecture,
    pub cpu_units: u32,
    pub memory_mib: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub host_ports: Vec<(Protocol, u16)>,
    pub group: String,
    /// At most one task of the group on each node.
    #[serde(default)]
    pub distinct: bool,
    /// Empty: the least loaded node.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strategy: Vec<Strategy>,
}

/// How to choose among nodes that fit; an earlier one in the list weighs more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Strategy {
    Random,
    SpreadOverZones,
    SpreadOverNodes,
    BinpackCpu,
    BinpackMemory,
}

/// What to do about one task; indices are the snapshot's.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    Place { task: usize, node: usize },
    Refuse { task: usize, why: Arc<Refusals> },
}

/// Where each waiting task goes, in their order within each kind.
pub fn plan(snapshot: &Snapshot, now: Timestamp) -> Vec<Action> {
    let mut free: Vec<Free> = snapshot.nodes.iter().map(Free::of).collect();
    let mut actions = Vec::with_capacity(snapshot.waiting.len());
    for (wants, tasks) in kinds(&snapshot.waiting) {
        place_kind(snapshot, &mut free, wants, &tasks, now, &mut actions);
    }
    actions
}

/// Tasks that want the same, in the order in which the first of each kind came. The same `Arc` is known as such
/// without looking into it.
fn kinds(waiting: &[Waiting]) -> Vec<(&Wants, Vec<usize>)> {
    let mut by_address: HashMap<*const Wants, usize> = HashMap::new();
    let mut by_value: HashMap<&Wants, usize> = HashMap::new();
    let mut kinds: Vec<(&Wants, Vec<usize>)> = Vec::new();
    for (at, one) in waiting.iter().enumerate() {
        let kind = *by_address.entry(Arc::as_ptr(&one.wants)).or_insert_with(|| {
            *by_value.entry(&one.wants).or_insert_with(|| {
                kinds.push((&one.wants, Vec::new()));
                kinds.len() - 1
            })
        });
        kinds[kind].1.push(at);
    }
    kinds
}

/// What is left of a node while the plan is made.
pub(crate) struct Free {
    cpu_units: u32,
    memory_mib: u32,
    tasks: u32,
    /// Ports that this plan took; those of before are the node's.
    ports: Vec<(Protocol, u16)>,
    /// Tasks of each group that this plan placed here.
    placed: Vec<(String, u32)>,
}

impl Free {
    fn of(node: &Node) -> Free {
        Free {
            cpu_units: node.free_cpu_units,
            memory_mib: node.free_memory_mib,
            tasks: node.tasks,
            ports: Vec::new(),
            placed: Vec::new(),
        }
    }

    fn of_group(&self, node: &Node, group: &str) -> u32 {
        let before = node.group_tasks.get(group).copied().unwrap_or(0);
        before + self.placed.iter().find(|(name, _)| name == group).map_or(0, |(_, count)| *count)
    }

    fn take(&mut self, wants: &Wants) {
        self.cpu_units -= wants.cpu_units;
        self.memory_mib -= wants.memory_mib;
        self.tasks += 1;
        self.ports.extend_from_slice(&wants.host_ports);
        match self.placed.iter_mut().find(|(name, _)| *name == wants.group) {
            Some((_, count)) => *count += 1,
            None => self.placed.push((wants.group.clone(), 1)),
        }
    }
}

fn place_kind(
    snapshot: &Snapshot,
    free: &mut [Free],
    wants: &Wants,
    tasks: &[usize],
    now: Timestamp,
    actions: &mut Vec<Action>,
) {
    let fits =
        |node: usize, free: &[Free]| refuse::check(&snapshot.nodes[node], &free[node], wants, now).is_none();
    let candidates: Vec<usize> = (0..snapshot.nodes.len()).filter(|&node| fits(node, free)).collect();
    let mut choice = choose::Choice::new(snapshot, free, wants, candidates);
    let mut tasks = tasks.iter();
    for &task in tasks.by_ref() {
        let Some(node) = choice.next(snapshot, free, wants, &snapshot.waiting[task].id) else {
            // Nothing fits any more, and what is left only gets less: one explanation serves all that remain.
            let why = Arc::new(Refusals::of(snapshot, free, wants, now));
            actions.push(Action::Refuse { task, why: Arc::clone(&why) });
            actions.extend(tasks.map(|&task| Action::Refuse { task, why: Arc::clone(&why) }));
            return;
        };
        free[node].take(wants);
        actions.push(Action::Place { task, node });
        let still = fits(node, free);
        choice.placed(snapshot, free, wants, node, still);
    }
}
