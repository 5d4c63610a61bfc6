//! UpdateClusterSettings: Container Insights of a cluster.

use gantry_api_ecs as api;
use gantry_service::{Cx, Failure};

use super::{cluster_change, cluster_fields};
use crate::Ecs;

/// Puts the settings in place of those before.
pub async fn run(
    ecs: &Ecs,
    cx: Cx,
    input: api::UpdateClusterSettingsRequest,
) -> Result<api::UpdateClusterSettingsResponse, Failure> {
    let cluster = cluster_change::change(ecs, &cx, "ecs:UpdateClusterSettings", &input.cluster, |row| {
        row.settings = cluster_fields::settings(&input.settings)?;
        Ok(())
    });
    Ok(api::UpdateClusterSettingsResponse { cluster: Some(cluster.await?) })
}
