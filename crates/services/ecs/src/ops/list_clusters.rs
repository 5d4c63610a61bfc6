//! ListClusters: the ARNs of active clusters, by pages.

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure, Permission};

use super::shared::{self, Listing};
use crate::Ecs;
use crate::tables::cluster::CLUSTERS;

/// One page.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::ListClustersRequest,
) -> Result<api::ListClustersResponse, Failure> {
    cx.authorize(Permission::of("ecs:ListClusters"))?;
    let place = shared::place(&cx);
    let listing = Listing {
        scope: format!("ListClusters/{}", place.key()),
        prefix: place.key(),
        max_results: input.max_results,
        next_token: input.next_token.as_deref(),
        reverse: false,
    };
    let arn = |cluster: &str| place.cluster_arn(cluster).to_string();
    let (arns, next_token) = listing
        .page(&mut ecs.db.begin(), &CLUSTERS, |_, cluster| cluster.active.then(|| arn(&cluster.name)))
        .await?;
    Ok(api::ListClustersResponse { cluster_arns: Some(arns), next_token })
}
