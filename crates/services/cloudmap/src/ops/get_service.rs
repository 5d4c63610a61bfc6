//! GetService: what a service is.

use gantry_api_servicediscovery as api;
use gantry_service::{Cx, Failure};

use crate::find::{self, NamedService};
use crate::tables::Service;
use crate::{CloudMap, dns};

/// Shows the service.
pub async fn run(
    service: &CloudMap,
    cx: Cx,
    input: api::GetServiceRequest,
) -> Result<api::GetServiceResponse, Failure> {
    let mut tx = service.db.begin();
    let named = NamedService::look_up(&mut tx, &cx, &input.id).await?;
    cx.authorize(named.permission("servicediscovery:GetService"))?;
    Ok(api::GetServiceResponse { service: Some(answer(&cx, named.there()?)) })
}

/// A service as AWS shows it.
pub(super) fn answer(cx: &Cx, row: Service) -> api::Service {
    api::Service {
        arn: Some(find::service_arn(cx, &row.id).to_string()),
        resource_owner: Some(cx.account.to_string()),
        dns_config: dns::answer(&row, true),
        r#type: Some(kind(&row).to_owned()),
        health_check_config: None,
        health_check_custom_config: custom_health(&row),
        instance_count: Some(i32::try_from(row.instances).unwrap_or(i32::MAX)),
        id: Some(row.id),
        name: Some(row.name),
        namespace_id: Some(row.namespace_id),
        description: row.description,
        create_date: Some(row.created_at),
        creator_request_id: Some(row.creator_request_id),
        created_by_account: Some(cx.account.to_string()),
    }
}

/// By what the service's instances are found.
pub(super) fn kind(row: &Service) -> &'static str {
    if row.http { "HTTP" } else { "DNS_HTTP" }
}

/// Its custom health check, if it has one.
pub(super) fn custom_health(row: &Service) -> Option<api::HealthCheckCustomConfig> {
    row.custom_health.map(|threshold| api::HealthCheckCustomConfig { failure_threshold: Some(threshold) })
}
