//! DiscoverInstancesRevision: whether what is found under a name has changed.

use gantry_api_servicediscovery as api;
use gantry_service::{Cx, Failure};

use super::discover_instances::{find, permission};
use crate::CloudMap;

/// A number that rises with each change.
pub async fn run(
    service: &CloudMap,
    cx: Cx,
    input: api::DiscoverInstancesRevisionRequest,
) -> Result<api::DiscoverInstancesRevisionResponse, Failure> {
    let names = (input.namespace_name.as_str(), input.service_name.as_str());
    cx.authorize(permission("servicediscovery:DiscoverInstancesRevision", names))?;
    let (_, row) = find(&mut service.db.begin(), &cx, names, input.owner_account.as_deref()).await?;
    Ok(api::DiscoverInstancesRevisionResponse { instances_revision: Some(row.revision) })
}
