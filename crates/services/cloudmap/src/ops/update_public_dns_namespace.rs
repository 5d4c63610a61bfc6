//! UpdatePublicDnsNamespace: what is said of a namespace, and how long its SOA record may be kept where it has one.

use gantry_api_servicediscovery as api;
use gantry_service::{Cx, Failure};

use super::namespace::{self, Change};
use crate::CloudMap;

/// Changes the namespace.
pub async fn run(
    service: &CloudMap,
    cx: Cx,
    input: api::UpdatePublicDnsNamespaceRequest,
) -> Result<api::UpdatePublicDnsNamespaceResponse, Failure> {
    const ACTION: &str = "servicediscovery:UpdatePublicDnsNamespace";
    let change = Change {
        description: input.namespace.description,
        soa_ttl: input.namespace.properties.map(|of| of.dns_properties.soa.ttl),
    };
    let operation = namespace::update(service, &cx, ACTION, "DNS_PUBLIC", &input.id, change).await?;
    Ok(api::UpdatePublicDnsNamespaceResponse { operation_id: Some(operation) })
}
