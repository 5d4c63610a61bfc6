//! CreatePublicDnsNamespace: names that are answered by DNS. No part of the world's DNS leads to a Gantry, so they are
//! answered in the VPCs of their account, and nowhere else.

use gantry_api_servicediscovery as api;
use gantry_service::{Cx, Failure};

use super::namespace::{self, New};
use crate::CloudMap;
use crate::tables::NamespaceKind;

/// Makes the namespace with its zone.
pub async fn run(
    service: &CloudMap,
    cx: Cx,
    input: api::CreatePublicDnsNamespaceRequest,
) -> Result<api::CreatePublicDnsNamespaceResponse, Failure> {
    let ttl = input.properties.map(|of| of.dns_properties.soa.ttl);
    let kind = || {
        let soa_ttl = ttl.flatten().map(namespace::soa).transpose()?;
        Ok(NamespaceKind::DnsPublic { zone_id: namespace::zone_id(service), soa_ttl })
    };
    let new = New {
        name: input.name,
        creator_request_id: input.creator_request_id,
        description: input.description,
        tags: input.tags,
    };
    const ACTION: &str = "servicediscovery:CreatePublicDnsNamespace";
    let operation = namespace::create(service, &cx, ACTION, new, kind).await?;
    Ok(api::CreatePublicDnsNamespaceResponse { operation_id: Some(operation) })
}
