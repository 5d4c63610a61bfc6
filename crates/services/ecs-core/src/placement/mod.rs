//! Which node runs which task.
//!
//! [`plan`] looks at the nodes as they are and at the tasks that wait, and says for each where it goes or why, node
//! by node, it can't. Tasks that want the same are planned as one: candidates are filtered once, and each placement
//! then costs the logarithm of their number.

mod board;
mod choose;
mod refuse;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use gantry_base::Timestamp;
use serde::{Deserialize, Serialize};

pub use refuse::{Refusal, Refusals};

use crate::query;
use crate::spec::{Architecture, Compatibility, Protocol};
use board::Board;

/// A node that has been silent for longer takes no tasks.
pub const SILENCE: std::time::Duration = std::time::Duration::from_secs(20);

/// What placement may look at.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    pub nodes: Vec<Node>,
    /// How many tasks of each group each node has, by the node's index; what is absent is none. The key is
    /// [`group_key`]'s.
    pub groups: HashMap<String, HashMap<usize, u32>>,
    /// The same of tasks that shall stop: they are still there, and nobody is spread with regard to them.
    pub leaving: HashMap<String, HashMap<usize, u32>>,
    /// The container instances of each cluster that some task waits in, by the node's index.
    pub instances: HashMap<String, HashMap<usize, Instance>>,
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
    /// None: its agent has never been connected.
    pub last_heard: Option<Timestamp>,
    pub free_cpu_units: u32,
    pub free_memory_mib: u32,
    /// Ports of the host that are taken.
    pub ports: HashSet<(Protocol, u16)>,
    /// How many tasks it has.
    pub tasks: u32,
    /// The file systems of EFS are there.
    pub shared_files: bool,
    /// What it gives to Fargate's tasks is in every zone, as no operator has said where it stands.
    pub in_every_zone: bool,
}

/// A node as a cluster has it: what tasks that are not Fargate's are placed on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Instance {
    pub id: String,
    /// Takes no new tasks of this cluster.
    pub draining: bool,
    pub agent_version: String,
    pub ec2_instance_id: Option<String>,
    pub registered_at: Timestamp,
    pub attributes: BTreeMap<String, String>,
    /// Tasks of this cluster on it.
    pub running_tasks: u32,
    /// The capacity provider that it is of.
    pub provider: Option<String>,
    /// It takes the tasks of a provider that has no instance in the cluster: there is no other machine for them.
    pub stands_in: bool,
}

/// The key of a group's counts: groups of two clusters have nothing in common.
pub fn group_key(cluster: &str, group: &str) -> String {
    format!("{cluster} {group}")
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
    /// Names the task's cluster among all of every account and region.
    #[serde(default)]
    pub cluster: String,
    /// At most one task of the group on each node.
    #[serde(default)]
    pub distinct: bool,
    /// Expressions of the cluster query language; all must hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub member_of: Vec<String>,
    /// The one container instance that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The capacity provider whose instances it is for; Fargate's are none here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// It mounts file systems of EFS.
    #[serde(default)]
    pub shared_files: bool,
    /// A Fargate task's zone, as long as some node of it has room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Empty: the least loaded node.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strategy: Vec<Strategy>,
}

impl Wants {
    /// Whether it needs a container instance of its cluster, as all but Fargate's tasks do.
    pub fn needs_instance(&self) -> bool {
        self.launch != Compatibility::Fargate
    }
}

/// How to choose among nodes that fit; an earlier one in the list weighs more.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Strategy {
    Random,
    SpreadOverZones,
    /// Over the values of an attribute of container instances.
    SpreadOverAttribute(String),
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

/// What each node says to one more task that wants this, in the order of the nodes: none where it would be taken. A node
/// that is no container instance of the cluster has nothing to say to a task that needs one.
pub fn explain(snapshot: &Snapshot, wants: &Wants, now: Timestamp) -> Vec<(usize, Option<Refusal>)> {
    let mut board = Board::of(snapshot, now);
    board.begin(wants);
    board.verdicts(wants).collect()
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

fn place_kind(board: &mut Board<'_>, wants: &Wants, tasks: &[usize], actions: &mut Vec<Action>) {
    board.begin(wants);
    let candidates = (0..board.free.len()).filter(|&node| board.fits(node, wants));
    let (near, far) = candidates.partition(|&node| is_near(&board.snapshot.nodes[node], wants));
    let left = place_among(board, wants, near, tasks, actions);
    let left = place_among(board, wants, far, left, actions);
    if !left.is_empty() {
        // Nothing fits any more, and what is left only gets less: one explanation serves all that remain.
        let why = Arc::new(board.refusals(wants));
        actions.extend(left.iter().map(|&task| Action::Refuse { task, why: Arc::clone(&why) }));
    }
}

/// Places tasks of one kind on these nodes; answers those that no node has room for.
fn place_among<'a>(
    board: &mut Board<'_>,
    wants: &Wants,
    candidates: Vec<usize>,
    tasks: &'a [usize],
    actions: &mut Vec<Action>,
) -> &'a [usize] {
    if candidates.is_empty() {
        return tasks;
    }
    let mut choice = choose::Choice::new(board, wants, candidates);
    for (at, &task) in tasks.iter().enumerate() {
        let Some(node) = choice.next(&board.snapshot.waiting[task].id) else { return &tasks[at..] };
        board.take(node, wants);
        actions.push(Action::Place { task, node });
        let still = board.fits(node, wants);
        choice.placed(board, wants, node, still);
    }
    &[]
}

/// Whether the node is where the task would be, if that matters to it.
fn is_near(node: &Node, wants: &Wants) -> bool {
    wants.zone.as_ref().is_none_or(|zone| node.in_every_zone || node.zone == *zone)
}

/// An instance with what the plan has put on it.
struct Seen<'a> {
    node: &'a Node,
    instance: &'a Instance,
    now: Timestamp,
    placed: u32,
    groups: &'a [&'a str],
}

impl query::Instance for Seen<'_> {
    fn agent_connected(&self) -> bool {
        self.node.is_heard(self.now)
    }
    fn agent_version(&self) -> &str {
        &self.instance.agent_version
    }
    fn attribute(&self, name: &str) -> Option<&str> {
        self.instance.attributes.get(name).map(String::as_str)
    }
    fn ec2_instance_id(&self) -> Option<&str> {
        self.instance.ec2_instance_id.as_deref()
    }
    fn registered_at(&self) -> Timestamp {
        self.instance.registered_at
    }
    fn running_tasks(&self) -> u32 {
        self.instance.running_tasks + self.placed
    }
    fn any_group(&self, fits: &dyn Fn(&str) -> bool) -> bool {
        self.groups.iter().any(|group| fits(group))
    }
}

impl Node {
    /// Whether it was heard lately enough to be given tasks.
    pub fn is_heard(&self, now: Timestamp) -> bool {
        self.last_heard.is_some_and(|heard| now.since(heard) <= SILENCE)
    }
}
