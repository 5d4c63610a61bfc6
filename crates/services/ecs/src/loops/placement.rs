//! Every task that waits is on a node that has room for it, or it is known why not.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use gantry_ecs_core::placement::{
    Action, Instance, Node, Snapshot, Waiting as Waits, Wants, group_key, plan,
};
use gantry_ecs_core::spec::{Architecture, Compatibility, Protocol};
use gantry_ecs_core::stop::Stop;
use gantry_reconcile::{Loop, Next, Pass, PassError};
use gantry_store::{Key, Scan, StoreError, Tx, key};

use crate::loops::{LAUNCH_LOOP, PLACEMENT_LOOP};
use crate::members::ZONE;
use crate::names::{Place, TaskName};
use crate::tables::container_instance::{self, ContainerInstance, Status};
use crate::tables::node::{NODES, Node as NodeRow, RESERVATIONS, Reservation};
use crate::tables::queues::{LAUNCHING, Launching, WAITING, Waiting};
use crate::tables::task::{TASKS, Task};
use crate::{Ecs, ending, events, members};

/// Most tasks in one pass, so that its transaction stays within the store's bounds.
const BATCH: usize = 500;
/// How long a task that was accepted may wait for room.
const PATIENCE: Duration = Duration::from_secs(2 * 60);
/// How soon those that wait are tried again without a wake.
const RETRY: Duration = Duration::from_secs(5);

/// The loop.
pub struct Placement {
    ecs: Ecs,
}

impl Placement {
    /// The loop over the service.
    pub fn new(ecs: Ecs) -> Self {
        Placement { ecs }
    }
}

/// The nodes and what they have left, and the rows that they come from, in one order.
pub(crate) struct World {
    pub snapshot: Snapshot,
    rows: Vec<NodeRow>,
}

impl World {
    /// Reads the nodes, and what tasks have taken of them.
    pub(crate) async fn of(ecs: &Ecs, tx: &mut Tx) -> Result<World, StoreError> {
        let mut world = World { snapshot: Snapshot::default(), rows: Vec::new() };
        let snapshot = &mut world.snapshot;
        let mut index: HashMap<String, usize> = HashMap::new();
        let rows = tx.peek_scan(&NODES, &key!(), Scan::all()).await?;
        let own_zone = own_zone(&rows);
        for (key, row) in rows {
            let id = key.parts().pop().unwrap_or_default();
            index.insert(id.clone(), snapshot.nodes.len());
            snapshot.nodes.push(Node {
                zone: row.attributes.get(ZONE).unwrap_or(&own_zone).clone(),
                architecture: architecture(row.attributes.get("ecs.cpu-architecture").map(String::as_str)),
                serves: match row.launch {
                    None => vec![Compatibility::Ec2, Compatibility::Fargate],
                    Some(launch) => vec![launch.compatibility()],
                },
                shared_files: row.launch.is_none(),
                in_every_zone: !row.attributes.contains_key(ZONE),
                draining: row.draining,
                last_heard: Some(ecs.connected().last_heard(&id)),
                free_cpu_units: row.cpu_units,
                free_memory_mib: row.memory_mib,
                ports: row.reserved_ports.iter().copied().collect::<HashSet<_>>(),
                tasks: 0,
                id,
            });
            world.rows.push(row);
        }
        for (key, taken) in tx.peek_scan(&RESERVATIONS, &key!(), Scan::all()).await? {
            let Some(&at) = key.parts().first().and_then(|id| index.get(id)) else { continue };
            let Some(name) = TaskName::of_key(&key) else { continue };
            let node = &mut snapshot.nodes[at];
            node.free_cpu_units = node.free_cpu_units.saturating_sub(taken.cpu_units);
            node.free_memory_mib = node.free_memory_mib.saturating_sub(taken.memory_mib);
            node.ports.extend(taken.host_ports);
            node.tasks += 1;
            let group = group_key(&members::cluster_id(&name.place, &name.cluster), &taken.group);
            let counts = if taken.leaving { &mut snapshot.leaving } else { &mut snapshot.groups };
            *counts.entry(group).or_default().entry(at).or_default() += 1;
        }
        Ok(world)
    }

    /// Adds the container instances of a cluster. One that is none of our nodes is a node that was never heard.
    pub(crate) fn add_instances(&mut self, place: &Place, cluster: &str, instances: &[ContainerInstance]) {
        let cluster = members::cluster_id(place, cluster);
        let ids = self.snapshot.nodes.iter().enumerate().map(|(at, node)| (node.id.clone(), at));
        let index: HashMap<String, usize> = ids.collect();
        let mut of_cluster = HashMap::with_capacity(instances.len());
        for instance in instances {
            let at = match instance.node.as_ref().map(|node| index.get(node)) {
                Some(Some(&at)) => at,
                // A node that has never said who it is.
                Some(None) => continue,
                None => {
                    self.snapshot.nodes.push(unheard(instance));
                    self.snapshot.nodes.len() - 1
                }
            };
            let node = self.rows.get(at).filter(|_| instance.node.is_some());
            let version = node.and_then(|node| node.versions.get("gantry")).cloned();
            let prefix = group_key(&cluster, "");
            let groups = self.snapshot.groups.iter().chain(&self.snapshot.leaving);
            let groups = groups.filter(|(key, _)| key.starts_with(&prefix));
            let running = groups.filter_map(|(_, counts)| counts.get(&at)).sum();
            let one = Instance {
                id: instance.id.clone(),
                draining: instance.status == Status::Draining,
                agent_version: version.unwrap_or_else(|| instance.versions.0.clone()),
                ec2_instance_id: instance.ec2_instance_id.clone(),
                registered_at: instance.registered_at,
                attributes: match node {
                    Some(node) => members::attributes(place, node, instance),
                    None => instance.attributes.clone(),
                },
                running_tasks: running,
                provider: instance.capacity_provider.clone(),
                // The control plane's own machine, which nobody can have join as a provider's.
                stands_in: node.is_some_and(|node| node.launch.is_none()),
            };
            of_cluster.insert(at, one);
        }
        self.snapshot.instances.insert(cluster, of_cluster);
    }
}

/// The zone of this machine's own node, which is in each region's first, in the words of the zones of those that joined.
fn own_zone(rows: &[(Key, NodeRow)]) -> String {
    let joined = rows.iter().filter(|(_, row)| row.launch.is_some());
    let zone = joined.filter_map(|(_, row)| row.attributes.get(ZONE)).next();
    let region = zone.map(|zone| zone.trim_end_matches(|last: char| last.is_ascii_lowercase()));
    region.map(|region| format!("{region}a")).unwrap_or_default()
}

/// Somebody else's machine as a node.
fn unheard(instance: &ContainerInstance) -> Node {
    let has = &instance.resources;
    let ports = |protocol, ports: &[u16]| ports.iter().map(|port| (protocol, *port)).collect::<Vec<_>>();
    let mut taken = ports(Protocol::Tcp, &has.tcp_ports);
    taken.extend(ports(Protocol::Udp, &has.udp_ports));
    Node {
        id: instance.id.clone(),
        zone: instance.attributes.get(ZONE).cloned().unwrap_or_default(),
        architecture: architecture(instance.attributes.get("ecs.cpu-architecture").map(String::as_str)),
        serves: vec![Compatibility::Ec2],
        draining: false,
        shared_files: false,
        in_every_zone: false,
        last_heard: None,
        free_cpu_units: has.cpu_units,
        free_memory_mib: has.memory_mib,
        ports: taken.into_iter().collect(),
        tasks: 0,
    }
}

fn architecture(name: Option<&str>) -> Architecture {
    match name {
        Some("arm64") => Architecture::Arm64,
        _ => Architecture::X86_64,
    }
}

#[async_trait]
impl Loop for Placement {
    fn name(&self) -> &'static str {
        PLACEMENT_LOOP
    }

    async fn pass(&self, by: &Pass) -> Result<Next, PassError> {
        let mut tx = self.ecs.db.begin();
        let waiting = tx.peek_scan(&WAITING, &key!(), Scan::first(BATCH)).await?;
        if waiting.is_empty() {
            return Ok(Next::Wait);
        }
        let full = waiting.len() == BATCH;
        let mut world = World::of(&self.ecs, &mut tx).await?;
        let names: Vec<TaskName> = waiting.iter().filter_map(|(key, _)| TaskName::of_key(key)).collect();
        if names.len() != waiting.len() {
            return Err("the queue of waiting tasks has a key that names no task".into());
        }
        world.snapshot.waiting = waits(&names, &waiting);
        for (place, cluster) in clusters(&names, &world.snapshot.waiting) {
            let instances = container_instance::of_cluster(&mut tx, &place, &cluster).await?;
            world.add_instances(&place, &cluster, &instances);
        }
        let snapshot = world.snapshot;
        let actions = plan(&snapshot, by.now());

        let keys: Vec<Key> = names.iter().map(TaskName::key).collect();
        let mut tasks = tx.peek_many(&TASKS, &keys).await?;
        let (mut placed, mut left) = (0, 0);
        for action in actions {
            match action {
                Action::Place { task: at, node } => {
                    let key = &waiting[at].0;
                    let Some(task) = tasks[at].as_mut() else {
                        tx.delete(&WAITING, key);
                        continue;
                    };
                    let wants = &snapshot.waiting[at].wants;
                    let instance = snapshot.instances.get(&wants.cluster).and_then(|all| all.get(&node));
                    task.instance_id =
                        instance.filter(|_| wants.needs_instance()).map(|instance| instance.id.clone());
                    place(&mut tx, key, wants, task, &snapshot.nodes[node], by);
                    placed += 1;
                }
                Action::Refuse { task: at, why } => {
                    let (key, row) = &waiting[at];
                    let Some(task) = tasks[at].as_mut() else {
                        tx.delete(&WAITING, key);
                        continue;
                    };
                    if by.now().since(row.since) > PATIENCE {
                        ending::fail(&mut tx, task, Stop::no_capacity(&why.to_string()), by.now());
                        continue;
                    }
                    left += 1;
                    let refused = why.to_string();
                    if row.refused != refused {
                        tracing::info!(task_arn = %task.name.arn(), %refused, "no node takes the task yet");
                        tx.put(&WAITING, key, &Waiting { refused, ..row.clone() });
                    }
                }
            }
        }
        tx.commit(by).await?;
        Ok(match (full && placed > 0, left) {
            (true, _) => Next::Again,
            (false, 0) => Next::Wait,
            (false, _) => Next::After(RETRY),
        })
    }
}

/// What each waiting task wants; those that want the same share it.
fn waits(names: &[TaskName], rows: &[(Key, Waiting)]) -> Vec<Waits> {
    let mut known: HashMap<Wants, Arc<Wants>> = HashMap::new();
    let each = names.iter().zip(rows).map(|(name, (_, row))| {
        let mut wants = row.wants.clone();
        if wants.cluster.is_empty() {
            // A row of before clusters were told apart.
            wants.cluster = members::cluster_id(&name.place, &name.cluster);
        }
        let wants = known.entry(wants.clone()).or_insert_with(|| Arc::new(wants));
        Waits { id: name.id.clone(), wants: Arc::clone(wants) }
    });
    each.collect()
}

/// The clusters that some task waits in for a container instance.
fn clusters(names: &[TaskName], waiting: &[Waits]) -> BTreeSet<(Place, String)> {
    let each = names.iter().zip(waiting).filter(|(_, waits)| waits.wants.needs_instance());
    each.map(|(name, _)| (name.place.clone(), name.cluster.clone())).collect()
}

fn place(tx: &mut Tx, key: &Key, wants: &Wants, task: &mut Task, node: &Node, by: &Pass) {
    tx.delete(&WAITING, key);
    task.node = Some(node.id.clone());
    let zone = if node.zone.is_empty() { format!("{}a", task.place().region) } else { node.zone.clone() };
    task.zone = Some(zone);
    let architecture = if node.architecture == Architecture::Arm64 { "arm64" } else { "x86_64" };
    task.architecture = Some(architecture.to_owned());
    let reservation = Reservation {
        cpu_units: wants.cpu_units,
        memory_mib: wants.memory_mib,
        host_ports: wants.host_ports.clone(),
        group: wants.group.clone(),
        leaving: false,
    };
    tx.put(&RESERVATIONS, &task.name.key_under(&node.id), &reservation);
    tx.put(&LAUNCHING, &task.name.key(), &Launching { node: node.id.clone(), since: by.now() });
    tx.put(&TASKS, &task.name.key(), task);
    tx.wake(LAUNCH_LOOP);
    events::task_changed(tx, task, by.now());
}
