//! StartTask: one task on each of the container instances that are named.

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure};

use super::run_task::{Where, start};
use crate::Ecs;

/// Accepts the tasks whose instances have room for them, and says of the others why not.
pub async fn run(ecs: &Ecs, cx: Cx, input: api::StartTaskRequest) -> Result<api::StartTaskResponse, Failure> {
    let asked = api::RunTaskRequest {
        cluster: input.cluster,
        enable_ecs_managed_tags: input.enable_ecs_managed_tags,
        enable_execute_command: input.enable_execute_command,
        group: input.group,
        launch_type: Some("EC2".to_owned()),
        network_configuration: input.network_configuration,
        overrides: input.overrides,
        propagate_tags: input.propagate_tags,
        reference_id: input.reference_id,
        started_by: input.started_by,
        tags: input.tags,
        task_definition: input.task_definition,
        volume_configurations: input.volume_configurations,
        ..api::RunTaskRequest::default()
    };
    let (tasks, failures) =
        start(ecs, &cx, "StartTask", &asked, &Where::On(input.container_instances)).await?;
    Ok(api::StartTaskResponse { tasks: Some(tasks), failures: Some(failures) })
}
