//! DeleteService: a service without instances goes.

use gantry_api_servicediscovery as api;
use gantry_service::{Cx, Failure, NAMES_WAKE};

use crate::CloudMap;
use crate::error::CloudMapError;
use crate::find::NamedService;
use crate::tables::{SERVICES, service_key};

/// Deletes the service.
pub async fn run(
    service: &CloudMap,
    cx: Cx,
    input: api::DeleteServiceRequest,
) -> Result<api::DeleteServiceResponse, Failure> {
    let mut tx = service.db.begin();
    let named = NamedService::look_up(&mut tx, &cx, &input.id).await?;
    let permit = cx.authorize(named.permission("servicediscovery:DeleteService"))?;

    let row = named.there()?;
    if row.instances > 0 {
        let message =
            "Service contains registered instances; delete the instances before deleting the service";
        return Err(CloudMapError::ResourceInUse(message.to_owned()).into());
    }
    tx.delete(&SERVICES, &service_key(cx.account, &cx.region, &row.id));
    tx.wake(NAMES_WAKE);
    tx.commit(&permit).await?;
    Ok(api::DeleteServiceResponse {})
}
