//! No running task's credentials run out: they are renewed at half of their life.

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use gantry_node_proto::v1::DesiredTask;
use gantry_reconcile::{Loop, Next, Pass, PassError};
use gantry_store::{Scan, key};
use prost::Message;

use crate::Ecs;
use crate::launch::credentials;
use crate::loops::RENEWAL_LOOP;
use crate::names::TaskName;
use crate::session::SESSION_WAKE;
use crate::tables::node::{ASSIGNMENTS, Assignment, seal_context};
use crate::tables::queues::{RENEWING, Renewing, at, time_of};

/// Most tasks in one pass.
const BATCH: usize = 32;
/// When a role that could not be assumed is tried again.
const RETRY: std::time::Duration = std::time::Duration::from_secs(60);

/// The loop.
pub struct Renewal {
    ecs: Ecs,
}

impl Renewal {
    /// The loop over the service.
    pub fn new(ecs: Ecs) -> Self {
        Renewal { ecs }
    }

    /// The assignment with new credentials, and when they are renewed next; none where the role can't be assumed any
    /// more, so that the old ones are used until they run out.
    async fn renewed(
        &self,
        name: &TaskName,
        row: &Assignment,
        by: &Pass,
    ) -> Result<Option<(Assignment, gantry_base::Timestamp)>, PassError> {
        let context = seal_context(name);
        let sealed = BASE64.decode(&row.sealed)?;
        let plain = self.ecs.sealer.open(&sealed, &context).map_err(|failure| format!("{failure:?}"))?;
        let mut desired = DesiredTask::decode(plain.as_slice())?;
        let Some(old) = desired.task_role.take() else { return Ok(None) };
        let role = old.role_arn.parse()?;
        let (renewed, session) = match credentials(&self.ecs, &role, name, Some(old.id), by.now()).await {
            Ok(renewed) => renewed,
            Err(failure) => {
                tracing::warn!(task_arn = %name.arn(), role = %role, ?failure, "the task's credentials can't be renewed");
                return Ok(None);
            }
        };
        let renew_at = crate::launch::renew_at(&session, by.now());
        desired.task_role = Some(renewed);
        let sealed = BASE64.encode(self.ecs.sealer.seal(&desired.encode_to_vec(), &context));
        Ok(Some((Assignment { sealed, ..row.clone() }, renew_at)))
    }
}

#[async_trait]
impl Loop for Renewal {
    fn name(&self) -> &'static str {
        RENEWAL_LOOP
    }

    async fn pass(&self, by: &Pass) -> Result<Next, PassError> {
        let mut tx = self.ecs.db.begin();
        let queue = tx.peek_scan(&RENEWING, &key!(), Scan::first(BATCH)).await?;
        let full = queue.len() == BATCH;
        let mut next = None;
        for (key, Renewing { node }) in queue {
            let due = time_of(&key).unwrap_or_default();
            if due > by.now() {
                next = Some(due.since(by.now()));
                break;
            }
            tx.delete(&RENEWING, &key);
            let Some(name) = TaskName::of_key(&key) else { continue };
            let under_node = name.key_under(&node);
            // A task that has left its node needs none.
            let Some(row) = tx.get(&ASSIGNMENTS, &under_node).await? else { continue };
            match self.renewed(&name, &row, by).await? {
                Some((renewed, when)) => {
                    tx.put(&ASSIGNMENTS, &under_node, &renewed);
                    tx.put(&RENEWING, &at(when, &name), &Renewing { node });
                    tx.wake(SESSION_WAKE);
                }
                None => tx.put(&RENEWING, &at(by.now() + RETRY, &name), &Renewing { node }),
            }
        }
        tx.commit(by).await?;
        Ok(match next {
            Some(wait) => Next::After(wait),
            None if full => Next::Again,
            None => Next::Wait,
        })
    }
}
