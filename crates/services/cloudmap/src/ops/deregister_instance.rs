//! DeregisterInstance: nobody finds an instance any more.

use gantry_api_servicediscovery as api;
use gantry_service::{Cx, Failure, NAMES_WAKE};

use crate::error::CloudMapError;
use crate::find::NamedService;
use crate::tables::{INSTANCES, SERVICES, Target, instance_key, service_key};
use crate::{CloudMap, operations};

/// Removes the instance with its records.
pub async fn run(
    service: &CloudMap,
    cx: Cx,
    input: api::DeregisterInstanceRequest,
) -> Result<api::DeregisterInstanceResponse, Failure> {
    let mut tx = service.db.begin();
    let named = NamedService::look_up(&mut tx, &cx, &input.service_id).await?;
    let permit = cx.authorize(named.permission("servicediscovery:DeregisterInstance"))?;

    let mut row = named.there()?;
    let key = instance_key(cx.account, &cx.region, &row.id, &input.instance_id);
    if tx.get(&INSTANCES, &key).await?.is_none() {
        return Err(CloudMapError::InstanceNotFound(input.instance_id).into());
    }
    row.instances = row.instances.saturating_sub(1);
    row.revision += 1;
    tx.delete(&INSTANCES, &key);
    tx.put(&SERVICES, &service_key(cx.account, &cx.region, &row.id), &row);
    tx.wake(NAMES_WAKE);
    let target = Target::Instance { service: row.id, instance: input.instance_id };
    let operation = operations::done(service, &mut tx, &cx, "DEREGISTER_INSTANCE", target);
    tx.commit(&permit).await?;
    Ok(api::DeregisterInstanceResponse { operation_id: Some(operation) })
}
