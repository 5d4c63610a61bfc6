//! Which node runs which task.
//!
//! [`plan`] looks at the nodes as they are and at the tasks that wait, and says for each where it goes or why, node
//! by node, it can't. Tasks that want the same are planned as one: candidates are filtered once, and each placement
//! then costs the logarithm of their number.

mod board;
mod choose;
mod refuse;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use gantry_base::Timestamp;
use serde::{Deserialize, Serialize};

pub use refuse::{Refusal, Refusals};

use crate::spec::{Architecture, Compatibility, Protocol};
use board::Board;

/// A node that has been silent for longer takes no tasks.
pub const SILENCE: std::time::Duration = std::time::Duration::from_secs(20);

/// What placement may look at.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    pub nodes: Vec<Node>,
    /// How many tasks of each group each node has, by the node's index; what is absent is none.
    pub groups: HashMap<String, HashMap<usize, u32>>,
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
    #[serde(default)]
    pub gpus: u32,
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
    let mut board = Board::of(snapshot, now);
    let mut actions = Vec::with_capacity(snapshot.waiting.len());
    for (wants, tasks) in kinds(&snapshot.waiting) {
        place_kind(&mut board, wants, &tasks, &mut actions);
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

fn place_kind<'a>(board: &mut Board<'a>, wants: &'a Wants, tasks: &[usize], actions: &mut Vec<Action>) {
    board.count_group(&wants.group);
    let candidates: Vec<usize> = (0..board.free.len()).filter(|&node| board.fits(node, wants)).collect();
    let mut choice = choose::Choice::new(board, wants, candidates);
    let mut tasks = tasks.iter();
    for &task in tasks.by_ref() {
        let Some(node) = choice.next(&board.snapshot.waiting[task].id) else {
            // Nothing fits any more, and what is left only gets less: one explanation serves all that remain.
            let why = Arc::new(board.refusals(wants));
            actions.push(Action::Refuse { task, why: Arc::clone(&why) });
            actions.extend(tasks.map(|&task| Action::Refuse { task, why: Arc::clone(&why) }));
            return;
        };
        board.take(node, wants);
        actions.push(Action::Place { task, node });
        let still = board.fits(node, wants);
        choice.placed(board, wants, node, still);
    }
}
