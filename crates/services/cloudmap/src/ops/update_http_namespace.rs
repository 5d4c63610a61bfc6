//! UpdateHttpNamespace: what is said of a namespace, and how long its SOA record may be kept where it has one.

use gantry_api_servicediscovery as api;
use gantry_service::{Cx, Failure};

use super::namespace::{self, Change};
use crate::CloudMap;

/// Changes the namespace.
pub async fn run(
    service: &CloudMap,
    cx: Cx,
    input: api::UpdateHttpNamespaceRequest,
) -> Result<api::UpdateHttpNamespaceResponse, Failure> {
    const ACTION: &str = "servicediscovery:UpdateHttpNamespace";
    let change = Change { description: Some(input.namespace.description), soa_ttl: None };
    let operation = namespace::update(service, &cx, ACTION, "HTTP", &input.id, change).await?;
    Ok(api::UpdateHttpNamespaceResponse { operation_id: Some(operation) })
}
