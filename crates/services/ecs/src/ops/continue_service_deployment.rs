//! ContinueServiceDeployment: a deployment that pauses at a hook goes on, or back.

use gantry_api_ecs as api;
use gantry_ecs_core::service::shift::PauseStatus;
use gantry_service::{Cx, Failure, Permission};

use super::service_deployment::named;
use super::shared;
use crate::Ecs;
use crate::error::EcsError;
use crate::loops::services::{By, Failed, end_hook, fail, proven};
use crate::tables::service::{SERVICE_DEPLOYMENTS, SERVICES};

/// Answers the hook; the loop follows.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::ContinueServiceDeploymentRequest,
) -> Result<api::ContinueServiceDeploymentResponse, Failure> {
    let (name, id) = named(&cx, "service-deployment", &input.service_deployment_arn)?;
    let arn = name.deployment_arn(&id);
    let permission =
        Permission::on("ecs:ContinueServiceDeployment", &arn).key("ecs:service", [name.arn().to_string()]);
    let permit = cx.authorize(shared::in_cluster(permission, &name.place, &name.cluster))?;
    let mut tx = ecs.db.begin();
    let missing =
        || EcsError::ServiceDeploymentNotFound("The specified service deployment was not found.".to_owned());
    let record = tx.get(&SERVICE_DEPLOYMENTS, &name.key().with(&id)).await?.ok_or_else(missing)?;
    let mut row = tx.get(&SERVICES, &name.key()).await?.ok_or_else(missing)?;
    let is_it = row.deployments.first().is_some_and(|one| one.service_deployment == id);
    let goes_on = input.action.as_deref() != Some("ROLLBACK");
    let status = if goes_on { PauseStatus::Succeeded } else { PauseStatus::Failed };
    let ended = match is_it && !record.status.is_final() {
        true => end_hook(&mut tx, &mut row, &input.hook_id, status, cx.now),
        false => None,
    };
    let Some((at, _)) = ended else {
        let hook = &input.hook_id;
        return Err(EcsError::invalid(format!(
            "The lifecycle hook {hook} is not awaiting action in the service deployment."
        ))
        .into());
    };
    if !goes_on {
        let to = proven(&row);
        fail(ecs, &mut tx, &mut row, Failed { to, by: By::Hook(at) }, cx.now).await?;
    }
    row.name.look(&mut tx);
    row.put(&mut tx);
    tx.commit(&permit).await?;
    Ok(api::ContinueServiceDeploymentResponse { service_deployment_arn: Some(arn.to_string()) })
}
