//! How a task ends in the store: what is deleted, what is queued, who is woken.

use gantry_base::Timestamp;
use gantry_ecs_core::lifecycle::Outcome;
use gantry_ecs_core::stop::Stop;
use gantry_ecs_core::{DesiredStatus, TaskStatus};
use gantry_store::{StoreError, Tx};

use crate::events;
use crate::loops::{FORGET_AFTER, FORGETTING_LOOP, LAUNCH_LOOP, LEAVE_LOOP, PLACEMENT_LOOP};
use crate::session::SESSION_WAKE;
use crate::tables::node::{ASSIGNMENTS, INTERFACES, RESERVATIONS, Reservation};
use crate::tables::queues::{FORGETTING, Forgetting, LAUNCHING, LEAVING, Leaving, WAITING, at};
use crate::tables::task::{AttachmentStatus, TASKS, Task};

/// Wants the task stopped. False if it was already.
pub(crate) async fn stop(
    tx: &mut Tx,
    task: &mut Task,
    stop: Stop,
    now: Timestamp,
) -> Result<bool, StoreError> {
    // One that is DEACTIVATING is wanted stopped already, and its node does not know.
    if task.life.stop(stop, now) == Outcome::Unchanged && task.life.status() != TaskStatus::Deactivating {
        return Ok(false);
    }
    leave(tx, task).await?;
    let assignment_key = task.node.as_ref().map(|node| task.name.key_under(node));
    let assigned = match &assignment_key {
        Some(key) => tx.get(&ASSIGNMENTS, key).await?.map(|row| (key.clone(), row)),
        None => None,
    };
    match assigned {
        Some((key, mut assignment)) => {
            assignment.desired = DesiredStatus::Stopped;
            tx.put(&ASSIGNMENTS, &key, &assignment);
            tx.put(&TASKS, &task.name.key(), task);
            tx.wake(SESSION_WAKE);
            events::task_changed(tx, task, now);
        }
        // It is being made ready; whoever does that knows what is to be removed.
        None if task.node.is_some() => {
            tx.put(&TASKS, &task.name.key(), task);
            tx.wake(LAUNCH_LOOP);
            events::task_changed(tx, task, now);
        }
        None => abandon(tx, task, now),
    }
    Ok(true)
}

/// Wants the task stopped once nothing leads to it any more; [`stop`] then tells its node.
pub(crate) async fn deactivate(
    tx: &mut Tx,
    task: &mut Task,
    stop: Stop,
    now: Timestamp,
) -> Result<(), StoreError> {
    if task.life.deactivate(stop, now) == Outcome::Changed {
        leave(tx, task).await?;
        tx.put(&TASKS, &task.name.key(), task);
        events::task_changed(tx, task, now);
    }
    Ok(())
}

/// What the task has of its node it has until it is gone; but others are spread without regard to it.
async fn leave(tx: &mut Tx, task: &Task) -> Result<(), StoreError> {
    let Some(node) = &task.node else { return Ok(()) };
    let key = task.name.key_under(node);
    if let Some(taken) = tx.peek(&RESERVATIONS, &key).await?.filter(|taken| !taken.leaving) {
        tx.put(&RESERVATIONS, &key, &Reservation { leaving: true, ..taken });
    }
    Ok(())
}

/// Ends a task that is not wanted and that no node has.
pub(crate) fn abandon(tx: &mut Tx, task: &mut Task, now: Timestamp) {
    task.life.abandon(now);
    left_node(tx, task, now);
}

/// Ends a task for a reason of its own, whether a node has it or not: what it holds is given back.
pub(crate) fn fail(tx: &mut Tx, task: &mut Task, stop: Stop, now: Timestamp) {
    if task.life.fail(stop, now) == Outcome::LeftNode {
        left_node(tx, task, now);
    }
}

/// The task's node is done with it. It is STOPPED now, or once its interface is gone.
pub(crate) fn left_node(tx: &mut Tx, task: &mut Task, now: Timestamp) {
    let key = task.name.key();
    tx.delete(&WAITING, &at(task.created_at, &task.name));
    tx.delete(&LAUNCHING, &key);
    if let Some(node) = &task.node {
        let under_node = task.name.key_under(node);
        tx.delete(&RESERVATIONS, &under_node);
        tx.delete(&ASSIGNMENTS, &under_node);
        tx.delete(&INTERFACES, &under_node);
        tx.wake(SESSION_WAKE);
        // Room for those that wait.
        tx.wake(PLACEMENT_LOOP);
    }
    match task.attachment.as_ref().filter(|one| one.status != AttachmentStatus::Deleted) {
        Some(attachment) => {
            tx.put(&LEAVING, &key, &Leaving { eni_id: attachment.eni_id.clone() });
            tx.wake(LEAVE_LOOP);
            tx.put(&TASKS, &key, task);
            events::task_changed(tx, task, now);
        }
        None => stopped(tx, task, now),
    }
}

/// Nothing of the task is left: it is kept for a while to be described.
pub(crate) fn stopped(tx: &mut Tx, task: &mut Task, now: Timestamp) {
    task.life.deprovisioned(now);
    if let Some(attachment) = &mut task.attachment {
        attachment.status = AttachmentStatus::Deleted;
    }
    let key = task.name.key();
    tx.delete(&LEAVING, &key);
    tx.put(&FORGETTING, &at(now + FORGET_AFTER, &task.name), &Forgetting {});
    tx.wake(FORGETTING_LOOP);
    tx.put(&TASKS, &key, task);
    events::task_changed(tx, task, now);
}
