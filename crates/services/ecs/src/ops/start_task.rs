//! StartTask: one task on each of the container instances that are named.

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure};
use gantry_store::key;

use super::run_task::{Where, start};
use super::shared;
use crate::tables::node::NODES;
use crate::tables::task::LaunchType;
use crate::{Ecs, members};

/// Accepts the tasks whose instances have room for them, and says of the others why not.
pub async fn run(ecs: &Ecs, cx: Cx, input: api::StartTaskRequest) -> Result<api::StartTaskResponse, Failure> {
    let launch = launch_type(ecs, &cx, &input).await?;
    let asked = api::RunTaskRequest {
        cluster: input.cluster,
        enable_ecs_managed_tags: input.enable_ecs_managed_tags,
        enable_execute_command: input.enable_execute_command,
        group: input.group,
        launch_type: Some(launch.as_str().to_owned()),
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

/// EC2, or EXTERNAL where the first instance is a machine of that kind. What is not there is told of later.
async fn launch_type(ecs: &Ecs, cx: &Cx, input: &api::StartTaskRequest) -> Result<LaunchType, Failure> {
    let place = shared::place(cx);
    let Ok(cluster) = shared::asked_cluster(&place, input.cluster.as_deref()) else {
        return Ok(LaunchType::Ec2);
    };
    let first = input.container_instances.first();
    let Some(Ok(named)) = first.map(|text| shared::instance(&place, &cluster, text)) else {
        return Ok(LaunchType::Ec2);
    };
    let mut tx = ecs.db.begin();
    let instance = members::find(&mut tx, &place, &cluster, &named.id).await?;
    let Some(node) = instance.and_then(|one| one.node) else { return Ok(LaunchType::Ec2) };
    let row = tx.peek(&NODES, &key!(node)).await?;
    Ok(row
        .and_then(|row| row.launch)
        .filter(|launch| *launch == LaunchType::External)
        .unwrap_or(LaunchType::Ec2))
}
