//! UpdateServiceAttributes: lays attributes over those of a service.

use gantry_api_servicediscovery as api;
use gantry_service::{Cx, Failure};

use crate::CloudMap;
use crate::error::CloudMapError;
use crate::find::NamedService;
use crate::tables::{SERVICES, service_key};

/// How many attributes a service may have, as in AWS.
const LIMIT: usize = 30;

/// Sets the attributes.
pub async fn run(
    service: &CloudMap,
    cx: Cx,
    input: api::UpdateServiceAttributesRequest,
) -> Result<api::UpdateServiceAttributesResponse, Failure> {
    let mut tx = service.db.begin();
    let named = NamedService::look_up(&mut tx, &cx, &input.service_id).await?;
    let permit = cx.authorize(named.permission("servicediscovery:UpdateServiceAttributes"))?;

    let mut row = named.there()?;
    row.attributes.extend(input.attributes);
    if row.attributes.len() > LIMIT {
        let message = format!("A service can have at most {LIMIT} attributes.");
        return Err(CloudMapError::ServiceAttributesLimitExceeded(message).into());
    }
    tx.put(&SERVICES, &service_key(cx.account, &cx.region, &row.id), &row);
    tx.commit(&permit).await?;
    Ok(api::UpdateServiceAttributesResponse {})
}
