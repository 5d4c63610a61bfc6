//! GetNamespace: what a namespace is.

use gantry_api_servicediscovery as api;
use gantry_service::{Cx, Failure};

use super::namespace;
use crate::find::NamedNamespace;
use crate::{CloudMap, zones};

/// Shows the namespace.
pub async fn run(
    service: &CloudMap,
    cx: Cx,
    input: api::GetNamespaceRequest,
) -> Result<api::GetNamespaceResponse, Failure> {
    let mut tx = service.db.begin();
    let named = NamedNamespace::look_up(&mut tx, &cx, &input.id).await?;
    cx.authorize(named.permission("servicediscovery:GetNamespace"))?;
    let row = named.there()?;
    let counts = zones::service_counts(&mut tx, &cx).await?;
    let shown = api::Namespace {
        arn: Some(namespace::arn(&cx, &row)),
        resource_owner: Some(cx.account.to_string()),
        r#type: Some(row.kind.as_str().to_owned()),
        service_count: Some(counts.get(&row.id).copied().unwrap_or(0)),
        properties: Some(namespace::properties(&row)),
        create_date: Some(row.created_at),
        id: Some(row.id),
        name: Some(row.name),
        description: row.description,
        creator_request_id: Some(row.creator_request_id),
    };
    Ok(api::GetNamespaceResponse { namespace: Some(shown) })
}
