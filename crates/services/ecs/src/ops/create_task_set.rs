//! CreateTaskSet: a share of a service with the EXTERNAL controller.

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure};

use super::service_fields::{self as fields, Asked};
use super::{service, shapes, shared, task_set};
use crate::Ecs;
use crate::error::EcsError;
use crate::tables::service::{SERVICE_REVISIONS, TaskSet};

/// Makes the task set; the loop starts its tasks.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::CreateTaskSetRequest,
) -> Result<api::CreateTaskSetResponse, Failure> {
    let mut tx = ecs.db.begin();
    let (mut row, permit) =
        task_set::service(&mut tx, &cx, "ecs:CreateTaskSet", &input.cluster, &input.service, "*").await?;
    let token = input.client_token.clone().filter(|token| !token.is_empty());
    if let Some(known) = row.task_sets.iter().find(|set| token.is_some() && set.client_token == token) {
        let shown =
            shapes::service::task_set(&row, known, &service::tasks_of(&mut tx, &row.name).await?, true);
        return Ok(api::CreateTaskSetResponse { task_set: Some(shown) });
    }
    if row.task_sets.len() >= task_set::MOST {
        return Err(EcsError::invalid(format!(
            "{} deployments exist on the service. Unable to create new TaskSet since this exceeds the maximum limit.",
            task_set::MOST
        ))
        .into());
    }
    if input.load_balancers.iter().flatten().any(|one| one.advanced_configuration.is_some()) {
        return Err(
            EcsError::unsupported(&["loadBalancers.advancedConfiguration of task sets".to_owned()]).into()
        );
    }
    let tags = shared::tags(input.tags.clone())?;
    let cluster = shared::active_cluster(&mut tx, &row.name.place, &row.name.cluster).await?;
    let asked = Asked {
        task_definition: input.task_definition.clone(),
        launch_type: input.launch_type.clone(),
        strategy: input.capacity_provider_strategy.clone(),
        platform_version: input.platform_version.clone(),
        network: input.network_configuration.clone(),
        load_balancers: input.load_balancers.clone().unwrap_or_default(),
        way: None,
        registries: input.service_registries.clone().unwrap_or_default(),
        connect: None,
        service_arn: row.name.arn().to_string(),
        constraints: None,
        placement: None,
    };
    let made = fields::revision(ecs, &cx, &mut tx, &cluster, &asked, row.scheduling).await?;
    let set = TaskSet {
        id: format!("ecs-svc/{}", service::digits(ecs)),
        external_id: input.external_id.clone(),
        primary: false,
        draining: false,
        percent: task_set::percent(input.scale.as_ref())?,
        revision: made.revision,
        steady: false,
        steady_at: cx.now,
        created_at: cx.now,
        updated_at: cx.now,
        throttle: Default::default(),
        tags,
        client_token: token,
    };
    tx.put(&SERVICE_REVISIONS, &row.name.key().with(&set.revision.id), &set.revision);
    let shown = shapes::service::task_set(&row, &set, &[], true);
    row.task_sets.push(set);
    row.steady = false;
    row.name.look(&mut tx);
    row.put(&mut tx);
    tx.commit(&permit).await?;
    Ok(api::CreateTaskSetResponse { task_set: Some(shown) })
}
