//! CreateCluster: a cluster; one that is there already is answered as it is.

use gantry_api_ecs as api;
use gantry_ecs_core::reference;
use gantry_service::{Cx, Failure, Permission};
use gantry_wire::to_json;
use serde_json::Value;

use super::shapes::cluster::{self as shape, Counts};
use super::shared;
use crate::Ecs;
use crate::error::EcsError;
use crate::tables::cluster::{self, CLUSTERS, Cluster, StrategyItem};

/// Makes the cluster, or makes an inactive one active again.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::CreateClusterRequest,
) -> Result<api::CreateClusterResponse, Failure> {
    let place = shared::place(&cx);
    let name = input.cluster_name.clone().filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| reference::DEFAULT_CLUSTER.to_owned());
    let tags = shared::tags(input.tags.clone())?;
    let arn = place.cluster_arn(&name);
    let permit = cx.authorize(Permission::on("ecs:CreateCluster", &arn).request_tags(tags.iter()))?;
    if !tags.is_empty() {
        let permission = Permission::on("ecs:TagResource", &arn).request_tags(tags.iter());
        cx.authorize(permission.key("ecs:CreateAction", ["CreateCluster"]))?;
    }
    if !reference::is_cluster_name(&name) {
        return Err(EcsError::invalid(
            "Identifier must be at most 255 letters, numbers, hyphens and underscores.",
        )
        .into());
    }
    let wanted = Cluster { tags, ..asked_for(&name, &cx, input)? };

    let mut tx = ecs.db.begin();
    let key = cluster::key(&place, &name);
    let cluster = match tx.get(&CLUSTERS, &key).await? {
        Some(cluster) if cluster.active => cluster,
        Some(_) | None => {
            tx.put(&CLUSTERS, &key, &wanted);
            tx.commit(&permit).await?;
            wanted
        }
    };
    let include = shape::Include { tags: true, settings: true, configurations: true, statistics: false };
    let cluster = shape::answer(&place, &cluster, Counts::default(), &include)?;
    Ok(api::CreateClusterResponse { cluster: Some(cluster) })
}

fn asked_for(name: &str, cx: &Cx, input: api::CreateClusterRequest) -> Result<Cluster, EcsError> {
    let mut cluster = Cluster::new(name, cx.now);
    let settings = input.settings.unwrap_or_default();
    for setting in &settings {
        if setting.name.as_deref() != Some("containerInsights")
            || !matches!(setting.value.as_deref(), Some("enabled" | "disabled" | "enhanced"))
        {
            return Err(EcsError::invalid("Invalid cluster setting."));
        }
    }
    cluster.settings = Value::Array(settings.iter().map(to_json).collect());
    if let Some(configuration) = &input.configuration {
        cluster.configuration = to_json(configuration);
    }
    cluster.service_connect_namespace = input.service_connect_defaults.map(|one| one.namespace);
    cluster.capacity_providers = input.capacity_providers.unwrap_or_default();
    if let Some(unknown) = cluster.capacity_providers.iter().find(|one| !shape::is_fargate(one)) {
        return Err(EcsError::invalid(format!(
            "The specified capacity provider '{unknown}' was not found. Specify a valid name or ARN and try again."
        )));
    }
    cluster.default_strategy =
        strategy(input.default_capacity_provider_strategy.unwrap_or_default(), &cluster.capacity_providers)?;
    Ok(cluster)
}

/// Reads a capacity provider strategy over the providers of a cluster.
pub(crate) fn strategy(
    items: Vec<api::CapacityProviderStrategyItem>,
    providers: &[String],
) -> Result<Vec<StrategyItem>, EcsError> {
    let mut all = Vec::with_capacity(items.len());
    for item in items {
        if !providers.contains(&item.capacity_provider) {
            return Err(EcsError::invalid(
                "The specified capacity provider strategy cannot contain a capacity provider that is not associated \
                 with the cluster. Associate the capacity provider with the cluster and try again.",
            ));
        }
        let number = |value: Option<i32>| u32::try_from(value.unwrap_or(0)).unwrap_or(0);
        all.push(StrategyItem {
            provider: item.capacity_provider,
            base: number(item.base),
            weight: number(item.weight),
        });
    }
    if all.iter().filter(|item| item.base > 0).count() > 1 {
        return Err(EcsError::invalid("A capacity provider strategy can have only one item with a base."));
    }
    if let [only] = all.as_mut_slice()
        && only.weight == 0
        && only.base == 0
    {
        // AWS gives a single provider the weight 1.
        only.weight = 1;
    }
    if !all.is_empty() && all.iter().all(|item| item.weight == 0 && item.base == 0) {
        return Err(EcsError::invalid(
            "At least one capacity provider of a strategy must have a weight above 0.",
        ));
    }
    Ok(all)
}
