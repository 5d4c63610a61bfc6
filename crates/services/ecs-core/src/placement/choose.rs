//! The choice among nodes that fit, by strategy.
//!
//! Spreading makes a tree: each level parts the candidates by a field and prefers the part that has the fewest tasks
//! of the group. A leaf is a heap of nodes by what is left of the strategy.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::{Free, Snapshot, Strategy, Wants};

/// Candidates for one kind of task. Call `next`, place there, then `placed`.
pub(super) enum Choice {
    /// A start by the task's id, then the first that still fits.
    Random {
        nodes: Vec<usize>,
        left: usize,
    },
    Ordered {
        root: Part,
        open: Vec<usize>,
    },
}

/// One part of the candidates.
pub(super) enum Part {
    /// Tasks of the group in each child, fewest first; children by index.
    Spread { order: BinaryHeap<Reverse<(u32, usize)>>, children: Vec<Part> },
    /// Nodes by score, lowest first.
    Nodes { order: BinaryHeap<Reverse<(Score, usize)>> },
}

type Score = (u64, u32);

impl Choice {
    pub(super) fn new(snapshot: &Snapshot, free: &[Free], wants: &Wants, candidates: Vec<usize>) -> Choice {
        if wants.strategy.first() == Some(&Strategy::Random) {
            let left = candidates.len();
            return Choice::Random { nodes: candidates, left };
        }
        Choice::Ordered { root: part(snapshot, free, wants, &wants.strategy, candidates), open: Vec::new() }
    }

    /// The node for the next task, which still has room for it.
    pub(super) fn next(&mut self, _: &Snapshot, _: &[Free], _: &Wants, task: &str) -> Option<usize> {
        match self {
            Choice::Random { left: 0, .. } => None,
            // Nodes that are full stand behind `left`.
            Choice::Random { nodes, left } => Some(nodes[scatter(task) % *left]),
            Choice::Ordered { root, open } => {
                open.clear();
                root.pop(open)
            }
        }
    }

    /// Tells that the last `next` was placed, and whether the node has room for one more.
    pub(super) fn placed(
        &mut self,
        snapshot: &Snapshot,
        free: &[Free],
        wants: &Wants,
        node: usize,
        still: bool,
    ) {
        match self {
            Choice::Random { nodes, left } => {
                if !still && let Some(at) = nodes[..*left].iter().position(|&one| one == node) {
                    *left -= 1;
                    nodes.swap(at, *left);
                }
            }
            Choice::Ordered { root, open } => {
                let score = score(snapshot, free, wants, node);
                root.put_back(open, node, score, still);
            }
        }
    }
}

impl Part {
    /// Takes the best node out, and notes the way to it.
    fn pop(&mut self, way: &mut Vec<usize>) -> Option<usize> {
        match self {
            Part::Nodes { order } => order.pop().map(|Reverse((_, node))| node),
            Part::Spread { order, children } => loop {
                let Reverse((count, child)) = order.pop()?;
                let depth = way.len();
                way.push(child);
                way.push(count as usize);
                match children[child].pop(way) {
                    Some(node) => return Some(node),
                    // Full: this part is left out from here on.
                    None => way.truncate(depth),
                }
            },
        }
    }

    fn put_back(&mut self, way: &[usize], node: usize, score: Score, still: bool) {
        match self {
            Part::Nodes { order } => {
                if still {
                    order.push(Reverse((score, node)));
                }
            }
            Part::Spread { order, children } => {
                if let [child, count, rest @ ..] = way {
                    children[*child].put_back(rest, node, score, still);
                    order.push(Reverse((*count as u32 + 1, *child)));
                }
            }
        }
    }
}

fn part(snapshot: &Snapshot, free: &[Free], wants: &Wants, rest: &[Strategy], nodes: Vec<usize>) -> Part {
    let by_field: BTreeMap<&str, Vec<usize>> = match rest.first() {
        Some(Strategy::SpreadOverZones) => group(nodes, |node| &snapshot.nodes[node].zone),
        Some(Strategy::SpreadOverNodes) => group(nodes, |node| &snapshot.nodes[node].id),
        _ => {
            let scored = nodes.into_iter().map(|node| Reverse((score(snapshot, free, wants, node), node)));
            return Part::Nodes { order: scored.collect() };
        }
    };
    let mut order = BinaryHeap::with_capacity(by_field.len());
    let mut children = Vec::with_capacity(by_field.len());
    for nodes in by_field.into_values() {
        let count = nodes.iter().map(|&node| free[node].of_group(&snapshot.nodes[node], &wants.group)).sum();
        order.push(Reverse((count, children.len())));
        children.push(part(snapshot, free, wants, &rest[1..], nodes));
    }
    Part::Spread { order, children }
}

fn group<'a>(nodes: Vec<usize>, field: impl Fn(usize) -> &'a String) -> BTreeMap<&'a str, Vec<usize>> {
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for node in nodes {
        groups.entry(field(node)).or_default().push(node);
    }
    groups
}

/// Lowest is best: what is left for a bin to pack, else how many tasks the node has.
fn score(_: &Snapshot, free: &[Free], wants: &Wants, node: usize) -> Score {
    let free = &free[node];
    let packs =
        wants.strategy.iter().find(|one| matches!(one, Strategy::BinpackCpu | Strategy::BinpackMemory));
    match packs {
        Some(Strategy::BinpackCpu) => (u64::from(free.cpu_units), free.tasks),
        Some(Strategy::BinpackMemory) => (u64::from(free.memory_mib), free.tasks),
        _ => (u64::from(free.tasks), u32::MAX - free.memory_mib),
    }
}

/// FNV-1a, so that the same task lands on the same node in each run of a simulation.
fn scatter(task: &str) -> usize {
    let hash = task.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash >> 16) as usize
}
