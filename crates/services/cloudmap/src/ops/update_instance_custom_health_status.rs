//! UpdateInstanceCustomHealthStatus: somebody says how an instance is.

use gantry_api_servicediscovery as api;
use gantry_service::{Cx, Failure, NAMES_WAKE};
use gantry_wire::Unit;

use crate::CloudMap;
use crate::error::CloudMapError;
use crate::find::NamedService;
use crate::tables::{INSTANCES, SERVICES, instance_key, service_key};

/// Notes how the instance is. It counts at once; AWS waits half a minute for somebody to say otherwise.
pub async fn run(
    service: &CloudMap,
    cx: Cx,
    input: api::UpdateInstanceCustomHealthStatusRequest,
) -> Result<Unit, Failure> {
    let mut tx = service.db.begin();
    let named = NamedService::look_up(&mut tx, &cx, &input.service_id).await?;
    let action = "servicediscovery:UpdateInstanceCustomHealthStatus";
    let permit = cx.authorize(named.permission_for_instances(action))?;

    let mut row = named.there()?;
    if row.custom_health.is_none() {
        return Err(CloudMapError::CustomHealthNotFound(row.id).into());
    }
    let key = instance_key(cx.account, &cx.region, &row.id, &input.instance_id);
    let found = tx.get(&INSTANCES, &key).await?;
    let mut instance = found.ok_or(CloudMapError::InstanceNotFound(input.instance_id))?;
    let healthy = input.status == "HEALTHY";
    if instance.healthy != healthy {
        instance.healthy = healthy;
        row.revision += 1;
        tx.put(&INSTANCES, &key, &instance);
        tx.put(&SERVICES, &service_key(cx.account, &cx.region, &row.id), &row);
        tx.wake(NAMES_WAKE);
        tx.commit(&permit).await?;
    }
    Ok(Unit)
}
