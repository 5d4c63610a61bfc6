//! What a node shall run, sent whenever it has changed.

use std::collections::HashMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use gantry_ecs_core::DesiredStatus;
use gantry_node_proto::ENDPOINT_MARK;
use gantry_node_proto::v1::{self, ControlMessage, DesiredTask, control_message};
use gantry_service::{Failure, NAMES_WAKE, NETWORK_WAKE};
use gantry_store::{Key, Revision, Scan, key};
use prost::Message;
use tokio::sync::mpsc;
use tonic::Status;

use super::balancers::Balancers;
use super::{SESSION_WAKE, connect, overlays, rules, zones};
use crate::Ecs;
use crate::membership::is_joined;
use crate::names::TaskName;
use crate::tables::node::{ASSIGNMENTS, Assignment, seal_context};

/// How soon a set that could not be loaded is tried again.
const RETRY: Duration = Duration::from_millis(500);

/// Sends the whole set at the start and after each change, until the node is gone.
pub(super) async fn send(
    ecs: &Ecs,
    node: &str,
    sender: &mpsc::Sender<Result<ControlMessage, Status>>,
    ledgered: u64,
) -> Result<(), Status> {
    let mut wakes = ecs.db.wakes(SESSION_WAKE);
    // Rules and routes change without the tasks.
    let mut networks = ecs.db.wakes(NETWORK_WAKE);
    let mut names = ecs.db.wakes(NAMES_WAKE);
    let mut opened = Opened::default();
    let mut last: Option<Told> = None;
    let mut generation = ledgered;
    loop {
        let woken = tokio::select! {
            woken = wakes.next() => woken,
            woken = networks.next() => woken,
            woken = names.next() => woken,
        };
        woken.map_err(super::unavailable)?;
        let (told, revision) = loop {
            match load(ecs, node, &mut opened).await {
                Ok(loaded) => break loaded,
                Err(failure) => {
                    tracing::warn!(node, ?failure, "what the node shall run can't be read");
                    tokio::time::sleep(RETRY).await;
                }
            }
        };
        if last.as_ref() == Some(&told) {
            continue;
        }
        // The store's revision rises with each change; a store that was restored may lie behind the node's ledger.
        generation = revision.max(generation + 1);
        let Told { tasks, names, zones, overlays, balancers } = told.clone();
        let message = v1::Desired { generation, tasks, names, zones, overlays, balancers };
        tracing::debug!(node, generation, tasks = told.tasks.len(), "the node is sent what it shall run");
        super::send(sender, control_message::Message::Desired(message)).await?;
        last = Some(told);
    }
}

/// Assignments that were opened before, by their keys: opening and decoding them anew would be most of the work.
#[derive(Default)]
struct Opened(HashMap<Key, (String, DesiredTask)>);

impl Opened {
    fn open(&mut self, ecs: &Ecs, key: &Key, row: &Assignment) -> Result<DesiredTask, Failure> {
        let known = self.0.get(key).filter(|(sealed, _)| *sealed == row.sealed);
        let mut task = match known {
            Some((_, task)) => task.clone(),
            None => {
                let name =
                    TaskName::of_key(key).ok_or_else(|| Failure::internal("a key that names no task"))?;
                let sealed = BASE64.decode(&row.sealed).map_err(Failure::internal)?;
                let plain = ecs.sealer.open(&sealed, &seal_context(&name))?;
                let task = DesiredTask::decode(plain.as_slice()).map_err(Failure::internal)?;
                self.0.insert(key.clone(), (row.sealed.clone(), task.clone()));
                task
            }
        };
        task.desired_status = match row.desired {
            DesiredStatus::Running => v1::DesiredStatus::Running,
            DesiredStatus::Stopped => v1::DesiredStatus::Stopped,
        }
        .into();
        Ok(task)
    }
}

/// What a node shall run, the names and zones that its tasks see, how it reaches the other nodes, and what load balancers
/// have there.
#[derive(Debug, Clone, PartialEq)]
struct Told {
    tasks: Vec<DesiredTask>,
    names: Vec<v1::Name>,
    zones: Vec<v1::Zone>,
    overlays: Vec<v1::Overlay>,
    balancers: Vec<v1::Interface>,
}

async fn load(ecs: &Ecs, node: &str, opened: &mut Opened) -> Result<(Told, Revision), Failure> {
    let mut tx = ecs.db.begin();
    let rows = tx.peek_scan(&ASSIGNMENTS, &key!(node), Scan::all()).await?;
    let revision = tx.revision().await?;
    let mut tasks = Vec::with_capacity(rows.len());
    for (key, row) in &rows {
        match opened.open(ecs, key, row) {
            Ok(task) => tasks.push(task),
            // One broken row must not take the others from the node.
            Err(failure) => tracing::error!(node, key = %key, ?failure, "an assignment can't be opened"),
        }
    }
    opened.0.retain(|key, _| rows.binary_search_by(|(other, _)| other.cmp(key)).is_ok());
    let all = Balancers::load(ecs).await?;
    // They are where the control plane is.
    let mut balancers = if is_joined(node) { Vec::new() } else { all.interfaces() };
    let mut interfaces: Vec<_> = rules::of_tasks(&mut tasks).collect();
    interfaces.extend(
        balancers.iter_mut().map(|(place, interface)| rules::Placed { place: place.clone(), interface }),
    );
    rules::fill(ecs, &mut interfaces).await?;
    let mut balancers: Vec<v1::Interface> = balancers.into_iter().map(|(_, interface)| interface).collect();
    all.open(&mut balancers);
    let names = all.names(&tasks);
    connect::fill(ecs, &mut tasks).await?;
    let zones = zones::seen_by(ecs, &tasks).await?;
    if is_joined(node) {
        tasks.iter_mut().for_each(|task| mark_endpoint(ecs, task));
    }
    let overlays = overlays::of(ecs, node, &all).await?;
    Ok((Told { tasks, names, zones, overlays, balancers }, revision))
}

/// On another machine Gantry's endpoint is elsewhere than here; only the node knows where.
fn mark_endpoint(ecs: &Ecs, task: &mut DesiredTask) {
    for container in &mut task.containers {
        let images = container.image.iter_mut().map(|image| &mut image.registry_url);
        for text in images.chain(container.environment.iter_mut().map(|one| &mut one.value)) {
            if *text == ecs.config.registry_url {
                ENDPOINT_MARK.clone_into(text);
            }
        }
    }
}

/// What a node has of one task, with all that was made for it; none if it shall not have it.
pub(crate) async fn of_task(ecs: &Ecs, name: &TaskName, node: &str) -> Result<Option<DesiredTask>, Failure> {
    let mut tx = ecs.db.begin();
    let Some(row) = tx.peek(&ASSIGNMENTS, &name.key_under(node)).await? else { return Ok(None) };
    let sealed = BASE64.decode(&row.sealed).map_err(Failure::internal)?;
    let plain = ecs.sealer.open(&sealed, &seal_context(name))?;
    DesiredTask::decode(plain.as_slice()).map(Some).map_err(Failure::internal)
}
