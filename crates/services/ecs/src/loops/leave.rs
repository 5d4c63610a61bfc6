//! No interface outlives its task.

use async_trait::async_trait;
use futures::StreamExt;
use gantry_api_ec2 as ec2;
use gantry_reconcile::{Loop, Next, Pass, PassError};
use gantry_service::Failure;
use gantry_store::{Key, Scan, key};

use crate::loops::LEAVE_LOOP;
use crate::names::TaskName;
use crate::tables::queues::LEAVING;
use crate::tables::task::TASKS;
use crate::{Ecs, ending};

const BATCH: usize = 100;
const AT_ONCE: usize = 8;

/// The loop.
pub struct Leave {
    ecs: Ecs,
}

impl Leave {
    /// The loop over the service.
    pub fn new(ecs: Ecs) -> Self {
        Leave { ecs }
    }

    /// Deletes the interface; one that is gone already is as good.
    async fn delete(&self, name: &TaskName, eni_id: &str, by: &Pass) -> Result<(), Failure> {
        let cx = self.ecs.as_service(&name.place, by.now());
        let input = ec2::DeleteNetworkInterfaceRequest {
            network_interface_id: eni_id.to_owned(),
            ..Default::default()
        };
        match self.ecs.siblings.call::<ec2::DeleteNetworkInterface>(&cx, input).await {
            Err(Failure::Answer(error)) if error.code.ends_with(".NotFound") => Ok(()),
            ended => ended.map(|_| ()),
        }
    }
}

#[async_trait]
impl Loop for Leave {
    fn name(&self) -> &'static str {
        LEAVE_LOOP
    }

    async fn pass(&self, by: &Pass) -> Result<Next, PassError> {
        let mut tx = self.ecs.db.begin();
        let queue = tx.peek_scan(&LEAVING, &key!(), Scan::first(BATCH)).await?;
        if queue.is_empty() {
            return Ok(Next::Wait);
        }
        let full = queue.len() == BATCH;
        let named: Vec<(TaskName, String)> = queue
            .into_iter()
            .filter_map(|(key, leaving)| Some((TaskName::of_key(&key)?, leaving.eni_id)))
            .collect();
        let each: Vec<_> = named.iter().map(|(name, eni_id)| self.delete(name, eni_id, by)).collect();
        let deleted: Vec<Result<(), Failure>> = futures::stream::iter(each).buffered(AT_ONCE).collect().await;
        let keys: Vec<Key> = named.iter().map(|(name, _)| name.key()).collect();
        let tasks = tx.peek_many(&TASKS, &keys).await?;
        let mut failed = None;
        for (((name, eni_id), deleted), task) in named.iter().zip(deleted).zip(tasks) {
            match (deleted, task) {
                (Ok(()), Some(mut task)) => ending::stopped(&mut tx, &mut task, by.now()),
                (Ok(()), None) => tx.delete(&LEAVING, &name.key()),
                (Err(failure), _) => {
                    failed = Some(format!("interface {eni_id} of {}: {failure:?}", name.arn()))
                }
            }
        }
        tx.commit(by).await?;
        match failed {
            Some(failed) => Err(failed.into()),
            None if full => Ok(Next::Again),
            None => Ok(Next::Wait),
        }
    }
}
