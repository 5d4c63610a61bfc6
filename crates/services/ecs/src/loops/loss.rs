//! The tasks of a node that is gone are not taken for running for ever.
//!
//! A node that is silent may be cut off, and then its containers go on. After a bounded time its tasks are lost all the
//! same: services have others elsewhere, and whoever waits for a task of no service is told that it has ended. A node that
//! is back with such tasks is told the whole of what it shall have, and ends them.
//!
//! The node of the control plane's own machine is told from them: while this is asked, that machine is there. Its agent
//! may be slow to come back (containerd starts anew, a disk is checked), and its containers are on it meanwhile. So its
//! tasks of no service have longer.

use std::time::Duration;

use async_trait::async_trait;
use gantry_base::Timestamp;
use gantry_ecs_core::stop::Stop;
use gantry_reconcile::{Loop, Next, Pass, PassError};
use gantry_store::{Scan, key};

use crate::loops::LOSS_LOOP;
use crate::names::TaskName;
use crate::tables::node::{NODES, RESERVATIONS};
use crate::tables::task::TASKS;
use crate::{Ecs, ending};

/// After so long a silence of its node a task is lost, unless the operator says otherwise.
pub const LOST_AFTER: Duration = Duration::from_secs(30);
/// After so long a silence of the control plane's own node any task of it is.
pub const GONE_AFTER: Duration = Duration::from_secs(15 * 60);
/// How soon it is looked again.
const LOOK: Duration = Duration::from_secs(5);
/// Most tasks that are ended in one pass.
const BATCH: usize = 200;

/// The loop.
pub struct Loss {
    ecs: Ecs,
}

impl Loss {
    /// The loop over the service.
    pub fn new(ecs: Ecs) -> Self {
        Loss { ecs }
    }

    /// How long the node has been silent; not at all while its session is open.
    fn silence(&self, node: &str, open: &[String], now: Timestamp) -> Duration {
        match open.iter().any(|one| one == node) {
            true => Duration::ZERO,
            false => now.since(self.ecs.connected().last_heard(node)),
        }
    }
}

#[async_trait]
impl Loop for Loss {
    fn name(&self) -> &'static str {
        LOSS_LOOP
    }

    async fn pass(&self, by: &Pass) -> Result<Next, PassError> {
        let now = by.now();
        let mut tx = self.ecs.db.begin();
        let open = self.ecs.connected().open();
        let mut ended = 0;
        let lost_after = self.ecs.config.lost_after;
        for (key, row) in tx.peek_scan(&NODES, &key!(), Scan::all()).await? {
            let node = key.parts().pop().unwrap_or_default();
            let silence = self.silence(&node, &open, now);
            if silence < lost_after {
                continue;
            }
            let services_alone = row.launch.is_none() && silence < GONE_AFTER.max(lost_after);
            for (key, taken) in tx.peek_scan(&RESERVATIONS, &key!(node), Scan::all()).await? {
                if ended == BATCH || (services_alone && !taken.group.starts_with("service:")) {
                    continue;
                }
                let Some(name) = TaskName::of_key(&key) else { continue };
                let Some(mut task) = tx.get(&TASKS, &name.key()).await? else { continue };
                tracing::warn!(node, task_arn = %name.arn(), silent = ?silence, "the task is lost with its node");
                ending::fail(&mut tx, &mut task, Stop::node_gone(&node), now);
                ended += 1;
            }
        }
        if ended > 0 {
            // What was heard meanwhile counts for the next pass: a node that is back is told what it shall end.
            tx.commit(by).await?;
        }
        Ok(if ended == BATCH { Next::Again } else { Next::After(LOOK) })
    }
}
