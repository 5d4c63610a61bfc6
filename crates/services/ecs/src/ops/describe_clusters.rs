//! DescribeClusters: clusters by name or ARN; what is not there is a failure in the answer.

use std::collections::HashSet;

use gantry_api_ecs as api;
use gantry_ecs_core::{TaskStatus, reference};
use gantry_service::{Cx, Failure, Permission};
use gantry_store::{Scan, Tx};

use super::service;
use super::shapes::cluster::{self as shape, Counts, Include};
use super::shared::{self, Having};
use crate::Ecs;
use crate::error::EcsError;
use crate::names::Place;
use crate::tables::cluster::{self, CLUSTERS};
use crate::tables::container_instance;
use crate::tables::service::Status;
use crate::tables::task::{LaunchType, TASKS};

/// Most clusters in one request.
const MOST: usize = 100;

/// Reads the clusters with what was asked to be included.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::DescribeClustersRequest,
) -> Result<api::DescribeClustersResponse, Failure> {
    let place = shared::place(&cx);
    let asked = match input.clusters {
        Some(names) if !names.is_empty() => names,
        _ => vec![reference::DEFAULT_CLUSTER.to_owned()],
    };
    if asked.len() > MOST {
        return Err(EcsError::invalid(format!("Clusters cannot have more than {MOST} elements.")).into());
    }
    let include = Include::of(input.include.as_deref().unwrap_or_default());
    let mut tx = ecs.db.begin();
    let (mut clusters, mut failures) = (Vec::new(), Vec::new());
    let mut seen = HashSet::new();
    for text in &asked {
        let name = reference::cluster(Some(text), place.as_reference()).map_err(EcsError::from)?;
        // One that is named twice is shown once.
        if !seen.insert(name.clone()) {
            continue;
        }
        let arn = place.cluster_arn(&name);
        let found = tx.peek(&CLUSTERS, &cluster::key(&place, &name)).await?;
        let tags = found.as_ref().map(|cluster| cluster.tags.clone()).unwrap_or_default();
        cx.authorize(Permission::on("ecs:DescribeClusters", &arn).having(tags.iter()))?;
        match found {
            Some(cluster) => {
                let counts = count(&mut tx, &place, &name).await?;
                clusters.push(shape::answer(&place, &cluster, counts, &include)?);
            }
            None => failures.push(api::Failure {
                arn: Some(arn.to_string()),
                reason: Some("MISSING".to_owned()),
                detail: None,
            }),
        }
    }
    Ok(api::DescribeClustersResponse { clusters: Some(clusters), failures: Some(failures) })
}

/// Counts the cluster's container instances and services, and its tasks by status and launch type.
pub(crate) async fn count(tx: &mut Tx, place: &Place, cluster: &str) -> Result<Counts, Failure> {
    let registered = container_instance::of_cluster(tx, place, cluster).await?.len();
    let mut counts = Counts::default();
    counts.instances = registered as i32;
    for service in service::of_cluster(tx, place, cluster).await? {
        let launch = service.revision.as_ref().map_or(LaunchType::Fargate, |one| one.launch);
        match service.status {
            Status::Active => counts.active_service(launch),
            Status::Draining => counts.draining_service(launch),
            Status::Inactive => {}
        }
    }
    for (_, task) in tx.peek_scan(&TASKS, &cluster::key(place, cluster), Scan::all()).await? {
        let launch = task.launch;
        match task.life.status() {
            TaskStatus::Stopped | TaskStatus::Deprovisioning | TaskStatus::Stopping => {}
            TaskStatus::Running | TaskStatus::Deactivating => counts.running(launch),
            TaskStatus::Provisioning | TaskStatus::Pending | TaskStatus::Activating => counts.pending(launch),
        }
    }
    Ok(counts)
}
