//! SubmitContainerStateChange: an agent tells how far a container is.

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure};

use super::state_change::{self, ACKNOWLEDGED};
use crate::{Ecs, session};

/// Takes it in as a report.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::SubmitContainerStateChangeRequest,
) -> Result<api::SubmitContainerStateChangeResponse, Failure> {
    let mut tx = ecs.db.begin();
    let cluster = input.cluster.as_deref();
    let permit = state_change::authorize(&mut tx, &cx, "ecs:SubmitContainerStateChange", cluster).await?;
    let mut task = state_change::task(&mut tx, &cx, cluster, input.task.as_deref()).await?;
    let mut report = state_change::nothing_new(&task);
    let change = api::ContainerStateChange {
        runtime_id: input.runtime_id,
        exit_code: input.exit_code,
        network_bindings: input.network_bindings,
        reason: input.reason,
        ..Default::default()
    };
    let (name, status) = (input.container_name.as_deref(), input.status.as_deref());
    report.containers.push(state_change::container(&task, name, status, &change)?);
    session::observe(&mut tx, &mut task, &report, cx.now).await?;
    tx.commit(&permit).await?;
    Ok(api::SubmitContainerStateChangeResponse { acknowledgment: Some(ACKNOWLEDGED.to_owned()) })
}
