//! ListServicesByNamespace: the ARNs of the services that use a namespace by Service Connect, over all clusters.

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure, Permission};

use super::service_connect;
use super::shared::{self, Listing};
use crate::Ecs;
use crate::tables::service::{SERVICES, Service, Status};

/// The size of a page where nothing is said.
const PAGE: i32 = 10;

/// One page.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::ListServicesByNamespaceRequest,
) -> Result<api::ListServicesByNamespaceResponse, Failure> {
    cx.authorize(Permission::of("ecs:ListServicesByNamespace"))?;
    let namespace = service_connect::find(ecs, &cx, &input.namespace).await?.arn;
    let place = shared::place(&cx);
    let uses = |row: &Service| {
        let connect = row.revision.as_ref().and_then(|revision| revision.connect.as_ref());
        row.status != Status::Inactive
            && connect.is_some_and(|connect| Some(&connect.namespace_arn) == namespace.as_ref())
    };
    let listing = Listing {
        scope: format!("ListServicesByNamespace/{}/{namespace:?}", place.key()),
        prefix: place.key(),
        max_results: input.max_results.or(Some(PAGE)),
        next_token: input.next_token.as_deref(),
        reverse: false,
    };
    let mut tx = ecs.db.begin();
    let (service_arns, next_token) =
        listing.page(&mut tx, &SERVICES, |_, row| uses(&row).then(|| row.name.arn().to_string())).await?;
    Ok(api::ListServicesByNamespaceResponse { service_arns: Some(service_arns), next_token })
}
