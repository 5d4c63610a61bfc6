//! GetServiceAttributes: what is noted of a service.

use gantry_api_servicediscovery as api;
use gantry_service::{Cx, Failure};

use crate::CloudMap;
use crate::find::NamedService;

/// Shows the attributes.
pub async fn run(
    service: &CloudMap,
    cx: Cx,
    input: api::GetServiceAttributesRequest,
) -> Result<api::GetServiceAttributesResponse, Failure> {
    let mut tx = service.db.begin();
    let named = NamedService::look_up(&mut tx, &cx, &input.service_id).await?;
    cx.authorize(named.permission("servicediscovery:GetServiceAttributes"))?;
    let arn = named.arn.to_string();
    let attributes = api::ServiceAttributes {
        service_arn: Some(arn),
        resource_owner: Some(cx.account.to_string()),
        attributes: Some(named.there()?.attributes),
    };
    Ok(api::GetServiceAttributesResponse { service_attributes: Some(attributes) })
}
