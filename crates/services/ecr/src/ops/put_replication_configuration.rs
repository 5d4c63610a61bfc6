//! PutReplicationConfiguration: says to which registries of this Gantry images are replicated that are pushed from now
//! on.

use gantry_api_ecr as api;
use gantry_service::{Cx, Permission};

use super::describe_registry::shown;
use crate::Ecr;
use crate::error::EcrError;
use crate::tables::{Destination, REPLICATIONS, Replication, ReplicationRule, repositories_of};

pub async fn put_replication_configuration(
    ecr: &Ecr,
    cx: &Cx,
    input: api::PutReplicationConfigurationRequest,
) -> Result<api::PutReplicationConfigurationResponse, EcrError> {
    let permit = cx.authorize(Permission::of("ecr:PutReplicationConfiguration"))?;
    let rules = input.replication_configuration.rules.into_iter().map(|rule| read(cx, rule));
    let replication = Replication { rules: rules.collect::<Result<_, _>>()? };
    let mut tx = ecr.db.begin();
    tx.put(&REPLICATIONS, &repositories_of(cx.account, &cx.region), &replication);
    tx.commit(&permit).await?;
    Ok(api::PutReplicationConfigurationResponse { replication_configuration: Some(shown(replication)) })
}

fn invalid<T>(rule: &str) -> Result<T, EcrError> {
    Err(EcrError::InvalidParameter { parameter: "replicationConfiguration", rule: rule.to_owned() })
}

fn read(cx: &Cx, rule: api::ReplicationRule) -> Result<ReplicationRule, EcrError> {
    if rule.delete_replication.is_some_and(|delete| delete.enabled) {
        return invalid("deleteReplication is not served: deleted images stay where they were replicated to");
    }
    let mut destinations = Vec::with_capacity(rule.destinations.len());
    for to in rule.destinations {
        let (Ok(region), Ok(registry)) = (to.region.parse(), to.registry_id.parse()) else {
            return invalid("Replication destination must be an account and a region");
        };
        if registry == cx.account && region == cx.region {
            return invalid("Replication destination cannot be the same as the source registry");
        }
        destinations.push(Destination { region, registry });
    }
    let filters = rule.repository_filters.unwrap_or_default();
    Ok(ReplicationRule { destinations, prefixes: filters.into_iter().map(|filter| filter.filter).collect() })
}
