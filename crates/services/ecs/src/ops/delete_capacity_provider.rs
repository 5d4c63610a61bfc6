//! DeleteCapacityProvider: an end of a provider that no cluster has any more. Its machines stay in their clusters.

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::Scan;

use super::capacity_provider as fields;
use super::shapes::capacity_provider::answer;
use super::shapes::cluster::is_fargate;
use super::shared::{self, Having};
use crate::Ecs;
use crate::error::EcsError;
use crate::tables::capacity_provider::{self, CAPACITY_PROVIDERS};
use crate::tables::cluster::CLUSTERS;

/// Deletes it; one that a cluster has says why it is not deleted, as in AWS.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::DeleteCapacityProviderRequest,
) -> Result<api::DeleteCapacityProviderResponse, Failure> {
    let place = shared::place(&cx);
    let name = fields::name_of(&place, &input.capacity_provider)?;
    let arn = capacity_provider::arn(&place, &name);
    let mut tx = ecs.db.begin();
    let found = capacity_provider::active(&mut tx, &place, &name).await?;
    let tags = found.as_ref().map(|row| row.tags.clone()).unwrap_or_default();
    let permit = cx.authorize(Permission::on("ecs:DeleteCapacityProvider", &arn).having(tags.iter()))?;
    if is_fargate(&name) {
        return Err(EcsError::client(
            "The FARGATE and FARGATE_SPOT capacity providers are reserved and cannot be deleted.",
        )
        .into());
    }
    let mut row = found.ok_or_else(fields::not_there)?;
    // Guarded: a cluster that takes it meanwhile has this begin anew.
    let clusters = tx.scan(&CLUSTERS, &place.key(), Scan::all()).await?;
    let having: Vec<String> = clusters
        .into_iter()
        .map(|(_, cluster)| cluster)
        .filter(|cluster| cluster.active && cluster.capacity_providers.contains(&name))
        .map(|cluster| cluster.name)
        .collect();
    let mut shown = row.clone();
    match having.is_empty() {
        true => {
            row.active = false;
            row.update = Some(("DELETE_COMPLETE".to_owned(), None));
            // AWS takes its time, and answers how it was.
            shown.update = Some(("DELETE_IN_PROGRESS".to_owned(), None));
        }
        false => {
            let why = format!(
                "The capacity provider cannot be deleted because it is associated with cluster: {}. Remove the capacity \
                 provider from the cluster and try again.",
                having.join(", ")
            );
            row.update = Some(("DELETE_FAILED".to_owned(), Some(why)));
            shown.update.clone_from(&row.update);
        }
    }
    tx.put(&CAPACITY_PROVIDERS, &capacity_provider::key(&place, &name), &row);
    tx.commit(&permit).await?;
    Ok(api::DeleteCapacityProviderResponse { capacity_provider: Some(answer(&place, &shown, true)) })
}
