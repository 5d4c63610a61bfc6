//! ListServiceDeployments: a service's deployments, the newest first, by status and time.

use gantry_api_ecs as api;
use gantry_base::PageToken;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::Scan;

use super::service::{cluster_of, named};
use super::shared;
use crate::Ecs;
use crate::error::EcsError;
use crate::tables::service::{SERVICE_DEPLOYMENTS, SERVICES, ServiceDeployment, ServiceName};

/// The size of a page where nothing is said.
const PAGE: i32 = 20;

/// One page.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::ListServiceDeploymentsRequest,
) -> Result<api::ListServiceDeploymentsResponse, Failure> {
    let place = shared::place(&cx);
    let cluster = cluster_of(&place, input.cluster.as_deref(), &input.service)?;
    let name = named(&place, &cluster, &input.service)?;
    let arn = name.arn();
    let mut tx = ecs.db.begin();
    let service = tx.peek(&SERVICES, &name.key()).await?;
    let tags = service.as_ref().map(|row| row.tags.clone()).unwrap_or_default();
    let permission = Permission::on("ecs:ListServiceDeployments", &arn).resource_tags(tags.iter());
    cx.authorize(shared::in_cluster(permission, &place, &cluster))?;
    shared::known_cluster(&mut tx, &cx, Some(&cluster)).await?;
    service.ok_or(EcsError::ServiceNotFound)?;
    let size = shared::page_size(input.max_results.or(Some(PAGE)))?;
    let fits = |one: &ServiceDeployment| {
        let within = input.created_at.as_ref().is_none_or(|range| {
            range.before.is_none_or(|before| one.created_at <= before)
                && range.after.is_none_or(|after| one.created_at >= after)
        });
        let status = input.status.as_ref().filter(|all| !all.is_empty());
        within && status.is_none_or(|all| all.iter().any(|wanted| wanted == one.status.as_str()))
    };
    let rows = tx.peek_scan(&SERVICE_DEPLOYMENTS, &name.key(), Scan::all()).await?;
    let mut rows: Vec<ServiceDeployment> = rows.into_iter().map(|(_, row)| row).filter(fits).collect();
    rows.sort_by(|a, b| (b.created_at, &b.id).cmp(&(a.created_at, &a.id)));
    let scope = format!("ListServiceDeployments/{}", name.key());
    if let Some(token) = input.next_token.as_deref().filter(|token| !token.is_empty()) {
        let last =
            PageToken::decode(&scope, token).map_err(|_| EcsError::invalid("Invalid token in request."))?;
        let after = rows.iter().position(|one| one.id == last).map_or(0, |at| at + 1);
        rows.drain(..after);
    }
    let more = rows.len() > size;
    rows.truncate(size);
    let next_token = rows.last().filter(|_| more).map(|last| PageToken::encode(&scope, &last.id));
    let briefs = rows.iter().map(|one| brief(&name, one)).collect();
    Ok(api::ListServiceDeploymentsResponse { service_deployments: Some(briefs), next_token })
}

fn brief(name: &ServiceName, one: &ServiceDeployment) -> api::ServiceDeploymentBrief {
    api::ServiceDeploymentBrief {
        service_deployment_arn: Some(name.deployment_arn(&one.id).to_string()),
        service_arn: Some(name.arn().to_string()),
        cluster_arn: Some(name.place.cluster_arn(&name.cluster).to_string()),
        started_at: Some(one.created_at),
        created_at: Some(one.created_at),
        finished_at: one.finished_at,
        target_service_revision_arn: Some(one.target.clone()),
        status: Some(one.status.as_str().to_owned()),
        status_reason: one.status_reason.clone(),
    }
}
