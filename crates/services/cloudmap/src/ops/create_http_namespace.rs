//! CreateHttpNamespace: names that DiscoverInstances finds.

use gantry_api_servicediscovery as api;
use gantry_service::{Cx, Failure};

use super::namespace::{self, New};
use crate::CloudMap;
use crate::tables::NamespaceKind;

/// Makes the namespace.
pub async fn run(
    service: &CloudMap,
    cx: Cx,
    input: api::CreateHttpNamespaceRequest,
) -> Result<api::CreateHttpNamespaceResponse, Failure> {
    let new = New {
        name: input.name,
        creator_request_id: input.creator_request_id,
        description: input.description,
        tags: input.tags,
    };
    const ACTION: &str = "servicediscovery:CreateHttpNamespace";
    let operation = namespace::create(service, &cx, ACTION, new, || Ok(NamespaceKind::Http)).await?;
    Ok(api::CreateHttpNamespaceResponse { operation_id: Some(operation) })
}
