//! UpdateCluster: other settings, configuration or Service Connect namespace; what is not named stays.

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure};

use super::{cluster_change, cluster_fields, service_connect};
use crate::Ecs;

/// Changes what is named.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::UpdateClusterRequest,
) -> Result<api::UpdateClusterResponse, Failure> {
    let defaults = input.service_connect_defaults.as_ref().map(|defaults| defaults.namespace.clone());
    let cluster = cluster_change::change(ecs, &cx, "ecs:UpdateCluster", &input.cluster, |row| {
        if let Some(settings) = &input.settings {
            row.settings = cluster_fields::settings(settings)?;
        }
        if let Some(configuration) = &input.configuration {
            row.configuration = cluster_fields::configuration(configuration)?;
        }
        if let Some(defaults) = &input.service_connect_defaults {
            // An empty name takes the default away.
            row.service_connect_namespace =
                Some(defaults.namespace.clone()).filter(|namespace| !namespace.is_empty());
        }
        Ok(())
    });
    let cluster = cluster.await?;
    // Whoever may change the cluster may have its namespace made.
    if let Some(namespace) = defaults.filter(|namespace| !namespace.is_empty()) {
        service_connect::default_namespace(ecs, &cx, &namespace).await?;
    }
    Ok(api::UpdateClusterResponse { cluster: Some(cluster) })
}
