//! CreatePrivateDnsNamespace: names that are answered by DNS in one VPC.

use gantry_api_servicediscovery as api;
use gantry_service::{Cx, Failure};

use super::namespace::{self, New};
use crate::error::CloudMapError;
use crate::tables::NamespaceKind;
use crate::{CloudMap, dns};

/// Makes the namespace with its zone. A VPC that is not there makes the operation fail, as in AWS.
pub async fn run(
    service: &CloudMap,
    cx: Cx,
    input: api::CreatePrivateDnsNamespaceRequest,
) -> Result<api::CreatePrivateDnsNamespaceResponse, Failure> {
    let (name, ttl) = (input.name.clone(), input.properties.map(|of| of.dns_properties.soa.ttl));
    let kind = || {
        if !dns::is_zone_name(&name) {
            return Err(CloudMapError::invalid(format!("{name} is not a valid name of a DNS namespace.")));
        }
        let soa_ttl = ttl.flatten().map(namespace::soa).transpose()?;
        Ok(NamespaceKind::DnsPrivate { vpc_id: input.vpc, zone_id: namespace::zone_id(service), soa_ttl })
    };
    let new = New {
        name: input.name,
        creator_request_id: input.creator_request_id,
        description: input.description,
        tags: input.tags,
    };
    const ACTION: &str = "servicediscovery:CreatePrivateDnsNamespace";
    let operation = namespace::create(service, &cx, ACTION, new, kind).await?;
    Ok(api::CreatePrivateDnsNamespaceResponse { operation_id: Some(operation) })
}
