//! From what is stored to AWS's shapes.

use std::collections::BTreeMap;

use gantry_api_secretsmanager as api;
use gantry_base::{Tags, Timestamp};

use super::table::Secret;

/// The tags of a secret.
pub fn tags(tags: &Tags) -> Vec<api::Tag> {
    tags.iter().map(|(key, value)| api::Tag { key: Some(key.into()), value: Some(value.into()) }).collect()
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
