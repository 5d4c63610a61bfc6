//! Every placed task has what it needs to start, and its node is told.

use std::time::Duration;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use futures::StreamExt;
use gantry_base::Timestamp;
use gantry_ecs_core::DesiredStatus;
use gantry_ecs_core::stop::Stop;
use gantry_reconcile::{Loop, Next, Pass, PassError};
use gantry_store::{Key, Scan, Tx, key};
use prost::Message;

use crate::launch::{Prepared, Unready, find_interface, prepare};
use crate::loops::{LAUNCH_LOOP, RENEWAL_LOOP};
use crate::names::TaskName;
use crate::session::SESSION_WAKE;
use crate::tables::node::{ASSIGNMENTS, Assignment, INTERFACES, Interface, seal_context};
use crate::tables::queues::{LAUNCHING, Launching, RENEWING, Renewing, at};
use crate::tables::task::{Attachment, TASKS, Task};
use crate::tables::task_definition::{self, TASK_DEFINITIONS};
use crate::{Ecs, ending, events};

/// Most tasks in one pass: their sealed messages must fit in one transaction.
const BATCH: usize = 32;
/// How many are made ready at once.
const AT_ONCE: usize = 16;
/// How long making one ready may take; then it is tried again.
const PATIENCE: Duration = Duration::from_secs(20);
/// When those that were not ready are tried again.
const RETRY: Duration = Duration::from_secs(1);
/// After this long of trying, what stands in the way is the reason to stop.
const GIVE_UP: Duration = Duration::from_secs(3 * 60);

/// The loop.
pub struct Launch {
    ecs: Ecs,
}

/// What came of one task.
enum Outcome {
    Ready(Box<Prepared>),
    /// It is not to start, for this reason or because it is not wanted any more; the interface that was made for it.
    Over(Option<Stop>, Option<Attachment>),
    Later,
}

impl Launch {
    /// The loop over the service.
    pub fn new(ecs: Ecs) -> Self {
        Launch { ecs }
    }

    async fn one(&self, task: &Task, launching: &Launching, now: Timestamp) -> Outcome {
        if task.life.desired() == DesiredStatus::Stopped {
            return self.over(task, None, now).await;
        }
        let why = match tokio::time::timeout(PATIENCE, self.prepare(task, now)).await {
            Ok(Ok(prepared)) => return Outcome::Ready(Box::new(prepared)),
            Ok(Err(Unready { stop: Some(stop), detail })) => {
                tracing::info!(task_arn = %task.name.arn(), detail, "the task can't start");
                return self.over(task, Some(stop), now).await;
            }
            Ok(Err(unready)) => unready.detail,
            Err(_) => format!("it took longer than {PATIENCE:?}"),
        };
        tracing::warn!(task_arn = %task.name.arn(), why, "the task is not ready to start");
        if now.since(launching.since) > GIVE_UP {
            let stop = Stop::resource_initialization("internal error while the task was prepared");
            return self.over(task, Some(stop), now).await;
        }
        Outcome::Later
    }

    /// An earlier pass may have made an interface that no row tells of yet.
    async fn over(&self, task: &Task, stop: Option<Stop>, now: Timestamp) -> Outcome {
        match find_interface(&self.ecs, task, now).await {
            Ok(attachment) => Outcome::Over(stop, attachment),
            Err(failure) => {
                tracing::warn!(task_arn = %task.name.arn(), ?failure, "the task's interface can't be looked for");
                Outcome::Later
            }
        }
    }

    async fn prepare(&self, task: &Task, now: Timestamp) -> Result<Prepared, Unready> {
        let key = task_definition::key(task.place(), &task.family, task.revision);
        let row = self.ecs.db.begin().peek(&TASK_DEFINITIONS, &key).await;
        let definition =
            row.map_err(Unready::later)?.ok_or_else(|| Unready::later("its definition is gone"))?;
        prepare(&self.ecs, task, &definition, now).await
    }

    fn ready(&self, tx: &mut Tx, task: &mut Task, prepared: Prepared, now: Timestamp) {
        let Some(node) = task.node.clone() else { return };
        let sealed = self.ecs.sealer.seal(&prepared.desired.encode_to_vec(), &seal_context(&task.name));
        let assignment = Assignment { desired: DesiredStatus::Running, sealed: BASE64.encode(sealed) };
        tx.put(&ASSIGNMENTS, &task.name.key_under(&node), &assignment);
        let network = prepared.desired.network.as_ref().and_then(|network| network.interface.as_ref());
        if let Some(one) = network {
            let interface = Interface {
                vpc_id: one.vpc_id.clone(),
                vpc_cidr: one.vpc_cidr.clone(),
                subnet_id: one.subnet_id.clone(),
                private_ipv4: one.private_ipv4.clone(),
                public_ipv4: one.public_ipv4.clone(),
            };
            tx.put(&INTERFACES, &task.name.key_under(&node), &interface);
        }
        if let Some(when) = prepared.renew_at {
            tx.put(&RENEWING, &at(when, &task.name), &Renewing { node });
            tx.wake(RENEWAL_LOOP);
        }
        task.attachment = prepared.attachment;
        task.zone = prepared.zone.or(task.zone.take());
        task.life.launched(now);
        tx.put(&TASKS, &task.name.key(), task);
        tx.delete(&LAUNCHING, &task.name.key());
        tx.wake(SESSION_WAKE);
        events::task_changed(tx, task, now);
    }
}

#[async_trait]
impl Loop for Launch {
    fn name(&self) -> &'static str {
        LAUNCH_LOOP
    }

    async fn pass(&self, by: &Pass) -> Result<Next, PassError> {
        let now = by.now();
        let mut tx = self.ecs.db.begin();
        let queue = tx.peek_scan(&LAUNCHING, &key!(), Scan::first(BATCH)).await?;
        if queue.is_empty() {
            return Ok(Next::Wait);
        }
        let full = queue.len() == BATCH;
        let names: Vec<TaskName> = queue.iter().filter_map(|(key, _)| TaskName::of_key(key)).collect();
        let keys: Vec<Key> = names.iter().map(TaskName::key).collect();
        let tasks = tx.peek_many(&TASKS, &keys).await?;
        let mut known = Vec::with_capacity(queue.len());
        for ((key, launching), task) in queue.into_iter().zip(tasks) {
            match task {
                Some(task) => known.push((task, launching)),
                None => tx.delete(&LAUNCHING, &key),
            }
        }
        let each: Vec<_> = known.iter().map(|(task, launching)| self.one(task, launching, now)).collect();
        let outcomes: Vec<Outcome> = futures::stream::iter(each).buffered(AT_ONCE).collect().await;

        let (mut done, mut later) = (0, 0);
        for ((mut task, _), outcome) in known.into_iter().zip(outcomes) {
            match outcome {
                Outcome::Ready(prepared) => self.ready(&mut tx, &mut task, *prepared, now),
                Outcome::Over(stop, attachment) => {
                    task.attachment = attachment;
                    match stop {
                        Some(stop) => ending::fail(&mut tx, &mut task, stop, now),
                        None => ending::abandon(&mut tx, &mut task, now),
                    }
                }
                Outcome::Later => {
                    later += 1;
                    continue;
                }
            }
            done += 1;
        }
        if done > 0 {
            tx.commit(by).await?;
        }
        Ok(match (full && done > 0, later) {
            (true, _) => Next::Again,
            (false, 0) => Next::Wait,
            (false, _) => Next::After(RETRY),
        })
    }
}
