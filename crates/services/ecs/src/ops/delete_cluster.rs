//! DeleteCluster: an empty cluster becomes INACTIVE.

use gantry_api_ecs as api;
use gantry_ecs_core::reference;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::Scan;

use super::shapes::cluster::{self as shape, Counts, Include};
use super::shared::{self, Having};
use crate::error::EcsError;
use crate::tables::cluster::{self, CLUSTERS};
use crate::tables::container_instance;
use crate::tables::service::{SERVICES, Status};
use crate::tables::task::TASKS;
use crate::{Ecs, members};

/// Deletes the cluster, unless it has tasks that have not stopped.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::DeleteClusterRequest,
) -> Result<api::DeleteClusterResponse, Failure> {
    let place = shared::place(&cx);
    let name = reference::cluster(Some(&input.cluster), place.as_reference()).map_err(EcsError::from)?;
    let key = cluster::key(&place, &name);
    let mut tx = ecs.db.begin();
    let found = tx.get(&CLUSTERS, &key).await?;
    let tags = found.as_ref().map(|cluster| cluster.tags.clone()).unwrap_or_default();
    let arn = place.cluster_arn(&name);
    let permission = Permission::on("ecs:DeleteCluster", &arn).having(tags.iter());
    let permit = cx.authorize(shared::in_cluster(permission, &place, &name))?;
    let mut cluster = found.ok_or(EcsError::ClusterNotFound)?;

    if cluster.active {
        let services = tx.scan(&SERVICES, &key, Scan::all()).await?;
        if services.iter().any(|(_, service)| service.status != Status::Inactive) {
            return Err(EcsError::ClusterContainsServices.into());
        }
        let tasks = tx.scan(&TASKS, &key, Scan::all()).await?;
        if tasks.iter().any(|(_, task)| !task.life.is_stopped()) {
            return Err(EcsError::ClusterContainsTasks.into());
        }
        // What came by itself goes so; what a user registered is the user's to deregister.
        let instances = container_instance::of_cluster(&mut tx, &place, &name).await?;
        if instances.iter().any(|instance| !instance.by_itself) {
            return Err(EcsError::ClusterContainsContainerInstances.into());
        }
        members::forget(&mut tx, &place, &name).await?;
        cluster.active = false;
        tx.put(&CLUSTERS, &key, &cluster);
        tx.commit(&permit).await?;
    }
    // AWS shows no tags here.
    let include = Include { settings: true, configurations: true, ..Default::default() };
    let cluster = shape::answer(&place, &cluster, Counts::default(), &include)?;
    Ok(api::DeleteClusterResponse { cluster: Some(cluster) })
}
