//! CreateCluster: a cluster; one that is there already is answered as it is, unless it was created with something
//! else. The machines join `default` at once, as an agent does that was told no cluster.

use gantry_api_ecs as api;
use gantry_ecs_core::reference;
use gantry_ecs_core::settings::CONTAINER_INSIGHTS;
use gantry_service::{Cx, Failure, Permission};

use super::shapes::cluster::{self as shape, Counts};
use super::{cluster_fields, service_connect, shared};
use crate::error::EcsError;
use crate::tables::cluster::{self, CLUSTERS, Cluster, Creation};
use crate::{Ecs, members, settings};

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
    let mut tx = ecs.db.begin();
    settings::authorize_tags(&mut tx, &cx, &arn, &tags, "CreateCluster").await?;
    if !reference::is_cluster_name(&name) {
        return Err(EcsError::invalid(
            "Identifier must be at most 255 letters, numbers, hyphens and underscores.",
        )
        .into());
    }
    let wanted = Cluster { tags, ..asked_for(&mut tx, &name, &cx, input.clone()).await? };
    if let Some(namespace) = &wanted.service_connect_namespace {
        service_connect::default_namespace(ecs, &cx, namespace).await?;
    }

    let key = cluster::key(&place, &name);
    let cluster = match tx.get(&CLUSTERS, &key).await? {
        Some(cluster) if cluster.active => {
            if cluster.creation.as_ref().is_some_and(|first| differs(first, &wanted, &input)) {
                return Err(EcsError::invalid(
                    "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
                )
                .into());
            }
            cluster
        }
        Some(_) | None => {
            let wanted = Cluster { creation: Some(Creation::of(&wanted)), ..wanted };
            tx.put(&CLUSTERS, &key, &wanted);
            if name == reference::DEFAULT_CLUSTER {
                members::join(&mut tx, &place, &name, cx.now).await?;
            }
            tx.commit(&permit).await?;
            wanted
        }
    };
    let include = shape::Include { tags: true, settings: true, configurations: true, ..Default::default() };
    let cluster = shape::answer(&place, &cluster, Counts::default(), &include)?;
    Ok(api::CreateClusterResponse { cluster: Some(cluster) })
}

/// Whether another creation names something that the first had otherwise; what it leaves out may be as it is.
fn differs(first: &Creation, wanted: &Cluster, input: &api::CreateClusterRequest) -> bool {
    (input.tags.is_some() && first.tags != wanted.tags)
        || (input.settings.is_some() && first.settings != wanted.settings)
        || (input.configuration.is_some() && first.configuration != wanted.configuration)
        || (input.capacity_providers.is_some() && first.capacity_providers != wanted.capacity_providers)
        || (input.default_capacity_provider_strategy.is_some()
            && first.default_strategy != wanted.default_strategy)
}

async fn asked_for(
    tx: &mut gantry_store::Tx,
    name: &str,
    cx: &Cx,
    input: api::CreateClusterRequest,
) -> Result<Cluster, EcsError> {
    let mut cluster = Cluster::new(name, cx.now);
    let settings = input.settings.unwrap_or_default();
    cluster.settings = cluster_fields::settings(&settings)?;
    if settings.is_empty() {
        let place = shared::place(cx);
        let (value, _) =
            settings::effective(tx, &place, &settings::principal(cx), &CONTAINER_INSIGHTS).await?;
        cluster.settings = cluster_fields::container_insights(&value);
    }
    if let Some(configuration) = &input.configuration {
        cluster.configuration = cluster_fields::configuration(configuration)?;
    }
    cluster.service_connect_namespace =
        input.service_connect_defaults.map(|one| one.namespace).filter(|namespace| !namespace.is_empty());
    let providers = input.capacity_providers.unwrap_or_default();
    cluster.capacity_providers = cluster_fields::providers(tx, &shared::place(cx), providers).await?;
    let strategy = input.default_capacity_provider_strategy.unwrap_or_default();
    cluster.default_strategy =
        cluster_fields::strategy(strategy, &cluster.capacity_providers, cluster_fields::StrategyOf::Cluster)?;
    Ok(cluster)
}
