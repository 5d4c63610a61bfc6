//! PutClusterCapacityProviders: the providers of a cluster and its default strategy, in place of those before.

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure};

use super::{cluster_change, cluster_fields};
use crate::Ecs;

/// Sets both; empty lists take them away.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::PutClusterCapacityProvidersRequest,
) -> Result<api::PutClusterCapacityProvidersResponse, Failure> {
    let action = "ecs:PutClusterCapacityProviders";
    let cluster = cluster_change::change(ecs, &cx, action, &input.cluster, |row| {
        row.capacity_providers = cluster_fields::providers(input.capacity_providers)?;
        let strategy = input.default_capacity_provider_strategy;
        row.default_strategy =
            cluster_fields::strategy(strategy, &row.capacity_providers, cluster_fields::StrategyOf::Cluster)?;
        Ok(())
    });
    Ok(api::PutClusterCapacityProvidersResponse { cluster: Some(cluster.await?) })
}
