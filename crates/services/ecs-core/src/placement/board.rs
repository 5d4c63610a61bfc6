//! What is left of the nodes while a plan is made.
//!
//! Each kind of task looks at every node once, so what it looks at is small and lies together; names have become
//! numbers before.

use std::collections::{BTreeSet, HashMap};

use gantry_base::Timestamp;

use super::{Instance, Refusal, Refusals, Seen, Snapshot, Wants, group_key, refuse};
use crate::query::Expression;
use crate::spec::{Architecture, Compatibility, Protocol};

pub(super) struct Board<'a> {
    pub snapshot: &'a Snapshot,
    pub now: Timestamp,
    pub free: Vec<Free>,
    /// Tasks of a group on each node, the plan's among them, for groups that were met so far.
    groups: HashMap<String, Vec<u32>>,
    /// Tasks that the plan has put on an instance, by cluster and node.
    placed: HashMap<(String, usize), u32>,
    kind: Kind<'a>,
}

/// What is known of the kind of task that is being placed.
#[derive(Default)]
struct Kind<'a> {
    group_key: String,
    /// None before the first kind.
    cluster: Option<String>,
    /// The cluster's instance on each node.
    instances: Vec<Option<&'a Instance>>,
    expressions: Vec<Expression>,
    looks_at_tasks: bool,
    /// Whether some instance of the cluster is of the kind's capacity provider.
    provider_has_instances: bool,
    /// Whether anything but what is left of it speaks against the node.
    allowed: Vec<bool>,
}

/// One node.
pub(super) struct Free {
    pub cpu_units: u32,
    pub memory_mib: u32,
    pub tasks: u32,
    /// Each zone has a number.
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
            let takes_tasks = !node.draining && node.is_heard(now);
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
        let (groups, placed) = (HashMap::new(), HashMap::new());
        Board { snapshot, now, free, groups, placed, kind: Kind::default() }
    }

    /// From here on tasks of this kind are placed: its group is counted, and each node is asked once for all that
    /// does not change.
    pub(super) fn begin(&mut self, wants: &Wants) {
        let group_key = group_key(&wants.cluster, &wants.group);
        if !self.groups.contains_key(&group_key) {
            let mut counts = vec![0; self.free.len()];
            for (&node, &count) in self.snapshot.groups.get(&group_key).into_iter().flatten() {
                if let Some(known) = counts.get_mut(node) {
                    *known = count;
                }
            }
            self.groups.insert(group_key.clone(), counts);
        }
        // An expression that is none holds for nobody; a run with one was refused.
        let parsed: Vec<_> = wants.member_of.iter().filter_map(|one| Expression::parse(one).ok()).collect();
        let complete = parsed.len() == wants.member_of.len();
        let before = std::mem::take(&mut self.kind);
        let mut instances = before.instances;
        if before.cluster.as_deref() != Some(wants.cluster.as_str()) {
            instances.clear();
            instances.resize(self.free.len(), None);
            for (&node, instance) in self.snapshot.instances.get(&wants.cluster).into_iter().flatten() {
                if let Some(known) = instances.get_mut(node) {
                    *known = Some(instance);
                }
            }
        }
        let of_provider = |instance: &&Instance| instance.provider == wants.provider;
        let provider_has_instances = instances.iter().flatten().any(of_provider);
        self.kind = Kind {
            group_key,
            cluster: Some(wants.cluster.clone()),
            provider_has_instances,
            instances,
            looks_at_tasks: parsed.iter().any(Expression::looks_at_tasks),
            expressions: parsed,
            allowed: Vec::new(),
        };
        let allowed = |node| complete && self.is_allowed(node, wants);
        self.kind.allowed = (0..self.free.len()).map(allowed).collect();
    }

    /// Whether no rule speaks against the node; [`refuse::by_rule`] says which does.
    fn is_allowed(&self, node: usize, wants: &Wants) -> bool {
        let of_cluster = || {
            self.instance(node).is_some_and(|instance| {
                !instance.draining
                    && wants.instance.as_ref().is_none_or(|asked| *asked == instance.id)
                    && wants.provider.as_ref().is_none_or(|one| self.is_of_provider(instance, one))
            })
        };
        let allowed = self.takes(node, wants)
            && (!wants.needs_instance() || of_cluster())
            && (!wants.shared_files || self.snapshot.nodes[node].shared_files)
            && self.unmet(node, wants).is_none();
        debug_assert_eq!(allowed, refuse::by_rule(self, node, wants).is_none());
        allowed
    }

    /// The node as the cluster of the kind has it.
    pub(super) fn instance(&self, node: usize) -> Option<&'a Instance> {
        self.kind.instances.get(node).copied().flatten()
    }

    /// Whether the instance is for tasks of the capacity provider.
    pub(super) fn is_of_provider(&self, instance: &Instance, provider: &str) -> bool {
        let stands_in = instance.stands_in && !self.kind.provider_has_instances;
        instance.provider.as_deref() == Some(provider) || stands_in
    }

    /// Tasks of the kind's group on the node.
    pub(super) fn of_group(&self, node: usize) -> u32 {
        self.groups.get(&self.kind.group_key).map_or(0, |counts| counts[node])
    }

    /// Whether a task of the kind's group is on the node, and be it one that shall stop.
    pub(super) fn has_of_group(&self, node: usize) -> bool {
        let leaving = self.snapshot.leaving.get(&self.kind.group_key).and_then(|counts| counts.get(&node));
        self.of_group(node) > 0 || leaving.is_some_and(|count| *count > 0)
    }

    /// Tasks of the kind's group on each node.
    pub(super) fn group(&self) -> &[u32] {
        self.groups.get(&self.kind.group_key).map(Vec::as_slice).unwrap_or_default()
    }

    /// The first of the kind's expressions that does not hold for the node now.
    pub(super) fn unmet<'w>(&self, at: usize, wants: &'w Wants) -> Option<&'w str> {
        let first = wants.member_of.first().map(String::as_str)?;
        // One that is none holds for nobody, and who is no instance is no member.
        let complete = self.kind.expressions.len() == wants.member_of.len();
        let (true, Some(instance)) = (complete, self.instance(at)) else { return Some(first) };
        let node = &self.snapshot.nodes[at];
        let groups = if self.kind.looks_at_tasks { self.groups_on(at, &wants.cluster) } else { Vec::new() };
        let placed = self.placed.get(&(wants.cluster.clone(), at)).copied().unwrap_or(0);
        let seen = Seen { node, instance, now: self.now, placed, groups: &groups };
        let failing = self.kind.expressions.iter().position(|one| !one.holds(&seen))?;
        wants.member_of.get(failing).map(String::as_str)
    }

    /// The groups of the cluster that have a task on the node.
    fn groups_on(&self, at: usize, cluster: &str) -> Vec<&str> {
        let of_cluster = |key: &'_ str| -> Option<usize> {
            key.strip_prefix(cluster)?.strip_prefix(' ').map(|group| key.len() - group.len())
        };
        let mut all = BTreeSet::new();
        for (key, counts) in self.snapshot.groups.iter().chain(&self.snapshot.leaving) {
            if counts.get(&at).is_some_and(|count| *count > 0)
                && let Some(from) = of_cluster(key)
            {
                all.insert(&key[from..]);
            }
        }
        for (key, counts) in &self.groups {
            if counts[at] > 0
                && let Some(from) = of_cluster(key)
            {
                all.insert(&key[from..]);
            }
        }
        all.into_iter().collect()
    }

    /// Whether nothing stands in the way; [`refuse::check`] says what does.
    pub(super) fn fits(&self, node: usize, wants: &Wants) -> bool {
        let free = &self.free[node];
        let fits = free.memory_mib >= wants.memory_mib
            && free.cpu_units >= wants.cpu_units
            && wants.gpus == 0
            && self.kind.allowed[node]
            && (wants.host_ports.is_empty() || self.taken_port(node, wants).is_none())
            && !(wants.distinct && self.has_of_group(node))
            && (!self.kind.looks_at_tasks || self.unmet(node, wants).is_none());
        debug_assert_eq!(fits, refuse::check(self, node, wants).is_none());
        fits
    }

    /// Whether the node takes tasks of the launch type at all, and of the architecture.
    pub(super) fn takes(&self, node: usize, wants: &Wants) -> bool {
        let free = &self.free[node];
        free.serves & bit(wants.launch) != 0
            && (wants.architecture == Architecture::Any || wants.architecture == free.architecture)
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
        if let Some(counts) = self.groups.get_mut(&self.kind.group_key) {
            counts[node] += 1;
        }
        if wants.needs_instance() {
            *self.placed.entry((wants.cluster.clone(), node)).or_default() += 1;
        }
    }

    /// What each node says to the task, by the node's index. A node that is no container instance of the cluster has
    /// nothing to say.
    pub(super) fn verdicts(&self, wants: &Wants) -> impl Iterator<Item = (usize, Option<Refusal>)> {
        let nodes = 0..self.snapshot.nodes.len();
        let asked = nodes.filter(move |&at| !wants.needs_instance() || self.instance(at).is_some());
        asked.map(move |at| (at, refuse::check(self, at, wants)))
    }

    /// What nodes say against the task.
    pub(super) fn refusals(&self, wants: &Wants) -> Refusals {
        let named = |at: usize| self.snapshot.nodes[at].id.clone();
        let against = self.verdicts(wants).filter_map(|(at, refusal)| Some((named(at), refusal?)));
        Refusals(against.collect())
    }
}
