//! DeleteServiceAttributes: takes attributes of a service away.

use gantry_api_servicediscovery as api;
use gantry_service::{Cx, Failure};

use crate::CloudMap;
use crate::find::NamedService;
use crate::tables::{SERVICES, service_key};

/// Removes the attributes with these names; one that is not there is no error.
pub async fn run(
    service: &CloudMap,
    cx: Cx,
    input: api::DeleteServiceAttributesRequest,
) -> Result<api::DeleteServiceAttributesResponse, Failure> {
    let mut tx = service.db.begin();
    let named = NamedService::look_up(&mut tx, &cx, &input.service_id).await?;
    let permit = cx.authorize(named.permission("servicediscovery:DeleteServiceAttributes"))?;

    let mut row = named.there()?;
    row.attributes.retain(|key, _| !input.attributes.contains(key));
    tx.put(&SERVICES, &service_key(cx.account, &cx.region, &row.id), &row);
    tx.commit(&permit).await?;
    Ok(api::DeleteServiceAttributesResponse {})
}
