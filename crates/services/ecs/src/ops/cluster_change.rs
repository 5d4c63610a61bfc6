//! What the operations do in the same way that change an active cluster.

use gantry_api_ecs as api;
use gantry_ecs_core::reference;
use gantry_service::{Cx, Failure, Permission};

use super::describe_clusters::count;
use super::shapes::cluster::{self as shape, Include};
use super::shared::{self, Having};
use crate::Ecs;
use crate::error::EcsError;
use crate::tables::cluster::{self, CLUSTERS, Cluster};

/// Authorizes, changes the row, and answers the cluster as it is then.
pub(super) async fn change(
    ecs: &Ecs,
    cx: &Cx,
    action: &'static str,
    named: &str,
    change: impl FnOnce(&mut Cluster) -> Result<(), EcsError>,
) -> Result<api::Cluster, Failure> {
    let place = shared::place(cx);
    let name = reference::cluster(Some(named), place.as_reference()).map_err(EcsError::from)?;
    let key = cluster::key(&place, &name);
    let mut tx = ecs.db.begin();
    let found = tx.get(&CLUSTERS, &key).await?;
    let tags = found.as_ref().map(|cluster| cluster.tags.clone()).unwrap_or_default();
    let arn = place.cluster_arn(&name);
    let permit = cx.authorize(Permission::on(action, &arn).having(tags.iter()))?;
    let mut row = found.ok_or(EcsError::ClusterNotFound)?;
    if !row.active {
        return Err(EcsError::client("Cluster was not ACTIVE.").into());
    }
    change(&mut row)?;
    tx.put(&CLUSTERS, &key, &row);
    let counts = count(&mut tx, &place, &name).await?;
    tx.commit(&permit).await?;
    // AWS shows no tags here.
    let include = Include { settings: true, configurations: true, ..Default::default() };
    shape::answer(&place, &row, counts, &include)
}
