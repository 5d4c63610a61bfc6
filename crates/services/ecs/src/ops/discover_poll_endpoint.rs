//! DiscoverPollEndpoint: where an agent finds the control plane.

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure, Permission};

use super::shared;
use crate::Ecs;

/// Names Gantry's own endpoint, which is where everything is asked and told.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::DiscoverPollEndpointRequest,
) -> Result<api::DiscoverPollEndpointResponse, Failure> {
    let place = shared::place(&cx);
    let cluster = shared::asked_cluster(&place, input.cluster.as_deref())?;
    let text = input.container_instance.as_deref().unwrap_or("*");
    let named = shared::named_instance(&place, &cluster, text);
    let permission = Permission::on("ecs:DiscoverPollEndpoint", &named.arn);
    cx.authorize(shared::in_cluster(permission, &place, &cluster))?;
    let endpoint = ecs.config.registry_url.clone();
    Ok(api::DiscoverPollEndpointResponse {
        endpoint: Some(endpoint.clone()),
        telemetry_endpoint: Some(endpoint.clone()),
        service_connect_endpoint: Some(endpoint),
    })
}
