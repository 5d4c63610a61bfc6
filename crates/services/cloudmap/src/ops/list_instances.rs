//! ListInstances: what is registered with a service.

use gantry_api_servicediscovery as api;
use gantry_service::{Cx, Failure};
use gantry_store::Scan;

use crate::CloudMap;
use crate::find::NamedService;
use crate::page::page;
use crate::tables::{INSTANCES, Instance, instances_key};

/// Lists instances.
pub async fn run(
    service: &CloudMap,
    cx: Cx,
    input: api::ListInstancesRequest,
) -> Result<api::ListInstancesResponse, Failure> {
    let mut tx = service.db.begin();
    let named = NamedService::look_up(&mut tx, &cx, &input.service_id).await?;
    cx.authorize(named.permission_for_instances("servicediscovery:ListInstances"))?;
    let row = named.there()?;
    let all = tx.peek_scan(&INSTANCES, &instances_key(cx.account, &cx.region, &row.id), Scan::all()).await?;
    let mut found: Vec<Instance> = all.into_iter().map(|(_, instance)| instance).collect();
    found.sort_by(|one, other| one.id.cmp(&other.id));
    let scope = format!("ListInstances/{}", row.id);
    let token = input.next_token.as_deref();
    let (found, next_token) =
        page(&scope, found, |instance: &Instance| instance.id.as_str(), input.max_results, token)?;
    let summary = |instance: Instance| api::InstanceSummary {
        id: Some(instance.id),
        attributes: Some(instance.attributes),
        created_by_account: Some(cx.account.to_string()),
    };
    let instances = found.into_iter().map(summary).collect();
    Ok(api::ListInstancesResponse {
        resource_owner: Some(cx.account.to_string()),
        instances: Some(instances),
        next_token,
    })
}
