//! GetInstance: what was registered under an id.

use gantry_api_servicediscovery as api;
use gantry_service::{Cx, Failure};

use crate::CloudMap;
use crate::error::CloudMapError;
use crate::find::NamedService;
use crate::tables::{INSTANCES, instance_key};

/// Shows the instance.
pub async fn run(
    service: &CloudMap,
    cx: Cx,
    input: api::GetInstanceRequest,
) -> Result<api::GetInstanceResponse, Failure> {
    let mut tx = service.db.begin();
    let named = NamedService::look_up(&mut tx, &cx, &input.service_id).await?;
    cx.authorize(named.permission_for_instances("servicediscovery:GetInstance"))?;
    let row = named.there()?;
    let found =
        tx.peek(&INSTANCES, &instance_key(cx.account, &cx.region, &row.id, &input.instance_id)).await?;
    let found = found.ok_or(CloudMapError::InstanceNotFound(input.instance_id))?;
    let instance = api::Instance {
        id: found.id,
        creator_request_id: found.creator_request_id,
        attributes: Some(found.attributes),
        created_by_account: Some(cx.account.to_string()),
    };
    Ok(api::GetInstanceResponse { resource_owner: Some(cx.account.to_string()), instance: Some(instance) })
}
