//! From what is stored to AWS's shapes.

use std::collections::BTreeMap;

use gantry_api_secretsmanager as api;
use gantry_base::Timestamp;

use super::table::{Replica, Secret};

/// The tags of a secret that has some, or had some once.
pub fn tags(secret: &Secret) -> Option<Vec<api::Tag>> {
    let tag = |(key, value): (&str, &str)| api::Tag { key: Some(key.into()), value: Some(value.into()) };
    (secret.was_tagged || !secret.tags.is_empty()).then(|| secret.tags.iter().map(tag).collect())
}

/// Where a secret is replicated to, and whether that went well.
pub fn replication(secret: &Secret) -> Option<Vec<api::ReplicationStatusType>> {
    let one = |replica: &Replica| api::ReplicationStatusType {
        region: Some(replica.region.to_string()),
        kms_key_id: Some(replica.kms_key_id.clone().unwrap_or_else(|| "alias/aws/secretsmanager".into())),
        status: Some(if replica.failure.is_none() { "InSync" } else { "Failed" }.into()),
        status_message: replica.failure.clone(),
        last_accessed_date: None,
    };
    (!secret.replicas.is_empty()).then(|| secret.replicas.iter().map(one).collect())
}

/// The labels of each version that has some.
pub fn stages(secret: &Secret) -> Option<BTreeMap<String, Vec<String>>> {
    let labelled = secret.versions.iter().filter(|(_, version)| !version.stages.is_empty());
    let stages: BTreeMap<_, _> = labelled.map(|(id, version)| (id.clone(), version.stages.clone())).collect();
    (!stages.is_empty()).then_some(stages)
}

/// The beginning of a moment's day, in UTC.
pub fn day(moment: Timestamp) -> Timestamp {
    const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;
    Timestamp::from_millis(moment.as_millis().div_euclid(DAY_MILLIS) * DAY_MILLIS)
}
