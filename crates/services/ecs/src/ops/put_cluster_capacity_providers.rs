//! PutClusterCapacityProviders: the providers of a cluster and its default strategy, in place of those before.

use gantry_api_ecs as api;
use gantry_ecs_core::reference;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::{Scan, StoreError, Tx};

use super::describe_clusters::count;
use super::shapes::cluster::{self as shape, Include};
use super::shared::{self, Having};
use super::{cluster_fields, service};
use crate::Ecs;
use crate::error::EcsError;
use crate::names::Place;
use crate::tables::cluster::{self, CLUSTERS, StrategyItem};
use crate::tables::service::{Service, Status};
use crate::tables::task::TASKS;

/// Sets both; empty lists take them away.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::PutClusterCapacityProvidersRequest,
) -> Result<api::PutClusterCapacityProvidersResponse, Failure> {
    let place = shared::place(&cx);
    let name = reference::cluster(Some(&input.cluster), place.as_reference()).map_err(EcsError::from)?;
    let key = cluster::key(&place, &name);
    let mut tx = ecs.db.begin();
    let found = tx.get(&CLUSTERS, &key).await?;
    let tags = found.as_ref().map(|cluster| cluster.tags.clone()).unwrap_or_default();
    let arn = place.cluster_arn(&name);
    let permit = cx.authorize(Permission::on("ecs:PutClusterCapacityProviders", &arn).having(tags.iter()))?;
    let mut row = found.ok_or(EcsError::ClusterNotFound)?;
    if !row.active {
        return Err(EcsError::client("Cluster was not ACTIVE.").into());
    }
    let providers = cluster_fields::providers(&mut tx, &place, input.capacity_providers).await?;
    let strategy = input.default_capacity_provider_strategy;
    let strategy = cluster_fields::strategy(strategy, &providers, cluster_fields::StrategyOf::Cluster)?;
    let removed: Vec<&String> =
        row.capacity_providers.iter().filter(|one| !providers.contains(one)).collect();
    if !removed.is_empty() && is_in_use(&mut tx, &place, &name, &removed).await? {
        return Err(EcsError::ResourceInUse(
            "The specified capacity provider is in use and cannot be removed.".to_owned(),
        )
        .into());
    }
    (row.capacity_providers, row.default_strategy) = (providers, strategy);
    tx.put(&CLUSTERS, &key, &row);
    let counts = count(&mut tx, &place, &name).await?;
    tx.commit(&permit).await?;
    let include = Include { tags: true, settings: true, configurations: true, ..Default::default() };
    let cluster = shape::answer(&place, &row, counts, &include)?;
    Ok(api::PutClusterCapacityProvidersResponse { cluster: Some(cluster) })
}

/// Whether a service or a task of the cluster is with one of these providers.
async fn is_in_use(
    tx: &mut Tx,
    place: &Place,
    cluster: &str,
    providers: &[&String],
) -> Result<bool, StoreError> {
    let names = |items: &[StrategyItem]| items.iter().any(|item| providers.contains(&&item.provider));
    let uses = |row: &Service| {
        let sets = row.task_sets.iter().map(|set| &set.revision);
        row.revision.iter().chain(sets).any(|revision| names(&revision.providers))
    };
    let services = service::of_cluster(tx, place, cluster).await?;
    if services.iter().any(|row| row.status == Status::Active && uses(row)) {
        return Ok(true);
    }
    let tasks = tx.peek_scan(&TASKS, &cluster::key(place, cluster), Scan::all()).await?;
    let is_with = |provider: &String| providers.contains(&provider);
    Ok(tasks
        .iter()
        .any(|(_, task)| !task.life.is_stopped() && task.capacity_provider.as_ref().is_some_and(is_with)))
}
