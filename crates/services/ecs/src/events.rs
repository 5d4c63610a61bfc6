//! `ECS Task State Change`, as EventBridge has it.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html>

use gantry_base::Timestamp;
use gantry_store::{Entry, StoreError, Tx};
use gantry_wire::to_json;
use serde_json::{Value, json};

use crate::ops::shapes;
use crate::tables::task::Task;

/// The outbox's topic: EventBridge's events, each whole but for its `id`, which whoever delivers it gives.
pub const TOPIC: &str = "events";

/// Members that are times; an event has them as text, an answer as numbers.
const TIMES: [&str; 9] = [
    "connectivityAt",
    "createdAt",
    "executionStoppedAt",
    "pullStartedAt",
    "pullStoppedAt",
    "startedAt",
    "stoppedAt",
    "stoppingAt",
    "updatedAt",
];

/// Tells of the task as it is now, and has its service look.
pub(crate) fn task_changed(tx: &mut Tx, task: &Task, now: Timestamp) {
    if let Some(service) = task.service() {
        service.look(tx);
    }
    let mut detail = to_json(&shapes::task::answer(task, false));
    if let Value::Object(members) = &mut detail {
        members.remove("tags");
        members.insert("updatedAt".to_owned(), json!(now.as_secs_f64()));
        for name in TIMES {
            if let Some(seconds) = members.get(name).and_then(Value::as_f64) {
                members.insert(name.to_owned(), json!(Timestamp::from_secs_f64(seconds).to_rfc3339()));
            }
        }
    }
    let event = json!({
        "version": "0",
        "detail-type": "ECS Task State Change",
        "source": "aws.ecs",
        "account": task.place().account,
        "time": now.to_rfc3339(),
        "region": task.place().region,
        "resources": [task.name.arn()],
        "detail": detail,
    });
    tx.emit(TOPIC, &event);
}

/// When an event of this topic was told.
pub(crate) fn time_of(entry: &Entry) -> Result<Option<Timestamp>, StoreError> {
    let event: Value = entry.decode()?;
    Ok(event.get("time").and_then(Value::as_str).and_then(Timestamp::from_rfc3339))
}
