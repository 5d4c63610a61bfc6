//! Every task that waits is on a node that has room for it, or it is known why not.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use gantry_ecs_core::placement::{Action, Node, Snapshot, Waiting as Waits, Wants, plan};
use gantry_ecs_core::spec::{Architecture, Compatibility};
use gantry_ecs_core::stop::Stop;
use gantry_reconcile::{Loop, Next, Pass, PassError};
use gantry_store::{Key, Scan, StoreError, Tx, key};

use crate::ending;
use crate::loops::{LAUNCH_LOOP, PLACEMENT_LOOP};
use crate::names::TaskName;
use crate::tables::node::{NODES, RESERVATIONS, Reservation};
use crate::tables::queues::{LAUNCHING, Launching, WAITING, Waiting};
use crate::tables::task::{LaunchType, TASKS, Task};
use crate::{Ecs, events};

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

/// The nodes and what they have left.
pub(crate) async fn snapshot(ecs: &Ecs, tx: &mut Tx) -> Result<Snapshot, StoreError> {
    let mut snapshot = Snapshot::default();
    let mut index: HashMap<String, usize> = HashMap::new();
    for (key, row) in tx.peek_scan(&NODES, &key!(), Scan::all()).await? {
        let id = key.parts().pop().unwrap_or_default();
        index.insert(id.clone(), snapshot.nodes.len());
        snapshot.nodes.push(Node {
            zone: row.attributes.get("ecs.availability-zone").cloned().unwrap_or_default(),
            architecture: architecture(row.attributes.get("ecs.cpu-architecture").map(String::as_str)),
            serves: vec![Compatibility::Ec2, Compatibility::Fargate],
            draining: row.draining,
            last_heard: ecs.connected().last_heard(&id),
            free_cpu_units: row.cpu_units,
            free_memory_mib: row.memory_mib,
            ports: row.reserved_ports.iter().copied().collect::<HashSet<_>>(),
            tasks: 0,
            id,
        });
    }
    for (key, taken) in tx.peek_scan(&RESERVATIONS, &key!(), Scan::all()).await? {
        let Some(&at) = key.parts().first().and_then(|id| index.get(id)) else { continue };
        let node = &mut snapshot.nodes[at];
        node.free_cpu_units = node.free_cpu_units.saturating_sub(taken.cpu_units);
        node.free_memory_mib = node.free_memory_mib.saturating_sub(taken.memory_mib);
        node.ports.extend(taken.host_ports);
        node.tasks += 1;
        *snapshot.groups.entry(taken.group).or_default().entry(at).or_default() += 1;
    }
    Ok(snapshot)
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
        let mut snapshot = snapshot(&self.ecs, &mut tx).await?;
        let names: Vec<TaskName> = waiting.iter().filter_map(|(key, _)| TaskName::of_key(key)).collect();
        if names.len() != waiting.len() {
            return Err("the queue of waiting tasks has a key that names no task".into());
        }
        snapshot.waiting = waits(&names, &waiting);
        let actions = plan(&snapshot, by.now());

        let keys: Vec<Key> = names.iter().map(TaskName::key).collect();
        let mut tasks = tx.peek_many(&TASKS, &keys).await?;
        let instances = instances(&mut tx, &snapshot).await?;
        let (mut placed, mut left) = (0, 0);
        for action in actions {
            match action {
                Action::Place { task: at, node } => {
                    let (key, row) = &waiting[at];
                    let Some(task) = tasks[at].as_mut() else {
                        tx.delete(&WAITING, key);
                        continue;
                    };
                    let node = &snapshot.nodes[node];
                    place(&mut tx, key, &row.wants, task, node, instances.get(&node.id), by);
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
    let mut known: HashMap<&Wants, Arc<Wants>> = HashMap::new();
    let each = names.iter().zip(rows).map(|(name, (_, row))| {
        let wants = known.entry(&row.wants).or_insert_with(|| Arc::new(row.wants.clone()));
        Waits { id: name.id.clone(), wants: Arc::clone(wants) }
    });
    each.collect()
}

/// The container instance of each node.
async fn instances(tx: &mut Tx, snapshot: &Snapshot) -> Result<HashMap<String, String>, StoreError> {
    let keys: Vec<Key> = snapshot.nodes.iter().map(|node| key!(node.id)).collect();
    let rows = tx.peek_many(&NODES, &keys).await?;
    let each = snapshot.nodes.iter().zip(rows);
    Ok(each.filter_map(|(node, row)| Some((node.id.clone(), row?.instance_id))).collect())
}

fn place(
    tx: &mut Tx,
    key: &Key,
    wants: &Wants,
    task: &mut Task,
    node: &Node,
    instance: Option<&String>,
    by: &Pass,
) {
    tx.delete(&WAITING, key);
    task.node = Some(node.id.clone());
    task.instance_id = instance.filter(|_| task.launch == LaunchType::Ec2).cloned();
    let zone = if node.zone.is_empty() { format!("{}a", task.place().region) } else { node.zone.clone() };
    task.zone = Some(zone);
    let architecture = if node.architecture == Architecture::Arm64 { "arm64" } else { "x86_64" };
    task.architecture = Some(architecture.to_owned());
    let reservation = Reservation {
        cpu_units: wants.cpu_units,
        memory_mib: wants.memory_mib,
        host_ports: wants.host_ports.clone(),
        group: wants.group.clone(),
    };
    tx.put(&RESERVATIONS, &task.name.key_under(&node.id), &reservation);
    tx.put(&LAUNCHING, &task.name.key(), &Launching { node: node.id.clone(), since: by.now() });
    tx.put(&TASKS, &task.name.key(), task);
    tx.wake(LAUNCH_LOOP);
    events::task_changed(tx, task, by.now());
}
