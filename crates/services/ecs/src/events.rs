//! What happens to tasks and deployments, as EventBridge has it.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html>

use gantry_base::Timestamp;
use gantry_ecs_core::service::shift::{Pause, PauseStatus};
use gantry_store::{Entry, StoreError, Tx};
use gantry_wire::to_json;
use serde_json::{Value, json};

use crate::names::Place;
use crate::ops::shapes;
use crate::tables::service::{Service, ServiceName};
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
    let resource = task.name.arn().to_string();
    emit(tx, task.place(), "ECS Task State Change", &resource, detail, now);
}

/// `ECS Deployment State Change` of the primary deployment.
///
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html>
pub(crate) fn deployment_changed(tx: &mut Tx, row: &Service, name: &str, now: Timestamp) {
    let Some(primary) = row.deployments.first() else { return };
    let failed = name == "SERVICE_DEPLOYMENT_FAILED";
    let detail = json!({
        "eventType": if failed { "ERROR" } else { "INFO" },
        "eventName": name,
        "deploymentId": primary.id,
        "updatedAt": now.to_rfc3339(),
        "reason": primary.rollout_reason,
    });
    let resource = row.name.arn().to_string();
    emit(tx, &row.name.place, "ECS Deployment State Change", &resource, detail, now);
}

/// `ECS Hook State Change` of a hook at which a deployment pauses.
///
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_hook_state_change_events.html>
pub(crate) fn hook_changed(tx: &mut Tx, name: &ServiceName, deployment: &str, pause: &Pause, now: Timestamp) {
    let resource = name.deployment_arn(deployment).to_string();
    let bad = matches!(pause.status, PauseStatus::Failed | PauseStatus::TimedOut);
    let detail = json!({
        "eventType": if bad { "ERROR" } else { "INFO" },
        "eventName": format!("HOOK_{}", pause.status.as_str()),
        "hookId": pause.id,
        "hookType": "PAUSE",
        "expiresAt": pause.expires_at.to_rfc3339(),
        "lifecycleStage": pause.at.as_str(),
        "clusterArn": name.place.cluster_arn(&name.cluster),
        "serviceArn": name.arn(),
        "serviceDeploymentArn": resource,
        "updatedAt": now.to_rfc3339(),
    });
    emit(tx, &name.place, "ECS Hook State Change", &resource, detail, now);
}

fn emit(tx: &mut Tx, place: &Place, kind: &str, resource: &str, detail: Value, now: Timestamp) {
    let event = json!({
        "version": "0",
        "detail-type": kind,
        "source": "aws.ecs",
        "account": place.account,
        "time": now.to_rfc3339(),
        "region": place.region,
        "resources": [resource],
        "detail": detail,
    });
    tx.emit(TOPIC, &event);
}

/// When an event of this topic was told.
pub(crate) fn time_of(entry: &Entry) -> Result<Option<Timestamp>, StoreError> {
    let event: Value = entry.decode()?;
    Ok(event.get("time").and_then(Value::as_str).and_then(Timestamp::from_rfc3339))
}
