//! DiscoverInstances: what is found under a name.

use std::collections::BTreeMap;

use gantry_api_servicediscovery as api;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::{Scan, Tx};

use super::get_instances_health_status::health;
use crate::CloudMap;
use crate::error::CloudMapError;
use crate::tables::{
    INSTANCES, Instance, NAMESPACES, Namespace, SERVICES, Service, instances_key, namespaces_key,
    services_key,
};

/// How many instances are answered where the request does not say.
const MOST: usize = 100;

/// Finds instances by what they are and by how they are.
pub async fn run(
    service: &CloudMap,
    cx: Cx,
    input: api::DiscoverInstancesRequest,
) -> Result<api::DiscoverInstancesResponse, Failure> {
    let names = (input.namespace_name.as_str(), input.service_name.as_str());
    cx.authorize(permission("servicediscovery:DiscoverInstances", names))?;
    let mut tx = service.db.begin();
    let owner = input.owner_account.as_deref();
    let (namespace, row) = find(&mut tx, &cx, names, owner).await?;
    let all = tx.peek_scan(&INSTANCES, &instances_key(cx.account, &cx.region, &row.id), Scan::all()).await?;
    let mut found: Vec<Instance> = all.into_iter().map(|(_, instance)| instance).collect();
    let has = |instance: &Instance, wanted: &BTreeMap<String, String>| {
        wanted.iter().all(|(key, value)| instance.attributes.get(key) == Some(value))
    };
    let wanted = input.query_parameters.unwrap_or_default();
    found.retain(|instance| has(instance, &wanted));
    if row.custom_health.is_some() {
        by_health(&mut found, input.health_status.as_deref());
    }
    if let Some(better) = &input.optional_parameters
        && found.iter().any(|instance| has(instance, better))
    {
        found.retain(|instance| has(instance, better));
    }
    let most = input.max_results.and_then(|most| usize::try_from(most).ok()).unwrap_or(MOST);
    some(service, &mut found, most);
    let shown = |instance: Instance| api::HttpInstanceSummary {
        namespace_name: Some(namespace.name.clone()),
        service_name: Some(row.name.clone()),
        health_status: Some(health(&row, &instance).to_owned()),
        instance_id: Some(instance.id),
        attributes: Some(instance.attributes),
    };
    Ok(api::DiscoverInstancesResponse {
        instances: Some(found.into_iter().map(shown).collect()),
        instances_revision: Some(row.revision),
    })
}

/// The permission to look for names. There is no resource; a condition may name them.
pub(super) fn permission(action: &'static str, (namespace, service): (&str, &str)) -> Permission<'static> {
    Permission::of(action)
        .key("servicediscovery:NamespaceName", [namespace])
        .key("servicediscovery:ServiceName", [service])
}

/// The service of these names. Private namespaces of several VPCs may have one name: the first that has the service.
pub(super) async fn find(
    tx: &mut Tx,
    cx: &Cx,
    (namespace, service): (&str, &str),
    owner: Option<&str>,
) -> Result<(Namespace, Service), Failure> {
    let own = owner.is_none_or(|owner| owner == cx.account.as_str());
    let all = tx.peek_scan(&NAMESPACES, &namespaces_key(cx.account, &cx.region), Scan::all()).await?;
    let named: Vec<Namespace> =
        all.into_iter().map(|(_, row)| row).filter(|row| own && row.name == namespace).collect();
    if named.is_empty() {
        return Err(CloudMapError::NamespaceNotFound("Namespace not found".to_owned()).into());
    }
    let services = tx.peek_scan(&SERVICES, &services_key(cx.account, &cx.region), Scan::all()).await?;
    for (_, row) in services.into_iter().filter(|(_, row)| row.name == service) {
        if let Some(namespace) = named.iter().find(|namespace| namespace.id == row.namespace_id) {
            return Ok((namespace.clone(), row));
        }
    }
    Err(CloudMapError::ServiceNotFound("Service not found".to_owned()).into())
}

fn by_health(found: &mut Vec<Instance>, wanted: Option<&str>) {
    match wanted {
        Some("HEALTHY") => found.retain(|instance| instance.healthy),
        Some("UNHEALTHY") => found.retain(|instance| !instance.healthy),
        Some("HEALTHY_OR_ELSE_ALL") if found.iter().any(|instance| instance.healthy) => {
            found.retain(|instance| instance.healthy);
        }
        _ => {}
    }
}

/// Keeps so many: of more some that follow each other, from anywhere on, so that callers are spread over all.
fn some(service: &CloudMap, found: &mut Vec<Instance>, most: usize) {
    if found.len() > most {
        let mut random = [0; 4];
        service.ids.fill(&mut random);
        let start = u32::from_le_bytes(random) as usize % found.len();
        found.rotate_left(start);
        found.truncate(most);
    }
}
