//! RegisterInstance: something is found under a service's name from now on.

use gantry_api_servicediscovery as api;
use gantry_service::{Cx, Failure, NAMES_WAKE};
use gantry_store::{Scan, Tx};

use crate::error::CloudMapError;
use crate::find::NamedService;
use crate::tables::{
    INSTANCES, Instance, SERVICES, Service, Target, instance_key, service_key, services_key,
};
use crate::{CloudMap, attributes, operations};

/// How many instances a service may have, as in AWS.
const LIMIT: u32 = 1000;
/// How many instances a namespace may have, as in AWS.
const LIMIT_OF_NAMESPACE: u32 = 2000;

/// Registers an instance, or gives the one of that id other attributes. The same request changes nothing twice.
pub async fn run(
    service: &CloudMap,
    cx: Cx,
    input: api::RegisterInstanceRequest,
) -> Result<api::RegisterInstanceResponse, Failure> {
    let mut tx = service.db.begin();
    let named = NamedService::look_up(&mut tx, &cx, &input.service_id).await?;
    let permit = cx.authorize(named.permission("servicediscovery:RegisterInstance"))?;

    let mut row = named.there()?;
    let healthy = attributes::check(&row, &input.attributes)?;
    let key = instance_key(cx.account, &cx.region, &row.id, &input.instance_id);
    let known = tx.get(&INSTANCES, &key).await?;
    if let Some(known) = &known
        && known.attributes == input.attributes
        && known.creator_request_id.is_some()
        && known.creator_request_id == input.creator_request_id
    {
        return Ok(api::RegisterInstanceResponse { operation_id: Some(known.made_by.clone()) });
    }
    if known.is_none() {
        limit(&mut tx, &cx, &row).await?;
        row.instances += 1;
    }
    row.revision += 1;
    let target = Target::Instance { service: row.id.clone(), instance: input.instance_id.clone() };
    let operation = operations::done(service, &mut tx, &cx, "REGISTER_INSTANCE", target);
    let instance = Instance {
        id: input.instance_id,
        creator_request_id: input.creator_request_id,
        made_by: operation.clone(),
        attributes: input.attributes,
        healthy,
        registered_at: cx.now,
    };
    tx.put(&INSTANCES, &key, &instance);
    tx.put(&SERVICES, &service_key(cx.account, &cx.region, &row.id), &row);
    tx.wake(NAMES_WAKE);
    tx.commit(&permit).await?;
    Ok(api::RegisterInstanceResponse { operation_id: Some(operation) })
}

async fn limit(tx: &mut Tx, cx: &Cx, row: &Service) -> Result<(), Failure> {
    let refused = |of: &str, most: u32| {
        let message = format!("The maximum number of instances of a {of} is {most}.");
        Err(CloudMapError::ResourceLimitExceeded(message).into())
    };
    if row.instances >= LIMIT {
        return refused("service", LIMIT);
    }
    let services = tx.peek_scan(&SERVICES, &services_key(cx.account, &cx.region), Scan::all()).await?;
    let of_namespace = services.iter().filter(|(_, known)| known.namespace_id == row.namespace_id);
    let total: u32 = of_namespace.map(|(_, known)| known.instances).sum();
    if total >= LIMIT_OF_NAMESPACE {
        return refused("namespace", LIMIT_OF_NAMESPACE);
    }
    Ok(())
}
