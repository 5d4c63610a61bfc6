//! GetInstancesHealthStatus: how instances are.

use gantry_api_servicediscovery as api;
use gantry_service::{Cx, Failure};
use gantry_store::Scan;

use crate::CloudMap;
use crate::error::CloudMapError;
use crate::find::NamedService;
use crate::page::page;
use crate::tables::{INSTANCES, Instance, Service, instances_key};

/// Tells of all instances, or of those that are named.
pub async fn run(
    service: &CloudMap,
    cx: Cx,
    input: api::GetInstancesHealthStatusRequest,
) -> Result<api::GetInstancesHealthStatusResponse, Failure> {
    let mut tx = service.db.begin();
    let named = NamedService::look_up(&mut tx, &cx, &input.service_id).await?;
    cx.authorize(named.permission_for_instances("servicediscovery:GetInstancesHealthStatus"))?;
    let row = named.there()?;
    let all = tx.peek_scan(&INSTANCES, &instances_key(cx.account, &cx.region, &row.id), Scan::all()).await?;
    let mut found: Vec<Instance> = all.into_iter().map(|(_, instance)| instance).collect();
    if let Some(wanted) = &input.instances {
        let known = |id: &String| found.iter().any(|instance| instance.id == *id);
        if let Some(missing) = wanted.iter().find(|id| !known(id)) {
            return Err(CloudMapError::InstanceNotFound(missing.clone()).into());
        }
        found.retain(|instance| wanted.contains(&instance.id));
    }
    found.sort_by(|one, other| one.id.cmp(&other.id));
    let scope = format!("GetInstancesHealthStatus/{}/{:?}", row.id, input.instances);
    let token = input.next_token.as_deref();
    let (found, next_token) =
        page(&scope, found, |instance: &Instance| instance.id.as_str(), input.max_results, token)?;
    let status = found.into_iter().map(|instance| (instance.id.clone(), health(&row, &instance).to_owned()));
    Ok(api::GetInstancesHealthStatusResponse { status: Some(status.collect()), next_token })
}

/// How an instance is, as AWS writes it: unknown where nobody is to say so.
pub(super) fn health(service: &Service, instance: &Instance) -> &'static str {
    match (service.custom_health, instance.healthy) {
        (None, _) => "UNKNOWN",
        (Some(_), true) => "HEALTHY",
        (Some(_), false) => "UNHEALTHY",
    }
}
