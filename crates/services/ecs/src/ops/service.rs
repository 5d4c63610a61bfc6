//! Services as users name them, and what several operations do with one.

use gantry_api_ecs as api;
use gantry_base::{Arn, Tags};
use gantry_ecs_core::reference;
use gantry_service::{Cx, Failure, Permission, Permit};
use gantry_store::{Scan, StoreError, Tx};

use super::{shapes, shared};
use crate::Ecs;
use crate::error::EcsError;
use crate::names::Place;
use crate::tables::service::{
    SERVICE_DEPLOYMENTS, SERVICE_REVISIONS, SERVICE_TASKS, SERVICES, Service, ServiceName, Status,
};
use crate::tables::task::{TASKS, Task};

/// A service by name or ARN. An ARN of the long form must name the cluster that was asked for.
pub(super) fn named(place: &Place, cluster: &str, text: &str) -> Result<ServiceName, EcsError> {
    let name = match text.parse::<Arn>() {
        Ok(arn) if text.starts_with("arn:") => {
            if arn.account() != place.account.as_str() || arn.region() != place.region.as_str() {
                return Err(EcsError::invalid(format!("Invalid identifier: {text}")));
            }
            let rest = arn.resource().strip_prefix("service/");
            let rest = rest.ok_or_else(|| EcsError::invalid("Invalid service identifier."))?;
            match rest.split_once('/') {
                Some((named, name)) => {
                    shared::in_that_cluster(Some(named), cluster)?;
                    name.to_owned()
                }
                None => rest.to_owned(),
            }
        }
        _ => text.to_owned(),
    };
    if !reference::is_cluster_name(&name) {
        return Err(EcsError::invalid(
            "Identifier must be at most 255 letters, numbers, hyphens and underscores.",
        ));
    }
    Ok(ServiceName { place: place.clone(), cluster: cluster.to_owned(), name })
}

/// The cluster that a request means: the one that it names, else the one in the service's ARN.
pub(super) fn cluster_of(place: &Place, given: Option<&str>, service: &str) -> Result<String, EcsError> {
    if given.is_none_or(str::is_empty)
        && let Some((named, _)) = service.split_once(":service/").and_then(|(_, rest)| rest.split_once('/'))
    {
        return Ok(named.to_owned());
    }
    shared::asked_cluster(place, given)
}

/// A service that is to be changed, and the permission to.
pub(super) struct Found {
    pub row: Service,
    pub permit: Permit,
}

/// Authorizes and reads, guarded. One that is not ACTIVE is refused where it must be.
pub(super) async fn find(
    tx: &mut Tx,
    cx: &Cx,
    action: &'static str,
    cluster: Option<&str>,
    text: &str,
) -> Result<Found, Failure> {
    let place = shared::place(cx);
    let cluster = cluster_of(&place, cluster, text)?;
    let name = named(&place, &cluster, text)?;
    let row = tx.get(&SERVICES, &name.key()).await?;
    let arn = name.arn();
    let tags = row.as_ref().map(|row| row.tags.clone()).unwrap_or_default();
    let permission = Permission::on(action, &arn).resource_tags(tags.iter());
    let permit = cx.authorize(shared::in_cluster(permission, &place, &cluster))?;
    shared::active_cluster(tx, &place, &cluster).await?;
    let row = row.ok_or(EcsError::ServiceNotFound)?;
    Ok(Found { row, permit })
}

impl Found {
    /// Refuses what was deleted.
    pub(super) fn check_active(&self) -> Result<(), EcsError> {
        if self.row.status == Status::Active { Ok(()) } else { Err(EcsError::ServiceNotActive) }
    }
}

/// The service's tasks that have not ended.
pub(crate) async fn tasks_of(tx: &mut Tx, name: &ServiceName) -> Result<Vec<Task>, StoreError> {
    let rows = tx.peek_scan(&SERVICE_TASKS, &name.key(), Scan::all()).await?;
    let ids = rows.iter().filter_map(|(key, _)| key.parts().pop());
    let keys: Vec<_> = ids
        .map(|id| {
            crate::names::TaskName { place: name.place.clone(), cluster: name.cluster.clone(), id }.key()
        })
        .collect();
    let tasks = tx.peek_many(&TASKS, &keys).await?;
    Ok(tasks.into_iter().flatten().filter(|task| !task.life.is_stopped()).collect())
}

/// The service as AWS shows it now.
pub(super) async fn show(tx: &mut Tx, row: &Service, with_tags: bool) -> Result<api::Service, Failure> {
    let tasks = tasks_of(tx, &row.name).await?;
    shapes::service::answer(row, &tasks, with_tags)
}

/// An id of digits, as AWS gives deployments and revisions.
pub(crate) fn digits(ecs: &Ecs) -> String {
    format!("{}{}", ecs.ids.text(1, b"123456789"), ecs.ids.text(18, b"0123456789"))
}

/// Forgets what hangs on a service that is gone, before another of its name is made.
pub(super) async fn forget(tx: &mut Tx, name: &ServiceName) -> Result<(), StoreError> {
    let key = name.key();
    for (at, _) in tx.peek_scan(&SERVICE_DEPLOYMENTS, &key, Scan::all()).await? {
        tx.delete(&SERVICE_DEPLOYMENTS, &at);
    }
    for (at, _) in tx.peek_scan(&SERVICE_REVISIONS, &key, Scan::all()).await? {
        tx.delete(&SERVICE_REVISIONS, &at);
    }
    Ok(())
}

/// The services of a cluster.
pub(crate) async fn of_cluster(
    tx: &mut Tx,
    place: &Place,
    cluster: &str,
) -> Result<Vec<Service>, StoreError> {
    let rows = tx.peek_scan(&SERVICES, &crate::tables::cluster::key(place, cluster), Scan::all()).await?;
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

/// Tags that every task of the service gets.
pub(crate) fn managed_tags(name: &ServiceName) -> Tags {
    let pairs = serde_json::json!({ "aws:ecs:clusterName": name.cluster, "aws:ecs:serviceName": name.name });
    serde_json::from_value(pairs).unwrap_or_default()
}

/// Has every service of the cluster looked at.
pub(crate) async fn look_at_all(tx: &mut Tx, place: &Place, cluster: &str) -> Result<(), StoreError> {
    for service in of_cluster(tx, place, cluster).await? {
        if service.status != Status::Inactive {
            service.name.look(tx);
        }
    }
    Ok(())
}
