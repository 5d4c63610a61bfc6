//! DescribeServiceDeployments: deployments of services by ARN, running and of before.

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure, Permission};

use super::service::tasks_of;
use super::service_deployment::named;
use super::{shapes, shared};
use crate::Ecs;
use crate::error::EcsError;
use crate::tables::service::{SERVICE_DEPLOYMENTS, SERVICES};

/// Most deployments in one request.
const MOST: usize = 20;

/// Reads the deployments in the order of the request.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::DescribeServiceDeploymentsRequest,
) -> Result<api::DescribeServiceDeploymentsResponse, Failure> {
    if input.service_deployment_arns.is_empty() {
        return Err(EcsError::invalid("serviceDeploymentArns cannot be empty.").into());
    }
    if input.service_deployment_arns.len() > MOST {
        return Err(EcsError::invalid(format!("serviceDeploymentArns can have at most {MOST} items.")).into());
    }
    let mut tx = ecs.db.begin();
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for text in &input.service_deployment_arns {
        let (name, id) = named(&cx, "service-deployment", text)?;
        let arn = name.deployment_arn(&id);
        let permission = Permission::on("ecs:DescribeServiceDeployments", &arn)
            .key("ecs:service", [name.arn().to_string()]);
        cx.authorize(shared::in_cluster(permission, &name.place, &name.cluster))?;
        let Some(row) = tx.peek(&SERVICE_DEPLOYMENTS, &name.key().with(&id)).await? else {
            failures.push(shared::missing(&arn));
            continue;
        };
        let service = tx.peek(&SERVICES, &name.key()).await?;
        let tasks = tasks_of(&mut tx, &name).await?;
        found.push(shapes::service_deployment::service_deployment(&name, &row, service.as_ref(), &tasks)?);
    }
    Ok(api::DescribeServiceDeploymentsResponse { service_deployments: Some(found), failures: Some(failures) })
}
