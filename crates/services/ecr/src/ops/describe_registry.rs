//! DescribeRegistry: where the registry's images are replicated to.

use gantry_api_ecr as api;
use gantry_service::{Cx, Permission};

use crate::Ecr;
use crate::error::EcrError;
use crate::tables::{Destination, REPLICATIONS, Replication, ReplicationRule, repositories_of};

pub async fn describe_registry(
    ecr: &Ecr,
    cx: &Cx,
    _input: api::DescribeRegistryRequest,
) -> Result<api::DescribeRegistryResponse, EcrError> {
    cx.authorize(Permission::of("ecr:DescribeRegistry"))?;
    let found = ecr.db.begin().get(&REPLICATIONS, &repositories_of(cx.account, &cx.region)).await?;
    Ok(api::DescribeRegistryResponse {
        registry_id: Some(cx.account.to_string()),
        replication_configuration: Some(shown(found.unwrap_or_default())),
    })
}

/// A configuration as AWS shows it.
pub fn shown(replication: Replication) -> api::ReplicationConfiguration {
    let filter = |filter: String| api::RepositoryFilter { filter, filter_type: "PREFIX_MATCH".to_owned() };
    let destination = |to: Destination| api::ReplicationDestination {
        region: to.region.to_string(),
        registry_id: to.registry.to_string(),
    };
    let rule = |rule: ReplicationRule| api::ReplicationRule {
        destinations: rule.destinations.into_iter().map(destination).collect(),
        repository_filters: (!rule.prefixes.is_empty())
            .then(|| rule.prefixes.into_iter().map(filter).collect()),
        delete_replication: None,
    };
    api::ReplicationConfiguration { rules: replication.rules.into_iter().map(rule).collect() }
}
