//! What running containers use, for somebody who looks.
//!
//! It is measured when it is asked for, and never otherwise: an idle node is to cost nothing.

use std::sync::Arc;

use gantry_node_proto::v1::{self, node_message};
use gantry_runtime::{ContainerId, Engine, Interface, Stats};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use crate::shared::Shared;

/// Measures on behalf of one session, one time after the other.
#[derive(Default)]
pub struct Measuring(Option<AbortOnDropHandle<()>>);

impl Measuring {
    /// Measures, and says the answer. While that goes on, a further question has the same answer.
    pub fn begin(&mut self, shared: &Shared, out: &mpsc::Sender<v1::NodeMessage>) {
        if self.0.as_ref().is_some_and(|before| !before.is_finished()) {
            return;
        }
        let (_, tasks) = shared.board.since(0);
        let (engine, out, at_ms) = (Arc::clone(&shared.engine), out.clone(), shared.now().as_millis());
        let connects = shared.endpoints.counts.told();
        self.0 = Some(AbortOnDropHandle::new(tokio::spawn(async move {
            let usage = v1::Usage { at_ms, tasks: measure(&*engine, &tasks).await, connects };
            let message = v1::NodeMessage { message: Some(node_message::Message::Usage(usage)) };
            // A session that has ended has nobody who looks.
            let _ = out.send(message).await;
        })));
    }
}

/// What the containers that run use, by the newest reports of their tasks.
async fn measure(engine: &dyn Engine, tasks: &[v1::TaskReport]) -> Vec<v1::TaskUsage> {
    let mut usage = Vec::new();
    for task in tasks {
        let mut used = v1::TaskUsage { task_arn: task.task_arn.clone(), ..v1::TaskUsage::default() };
        let mut own_interface = task.network.as_ref().is_some_and(|network| !network.eni_id.is_empty());
        for container in &task.containers {
            if container.status() != v1::ContainerStatus::Running {
                continue;
            }
            let Ok(id) = ContainerId::new(container.runtime_id.as_str()) else { continue };
            let stats = match engine.stats(&id).await {
                Ok(Some(stats)) => stats,
                Ok(None) => continue,
                Err(error) => {
                    tracing::debug!(container = %id, %error, "no stats");
                    continue;
                }
            };
            // The containers of such a task have one interface between them.
            if std::mem::take(&mut own_interface) {
                let sum = |of: fn(&Interface) -> u64| stats.interfaces.values().map(of).sum::<u64>();
                used.received_bytes = sum(|one| one.rx_bytes);
                used.sent_bytes = sum(|one| one.tx_bytes);
            }
            used.containers.push(of(&container.name, &stats));
        }
        if !used.containers.is_empty() {
            usage.push(used);
        }
    }
    usage
}

fn of(name: &str, stats: &Stats) -> v1::ContainerUsage {
    v1::ContainerUsage {
        name: name.to_owned(),
        cpu_ns: stats.cpu_usage_ns,
        memory_bytes: stats.memory_usage_bytes.saturating_sub(stats.memory_inactive_file_bytes),
        memory_limit_bytes: stats.memory_limit_bytes.unwrap_or(0),
        read_bytes: stats.io.iter().map(|one| one.read_bytes).sum(),
        written_bytes: stats.io.iter().map(|one| one.write_bytes).sum(),
        processes: stats.pids,
    }
}
