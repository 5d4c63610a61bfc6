//! StopServiceDeployment: a deployment under way is gone back from, to the one before that was completed; or it is
//! aborted, and all stays as it is.

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure, Permission};
use gantry_wire::ApiError;

use super::service_deployment::named;
use super::shared;
use crate::Ecs;
use crate::error::EcsError;
use crate::loops::services::{By, Failed, fail, proven};
use crate::tables::service::{DeploymentStatus, SERVICE_DEPLOYMENTS, SERVICES};

/// Goes back, as the circuit breaker does, or leaves tasks and traffic where they are.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::StopServiceDeploymentRequest,
) -> Result<api::StopServiceDeploymentResponse, Failure> {
    let (name, id) = named(&cx, "service-deployment", &input.service_deployment_arn)?;
    let arn = name.deployment_arn(&id);
    let permission =
        Permission::on("ecs:StopServiceDeployment", &arn).key("ecs:service", [name.arn().to_string()]);
    let permit = cx.authorize(shared::in_cluster(permission, &name.place, &name.cluster))?;
    let aborts = input.stop_type.as_deref() == Some("ABORT");
    let mut tx = ecs.db.begin();
    let missing =
        || EcsError::ServiceDeploymentNotFound("The specified service deployment was not found.".to_owned());
    let record = tx.get(&SERVICE_DEPLOYMENTS, &name.key().with(&id)).await?.ok_or_else(missing)?;
    let mut row = tx.get(&SERVICES, &name.key()).await?.ok_or_else(missing)?;
    let conflict = |message: &str| {
        ApiError::new("ConflictException", message).with_field("resourceIds", vec![arn.to_string()])
    };
    if record.status == DeploymentStatus::RollbackInProgress && !aborts {
        return Ok(api::StopServiceDeploymentResponse { service_deployment_arn: Some(arn.to_string()) });
    }
    let primary = row.deployments.first().filter(|one| one.service_deployment == id).cloned();
    if primary.is_none() || record.status.is_final() {
        return Err(conflict("The service deployment is not in progress and cannot be stopped.").into());
    }
    let failed = if aborts {
        Failed { to: None, by: By::Abort }
    } else {
        let back = proven(&row);
        if back.is_none() {
            return Err(conflict("There is no completed service revision to roll back to.").into());
        }
        Failed { to: back, by: By::User }
    };
    fail(ecs, &mut tx, &mut row, failed, cx.now).await?;
    row.name.look(&mut tx);
    row.put(&mut tx);
    tx.commit(&permit).await?;
    Ok(api::StopServiceDeploymentResponse { service_deployment_arn: Some(arn.to_string()) })
}
