//! Stopped tasks, client tokens and events that nobody took are dropped when they are old.

use std::time::Duration;

use async_trait::async_trait;
use gantry_base::Timestamp;
use gantry_reconcile::{Loop, Next, Pass, PassError};
use gantry_store::{Entry, Key, Record, Scan, StoreError, Table, Tx, key};

use crate::loops::{EVENTS_FOR, FORGET_AFTER, FORGETTING_LOOP, TOKENS_FOR};
use crate::names::TaskName;
use crate::tables::node::LOG_OFFSETS;
use crate::tables::queues::{CLIENT_TOKENS, CLIENT_TOKENS_BY_AGE, FORGETTING, time_of};
use crate::tables::task::TASKS;
use crate::{Ecs, events};

const BATCH: usize = 500;
/// Long enough to read what is there.
const LOOK_AT_EVENTS: Duration = Duration::from_millis(50);

/// The loop.
pub struct Forget {
    ecs: Ecs,
}

impl Forget {
    /// The loop over the service.
    pub fn new(ecs: Ecs) -> Self {
        Forget { ecs }
    }
}

/// Keys that begin with a time: those that are due, and when the next one is.
async fn due<V: Record>(
    tx: &mut Tx,
    table: &Table<V>,
    now: Timestamp,
) -> Result<(Vec<Key>, Option<Timestamp>), StoreError> {
    let mut keys = Vec::new();
    for (key, _) in tx.peek_scan(table, &key!(), Scan::first(BATCH)).await? {
        match time_of(&key) {
            Some(time) if time > now => return Ok((keys, Some(time))),
            _ => keys.push(key),
        }
    }
    Ok((keys, None))
}

/// The oldest events that nobody has taken for too long, so that the outbox stays bounded without a consumer.
async fn stale_events(ecs: &Ecs, now: Timestamp) -> Result<Vec<Entry>, PassError> {
    // An empty outbox has one wait for an event, which is not for this loop.
    let next = tokio::time::timeout(LOOK_AT_EVENTS, ecs.db.outbox(events::TOPIC).next(BATCH)).await;
    let Ok(entries) = next else { return Ok(Vec::new()) };
    let mut stale = Vec::new();
    for entry in entries? {
        if events::time_of(&entry)?.is_some_and(|time| now.since(time) < EVENTS_FOR) {
            break;
        }
        stale.push(entry);
    }
    Ok(stale)
}

#[async_trait]
impl Loop for Forget {
    fn name(&self) -> &'static str {
        FORGETTING_LOOP
    }

    async fn pass(&self, by: &Pass) -> Result<Next, PassError> {
        let mut tx = self.ecs.db.begin();
        // A task is queued for AWS's hour; how much longer it is kept is the operator's to say, at any time.
        let longer = self.ecs.config.keep_stopped.saturating_sub(FORGET_AFTER);
        let (tasks, next_task) = due(&mut tx, &FORGETTING, by.now() - longer).await?;
        for key in &tasks {
            if let Some(name) = TaskName::of_key(key) {
                tx.delete(&TASKS, &name.key());
                for (offset, _) in tx.peek_scan(&LOG_OFFSETS, &name.key(), Scan::first(BATCH)).await? {
                    tx.delete(&LOG_OFFSETS, &offset);
                }
            }
            tx.delete(&FORGETTING, key);
        }
        let (tokens, next_token) = due(&mut tx, &CLIENT_TOKENS_BY_AGE, by.now() - TOKENS_FOR).await?;
        for key in &tokens {
            let parts = key.parts();
            let token = parts.iter().skip(1).fold(Key::default(), |key, part| key.with(part));
            tx.delete(&CLIENT_TOKENS, &token);
            tx.delete(&CLIENT_TOKENS_BY_AGE, key);
        }
        let stale = stale_events(&self.ecs, by.now()).await?;
        for event in &stale {
            tx.acknowledge(event);
        }
        tx.commit(by).await?;
        if stale.len() == BATCH || tasks.len() == BATCH || tokens.len() == BATCH {
            return Ok(Next::Again);
        }
        let next = next_task
            .map(|time| time + longer)
            .into_iter()
            .chain(next_token.map(|time| time + TOKENS_FOR))
            .min();
        Ok(next.map_or(Next::Wait, |time| Next::After(time.since(by.now()))))
    }
}
