//! ListContainerInstances: the ARNs of a cluster's instances, by status and by a cluster query.

use std::collections::BTreeSet;

use gantry_api_ecs as api;
use gantry_base::Timestamp;
use gantry_ecs_core::query::{self, Expression};
use gantry_service::{Cx, Failure, Permission};
use gantry_store::{Scan, StoreError, Tx};

use super::shapes::container_instance::TaskCounts;
use super::shared::{self, Having, Listing};
use crate::Ecs;
use crate::error::EcsError;
use crate::members::Seen;
use crate::names::Place;
use crate::tables::cluster;
use crate::tables::container_instance::{CONTAINER_INSTANCES, ContainerInstance};
use crate::tables::task::TASKS;

/// One page.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::ListContainerInstancesRequest,
) -> Result<api::ListContainerInstancesResponse, Failure> {
    let place = shared::place(&cx);
    let asked = shared::asked_cluster(&place, input.cluster.as_deref())?;
    let arn = place.cluster_arn(&asked);
    let permission = Permission::on("ecs:ListContainerInstances", &arn);
    let mut tx = ecs.db.begin();
    let tags = shared::cluster_tags(&mut tx, &place, &asked).await?;
    cx.authorize(permission.having(tags.iter()))?;
    let cluster = shared::known_cluster(&mut tx, &cx, input.cluster.as_deref()).await?;
    let filter = input.filter.as_deref().filter(|text| !text.trim().is_empty());
    let fits = match filter.map(Expression::parse).transpose() {
        Err(bad) => return Err(EcsError::invalid(bad.0).into()),
        Ok(None) => None,
        Ok(Some(expression)) => {
            Some(those_that_fit(ecs, &mut tx, &place, &cluster, &expression, cx.now).await?)
        }
    };
    let listing = Listing {
        scope: format!("ListContainerInstances/{}{cluster}/{filter:?}/{:?}", place.key(), input.status),
        prefix: cluster::key(&place, &cluster),
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
        reverse: false,
    };
    let (arns, next_token) = listing
        .page(&mut tx, &CONTAINER_INSTANCES, |_, row| {
            let has_status = input.status.as_ref().is_none_or(|status| status == row.status.as_str());
            let wanted =
                row.is_registered() && has_status && fits.as_ref().is_none_or(|fits| fits.contains(&row.id));
            wanted.then(|| row.arn(&place).to_string())
        })
        .await?;
    Ok(api::ListContainerInstancesResponse { container_instance_arns: Some(arns), next_token })
}

/// The ids of the instances for which the expression holds.
async fn those_that_fit(
    ecs: &Ecs,
    tx: &mut Tx,
    place: &Place,
    cluster: &str,
    expression: &Expression,
    now: Timestamp,
) -> Result<BTreeSet<String>, StoreError> {
    let counts = TaskCounts::of(tx, place, cluster).await?;
    let tasks = match expression.looks_at_tasks() {
        true => tx.peek_scan(&TASKS, &cluster::key(place, cluster), Scan::all()).await?,
        false => Vec::new(),
    };
    let live = tasks.iter().map(|(_, task)| task).filter(|task| !task.life.is_stopped());
    let groups: Vec<(&str, &str)> =
        live.filter_map(|task| Some((task.instance_id.as_deref()?, task.group.as_str()))).collect();
    let mut fits = BTreeSet::new();
    let rows = tx.peek_scan(&CONTAINER_INSTANCES, &cluster::key(place, cluster), Scan::all()).await?;
    for (_, row) in rows.into_iter().filter(|(_, row): &(_, ContainerInstance)| row.is_registered()) {
        let seen = Seen::of(ecs, tx, place, row, now).await?;
        let id = seen.instance.id.clone();
        let looked_at = Looked { running: counts.running(&id), groups: &groups, seen: &seen };
        if expression.holds(&looked_at) {
            fits.insert(id);
        }
    }
    Ok(fits)
}

struct Looked<'a> {
    seen: &'a Seen,
    running: u32,
    /// Instance and group of each task.
    groups: &'a [(&'a str, &'a str)],
}

impl query::Instance for Looked<'_> {
    fn agent_connected(&self) -> bool {
        self.seen.connected
    }
    fn agent_version(&self) -> &str {
        &self.seen.agent_version
    }
    fn attribute(&self, name: &str) -> Option<&str> {
        self.seen.attributes.get(name).map(String::as_str)
    }
    fn ec2_instance_id(&self) -> Option<&str> {
        self.seen.instance.ec2_instance_id.as_deref()
    }
    fn registered_at(&self) -> Timestamp {
        self.seen.instance.registered_at
    }
    fn running_tasks(&self) -> u32 {
        self.running
    }
    fn any_group(&self, fits: &dyn Fn(&str) -> bool) -> bool {
        let own = self.groups.iter().filter(|(instance, _)| *instance == self.seen.instance.id);
        own.into_iter().any(|(_, group)| fits(group))
    }
}
