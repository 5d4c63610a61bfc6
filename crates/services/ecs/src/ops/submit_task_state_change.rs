//! SubmitTaskStateChange: an agent tells how far a task is.

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure};

use super::state_change::{self, ACKNOWLEDGED};
use crate::{Ecs, session};

/// Takes it in as a report.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::SubmitTaskStateChangeRequest,
) -> Result<api::SubmitTaskStateChangeResponse, Failure> {
    let mut tx = ecs.db.begin();
    let cluster = input.cluster.as_deref();
    let permit = state_change::authorize(&mut tx, &cx, "ecs:SubmitTaskStateChange", cluster).await?;
    let mut task = state_change::task(&mut tx, &cx, cluster, input.task.as_deref()).await?;
    let mut report = state_change::nothing_new(&task);
    if let Some(status) = input.status.as_deref() {
        report.phase = state_change::phase(status)?;
    }
    for change in input.containers.iter().flatten() {
        let (name, status) = (change.container_name.as_deref(), change.status.as_deref());
        report.containers.push(state_change::container(&task, name, status, change)?);
    }
    report.reason = input.reason.filter(|text| !text.is_empty()).map(state_change::reason);
    report.pull_started = input.pull_started_at;
    report.pull_stopped = input.pull_stopped_at;
    report.execution_stopped = input.execution_stopped_at;
    session::observe(&mut tx, &mut task, &report, cx.now).await?;
    tx.commit(&permit).await?;
    Ok(api::SubmitTaskStateChangeResponse { acknowledgment: Some(ACKNOWLEDGED.to_owned()) })
}
