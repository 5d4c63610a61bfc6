//! What can have tags: capacity providers, clusters, container instances, services, task definitions and tasks, by ARN.

use gantry_base::{Arn, Tags};
use gantry_ecs_core::reference;
use gantry_service::Failure;
use gantry_store::{Key, Scan, StoreError, Tx};

use crate::error::EcsError;
use crate::names::{Place, TaskName};
use crate::tables::capacity_provider::{self, CAPACITY_PROVIDERS, CapacityProvider};
use crate::tables::cluster::{self, CLUSTERS, Cluster};
use crate::tables::container_instance::{self, CONTAINER_INSTANCES, ContainerInstance};
use crate::tables::service::{SERVICES, Service, ServiceName, Status};
use crate::tables::task::{TASKS, Task};
use crate::tables::task_definition::{self, TASK_DEFINITIONS, TaskDefinition};
use crate::wishes;

/// A resource, as it was found.
pub(crate) struct Tagged {
    pub arn: Arn,
    pub tags: Tags,
    key: Key,
    row: Row,
}

enum Row {
    Cluster(Box<Cluster>),
    TaskDefinition(Box<TaskDefinition>),
    Task(Box<Task>),
    ContainerInstance(Box<ContainerInstance>),
    Service(Box<Service>),
    CapacityProvider(Box<CapacityProvider>),
}

/// The resource of that ARN.
pub(crate) async fn find(tx: &mut Tx, place: &Place, text: &str) -> Result<Tagged, Failure> {
    let missing = || EcsError::invalid("The specified resource could not be found.");
    let bad = || EcsError::invalid(format!("Invalid ARN: {text}"));
    let arn: Arn = text.parse().map_err(|_| bad())?;
    let here = place.as_reference();
    let (kind, _) = arn.resource_type_and_name();
    let (key, tags, row) = match kind {
        "cluster" => {
            let name = reference::cluster(Some(text), here).map_err(EcsError::from)?;
            let key = cluster::key(place, &name);
            let row = tx.get(&CLUSTERS, &key).await?.ok_or(EcsError::ClusterNotFound)?;
            (key, row.tags.clone(), Row::Cluster(Box::new(row)))
        }
        "capacity-provider" => {
            let name = arn.resource().strip_prefix("capacity-provider/").ok_or_else(bad)?;
            if arn.account() != place.account.as_str() || arn.region() != place.region.as_str() {
                return Err(bad().into());
            }
            let key = capacity_provider::key(place, name);
            let row = tx.get(&CAPACITY_PROVIDERS, &key).await?.ok_or_else(missing)?;
            (key, row.tags.clone(), Row::CapacityProvider(Box::new(row)))
        }
        "container-instance" => {
            let (cluster, id) = reference::container_instance(text, here).map_err(EcsError::from)?;
            let mut found = None;
            for cluster in clusters(tx, place, cluster).await? {
                let key = container_instance::key(place, &cluster, &id);
                found = found.or(tx.get(&CONTAINER_INSTANCES, &key).await?.map(|row| (key, row)));
            }
            let (key, row) = found.ok_or_else(missing)?;
            (key, row.tags.clone(), Row::ContainerInstance(Box::new(row)))
        }
        "service" => {
            let rest = arn.resource().strip_prefix("service/").ok_or_else(bad)?;
            let (cluster, name) = match rest.split_once('/') {
                Some((cluster, name)) => (Some(cluster.to_owned()), name),
                None => (None, rest),
            };
            if arn.account() != place.account.as_str() || arn.region() != place.region.as_str() {
                return Err(bad().into());
            }
            let mut found = None;
            for cluster in clusters(tx, place, cluster).await? {
                let key = ServiceName { place: place.clone(), cluster, name: name.to_owned() }.key();
                found = found.or(tx.get(&SERVICES, &key).await?.map(|row| (key, row)));
            }
            let (key, row) = found.ok_or_else(missing)?;
            (key, row.tags.clone(), Row::Service(Box::new(row)))
        }
        "task-definition" => {
            let named = reference::task_definition(text, here).map_err(EcsError::from)?;
            let revision = named.revision.ok_or_else(bad)?;
            let key = task_definition::key(place, &named.family, revision);
            let row = tx.get(&TASK_DEFINITIONS, &key).await?.ok_or_else(missing)?;
            (key, row.tags.clone(), Row::TaskDefinition(Box::new(row)))
        }
        "task" => {
            let (cluster, id) = reference::task(text, here).map_err(EcsError::from)?;
            let mut found = None;
            for cluster in clusters(tx, place, cluster).await? {
                let key = TaskName { place: place.clone(), cluster, id: id.clone() }.key();
                found = found.or(tx.get(&TASKS, &key).await?.map(|row| (key, row)));
            }
            let (key, row) = found.ok_or_else(missing)?;
            (key, row.tags.clone(), Row::Task(Box::new(row)))
        }
        _ => return Err(bad().into()),
    };
    Ok(Tagged { arn, tags, key, row })
}

/// The cluster that an ARN names; one of the short form names none, and means whichever has the resource.
async fn clusters(tx: &mut Tx, place: &Place, named: Option<String>) -> Result<Vec<String>, StoreError> {
    match named {
        Some(cluster) => Ok(vec![cluster]),
        None => {
            let all = tx.peek_scan(&CLUSTERS, &place.key(), Scan::all()).await?;
            Ok(all.into_iter().map(|(_, cluster)| cluster.name).collect())
        }
    }
}

impl Tagged {
    /// Refuses to change the tags of what is deleted.
    pub(crate) fn check_changeable(&self) -> Result<(), EcsError> {
        match &self.row {
            Row::Cluster(row) if !row.active => Err(EcsError::invalid(
                "The specified cluster is inactive. Specify an active cluster and try again.",
            )),
            Row::ContainerInstance(row) if !row.is_registered() => Err(EcsError::invalid(
                "The specified container instance is inactive. Specify an active container instance and try again.",
            )),
            Row::Service(row) if row.status == Status::Inactive => Err(EcsError::invalid(
                "The specified service is inactive. Specify an active service and try again.",
            )),
            Row::CapacityProvider(row) if !row.active => Err(EcsError::invalid(
                "The specified capacity provider is inactive. Specify an active capacity provider and try again.",
            )),
            _ => Ok(()),
        }
    }

    /// Refuses tags of services that ask for what nobody understands.
    pub(crate) fn check_wishes(&self, tags: &Tags) -> Result<(), EcsError> {
        match &self.row {
            Row::Service(_) => wishes::check(tags),
            _ => Ok(()),
        }
    }

    /// Writes the resource with other tags.
    pub(crate) fn put(self, tx: &mut Tx, tags: Tags) {
        match self.row {
            Row::Cluster(row) => tx.put(&CLUSTERS, &self.key, &Cluster { tags, ..*row }),
            Row::TaskDefinition(row) => {
                tx.put(&TASK_DEFINITIONS, &self.key, &TaskDefinition { tags, ..*row })
            }
            Row::ContainerInstance(row) => {
                tx.put(&CONTAINER_INSTANCES, &self.key, &ContainerInstance { tags, ..*row })
            }
            Row::CapacityProvider(row) => {
                tx.put(&CAPACITY_PROVIDERS, &self.key, &CapacityProvider { tags, ..*row })
            }
            Row::Service(row) => {
                // Some tags are wishes.
                row.name.look(tx);
                tx.put(&SERVICES, &self.key, &Service { tags, ..*row });
            }
            Row::Task(row) => tx.put(&TASKS, &self.key, &Task { tags, ..*row }),
        }
    }
}
