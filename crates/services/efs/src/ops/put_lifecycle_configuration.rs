//! PutLifecycleConfiguration: when files are to change their storage class. There is one class here; it is kept only.

use std::collections::BTreeMap;

use gantry_api_efs as api;
use gantry_service::{Cx, Failure};

use super::describe_lifecycle_configuration::answer;
use crate::Efs;
use crate::error::EfsError;
use crate::find::Named;
use crate::tables::{FILE_SYSTEMS, file_system_key};

/// Sets the policies; none takes those away that were there.
pub async fn run(
    efs: &Efs,
    cx: Cx,
    input: api::PutLifecycleConfigurationRequest,
) -> Result<api::LifecycleConfigurationDescription, Failure> {
    let mut tx = efs.db.begin();
    let named = Named::look_up(&mut tx, &cx, &input.file_system_id).await?;
    let permit = cx.authorize(named.permission("elasticfilesystem:PutLifecycleConfiguration"))?;

    let mut file_system = named.there()?;
    let policies: Vec<_> = input.lifecycle_policies.into_iter().map(policy).collect();
    if policies.iter().any(|policy| policy.len() != 1) {
        let message = "One or more LifecyclePolicy objects specified are malformed.";
        return Err(EfsError::bad(message).into());
    }
    let mut seen = std::collections::BTreeSet::new();
    if !policies.iter().flat_map(BTreeMap::keys).all(|name| seen.insert(name)) {
        return Err(EfsError::bad("Duplicate LifecyclePolicy transition types are not allowed.").into());
    }
    check_archive(&policies, &file_system.throughput_mode)?;
    file_system.lifecycle = policies;
    tx.put(&FILE_SYSTEMS, &file_system_key(cx.account, &cx.region, &file_system.id), &file_system);
    tx.commit(&permit).await?;
    Ok(answer(&file_system.lifecycle))
}

/// Files are archived after they became infrequently accessed ones, and not in every throughput mode.
fn check_archive(policies: &[BTreeMap<String, String>], throughput_mode: &str) -> Result<(), EfsError> {
    let rule = |name: &str| policies.iter().find_map(|policy| policy.get(name));
    let Some(archive) = rule("TransitionToArchive") else { return Ok(()) };
    if !matches!(throughput_mode, "elastic" | "provisioned") {
        return Err(EfsError::bad(
            "The ThroughputMode value for the file system does not support TransitionToArchive. Either change the \
             ThroughputMode value to Elastic or Provisioned",
        ));
    }
    if rule("TransitionToIA").is_some_and(|infrequent| days(archive) <= days(infrequent)) {
        return Err(EfsError::bad(
            "The value for TransitionToArchive is the same as or less than the value for TransitionToIA.",
        ));
    }
    Ok(())
}

/// The number in `AFTER_30_DAYS`.
fn days(rule: &str) -> u32 {
    rule.split('_').find_map(|part| part.parse().ok()).unwrap_or(0)
}

fn policy(given: api::LifecyclePolicy) -> BTreeMap<String, String> {
    let named = [
        ("TransitionToIA", given.transition_to_ia),
        ("TransitionToPrimaryStorageClass", given.transition_to_primary_storage_class),
        ("TransitionToArchive", given.transition_to_archive),
    ];
    named.into_iter().filter_map(|(name, rule)| Some((name.to_owned(), rule?))).collect()
}
