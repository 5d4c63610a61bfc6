//! The choice among nodes that fit, by strategy.
//!
//! Spreading over zones or attributes makes a tree: each level parts the candidates and prefers the part that has the fewest tasks
//! of the group. A leaf is a heap of nodes by what is left of the strategy.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use super::board::Board;
use super::{Strategy, Wants};

/// Candidates for one kind of task. Call `next`, place there, then `placed`.
pub(super) enum Choice {
    /// Those with room stand before `left`; the task's id chooses.
    Random {
        nodes: Vec<usize>,
        left: usize,
    },
    Ordered {
        root: Part,
        way: Vec<Step>,
    },
}

/// One part of the candidates.
pub(super) enum Part {
    /// Tasks of the group in each child, fewest first; children by index.
    Spread { order: BinaryHeap<Reverse<(u32, usize)>>, children: Vec<Part> },
    /// Nodes by score, lowest first.
    Nodes { order: BinaryHeap<Reverse<(Score, usize)>> },
}

/// Which child a part chose, and how many tasks of the group that had.
pub(super) struct Step {
    child: usize,
    count: u32,
}

type Score = (u32, u32, u32);

impl Choice {
    pub(super) fn new(board: &Board<'_>, wants: &Wants, candidates: Vec<usize>) -> Choice {
        if wants.strategy.first() == Some(&Strategy::Random) {
            let left = candidates.len();
            return Choice::Random { nodes: candidates, left };
        }
        Choice::Ordered { root: part(board, wants, &wants.strategy, candidates), way: Vec::new() }
    }

    /// A node that has room for the task.
    pub(super) fn next(&mut self, task: &str) -> Option<usize> {
        match self {
            Choice::Random { left: 0, .. } => None,
            Choice::Random { nodes, left } => Some(nodes[scatter(task) % *left]),
            Choice::Ordered { root, way } => {
                way.clear();
                root.pop(way)
            }
        }
    }

    /// Tells that the last `next` was placed, and whether the node has room for one more.
    pub(super) fn placed(&mut self, board: &Board<'_>, wants: &Wants, node: usize, still: bool) {
        match self {
            Choice::Random { nodes, left } => {
                if !still && let Some(at) = nodes[..*left].iter().position(|&one| one == node) {
                    *left -= 1;
                    nodes.swap(at, *left);
                }
            }
            Choice::Ordered { root, way } => root.put_back(way, node, score(board, wants, node), still),
        }
    }
}

impl Part {
    /// Takes the best node out, and notes the way to it.
    fn pop(&mut self, way: &mut Vec<Step>) -> Option<usize> {
        match self {
            Part::Nodes { order } => order.pop().map(|Reverse((_, node))| node),
            Part::Spread { order, children } => loop {
                let Reverse((count, child)) = order.pop()?;
                let depth = way.len();
                way.push(Step { child, count });
                match children[child].pop(way) {
                    Some(node) => return Some(node),
                    // Full: this part is left out from here on.
                    None => way.truncate(depth),
                }
            },
        }
    }

    fn put_back(&mut self, way: &[Step], node: usize, score: Score, still: bool) {
        match self {
            Part::Nodes { order } if still => order.push(Reverse((score, node))),
            Part::Nodes { .. } => {}
            Part::Spread { order, children } => {
                if let [Step { child, count }, rest @ ..] = way {
                    children[*child].put_back(rest, node, score, still);
                    order.push(Reverse((count + 1, *child)));
                }
            }
        }
    }
}

fn part(board: &Board<'_>, wants: &Wants, rest: &[Strategy], nodes: Vec<usize>) -> Part {
    let group = board.group();
    let mut parts: Vec<(u32, Vec<usize>)> = Vec::new();
    let mut add = |part: usize, node: usize| {
        if parts.len() <= part {
            parts.resize_with(part + 1, Default::default);
        }
        let (count, nodes) = &mut parts[part];
        *count += group.get(node).copied().unwrap_or(0);
        nodes.push(node);
    };
    match rest.first() {
        Some(Strategy::SpreadOverZones) => {
            nodes.into_iter().for_each(|node| add(board.free[node].zone as usize, node));
        }
        Some(Strategy::SpreadOverAttribute(name)) => {
            let mut values: HashMap<Option<&str>, usize> = HashMap::new();
            for node in nodes {
                let instance = board.instance(node);
                let value = instance.and_then(|one| one.attributes.get(name)).map(String::as_str);
                let next = values.len();
                add(*values.entry(value).or_insert(next), node);
            }
        }
        _ => {
            let scored = nodes.into_iter().map(|node| Reverse((score(board, wants, node), node)));
            return Part::Nodes { order: scored.collect::<Vec<_>>().into() };
        }
    }
    let mut order = BinaryHeap::with_capacity(parts.len());
    let mut children = Vec::with_capacity(parts.len());
    for (count, nodes) in parts {
        order.push(Reverse((count, children.len())));
        children.push(part(board, wants, &rest[1..], nodes));
    }
    Part::Spread { order, children }
}

/// Lowest is best. Spreading over nodes is a score, as each node is a part of its own; whatever follows it in the
/// strategy has nothing left to choose.
fn score(board: &Board<'_>, wants: &Wants, node: usize) -> Score {
    let free = &board.free[node];
    let parts = |one: &&Strategy| {
        matches!(one, Strategy::SpreadOverZones | Strategy::SpreadOverAttribute(_) | Strategy::Random)
    };
    let first = wants.strategy.iter().find(|one| !parts(one));
    match first {
        Some(Strategy::SpreadOverNodes) => (board.of_group(node), free.tasks, u32::MAX - free.memory_mib),
        Some(Strategy::BinpackCpu) => (free.cpu_units, free.tasks, 0),
        Some(Strategy::BinpackMemory) => (free.memory_mib, free.tasks, 0),
        _ => (free.tasks, u32::MAX - free.memory_mib, 0),
    }
}

/// FNV-1a, so that the same task lands on the same node in each run of a simulation.
fn scatter(task: &str) -> usize {
    let hash = task.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash >> 16) as usize
}
