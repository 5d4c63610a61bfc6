//! Where tasks are and why, for whoever runs this Gantry.

use gantry_base::Timestamp;
use gantry_ecs_core::placement::{self, Wants};
use gantry_service::Failure;
use gantry_store::{Scan, Tx, key};

use crate::Ecs;
use crate::error::EcsError;
use crate::loops::placement::World;
use crate::members;
use crate::names::{Place, TaskName};
use crate::ops::run_task::placement::Rules;
use crate::ops::run_task::wants_of_spec;
use crate::ops::shapes::cluster::is_fargate;
use crate::tables::container_instance;
use crate::tables::node::NODES;
use crate::tables::queues::{WAITING, at};
use crate::tables::service::{SERVICES, ServiceName};
use crate::tables::task::TASKS;
use crate::tables::task_definition::{self, TASK_DEFINITIONS};

/// Most nodes that are told of.
const MOST: usize = 2000;

/// Where a task is.
#[derive(Debug, Clone, PartialEq)]
pub struct Located {
    pub node: Option<String>,
    pub hostname: String,
    /// Since when it waits for a node, and why none took it when it was last tried.
    pub waits: Option<(Timestamp, String)>,
}

/// What a node says to one more task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub node: String,
    pub hostname: String,
    /// The container instance that it is in the task's cluster.
    pub instance: Option<String>,
    /// None: it would take it.
    pub refusal: Option<String>,
}

impl Ecs {
    /// Where the task is; nothing of one that is not known.
    pub async fn locate(&self, name: &TaskName) -> Result<Option<Located>, Failure> {
        let mut tx = self.db.begin();
        let Some(task) = tx.peek(&TASKS, &name.key()).await? else { return Ok(None) };
        let waiting = tx.peek(&WAITING, &at(task.created_at, name)).await?;
        let hostname = match &task.node {
            Some(node) => hostname(&mut tx, node).await?,
            None => String::new(),
        };
        Ok(Some(Located { node: task.node, hostname, waits: waiting.map(|row| (row.since, row.refused)) }))
    }

    /// What each node says to the task, as if it had to be placed now; nothing of one that does not wait.
    pub async fn verdicts_on_task(&self, name: &TaskName) -> Result<Option<Vec<Verdict>>, Failure> {
        let mut tx = self.db.begin();
        let Some(task) = tx.peek(&TASKS, &name.key()).await? else { return Ok(None) };
        let Some(row) = tx.peek(&WAITING, &at(task.created_at, name)).await? else { return Ok(None) };
        let mut wants = row.wants;
        if wants.cluster.is_empty() {
            // A row of before clusters were told apart.
            wants.cluster = members::cluster_id(&name.place, &name.cluster);
        }
        Ok(Some(self.verdicts(&mut tx, &name.place, &name.cluster, &wants).await?))
    }

    /// What each node says to one more task of the service; nothing of a service that is not known or has no
    /// definition.
    pub async fn verdicts_on_service(&self, name: &ServiceName) -> Result<Option<Vec<Verdict>>, Failure> {
        let mut tx = self.db.begin();
        let Some(row) = tx.peek(&SERVICES, &name.key()).await? else { return Ok(None) };
        let Some(revision) = &row.revision else { return Ok(None) };
        let key = task_definition::key(&name.place, &revision.family, revision.revision);
        let Some(definition) = tx.peek(&TASK_DEFINITIONS, &key).await? else { return Ok(None) };
        let spec = definition.spec(&name.place).map_err(EcsError::from)?;
        let rules = Rules {
            strategy: row.strategy.clone(),
            distinct: row.distinct,
            member_of: row.member_of.clone(),
        };
        let cluster = members::cluster_id(&name.place, &name.cluster);
        let wants = wants_of_spec(&spec, &rules, name.group(), cluster, revision.launch);
        // Of several providers the first speaks for all.
        let provider = revision.providers.first().map(|item| item.provider.clone());
        let wants = Wants { provider: provider.filter(|name| !is_fargate(name)), ..wants };
        Ok(Some(self.verdicts(&mut tx, &name.place, &name.cluster, &wants).await?))
    }

    async fn verdicts(
        &self,
        tx: &mut Tx,
        place: &Place,
        cluster: &str,
        wants: &Wants,
    ) -> Result<Vec<Verdict>, Failure> {
        let mut world = World::of(self, tx).await?;
        if wants.needs_instance() {
            let instances = container_instance::of_cluster(tx, place, cluster).await?;
            world.add_instances(place, cluster, &instances);
        }
        let snapshot = world.snapshot;
        let said = placement::explain(&snapshot, wants, self.clock.now());
        let known = tx.peek_scan(&NODES, &key!(), Scan::all()).await?;
        let hostnames: std::collections::HashMap<String, String> =
            known.into_iter().filter_map(|(key, node)| Some((key.parts().pop()?, node.hostname))).collect();
        let verdict = |(index, refusal): (usize, Option<placement::Refusal>)| {
            let node = snapshot.nodes[index].id.clone();
            let instance = snapshot.instances.get(&wants.cluster).and_then(|all| all.get(&index));
            Verdict {
                hostname: hostnames.get(&node).cloned().unwrap_or_default(),
                instance: instance.map(|one| one.id.clone()),
                refusal: refusal.map(|one| one.to_string()),
                node,
            }
        };
        Ok(said.into_iter().take(MOST).map(verdict).collect())
    }
}

async fn hostname(tx: &mut Tx, node: &str) -> Result<String, Failure> {
    Ok(tx.peek(&NODES, &key!(node)).await?.map(|row| row.hostname).unwrap_or_default())
}
