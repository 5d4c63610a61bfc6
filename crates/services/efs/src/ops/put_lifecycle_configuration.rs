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
        let message = "Each LifecyclePolicy object can have only a single transition.";
        return Err(EfsError::bad(message).into());
    }
    let mut seen = std::collections::BTreeSet::new();
    if !policies.iter().flat_map(BTreeMap::keys).all(|name| seen.insert(name)) {
        return Err(EfsError::bad("A transition can be given only once.").into());
    }
    file_system.lifecycle = policies;
    tx.put(&FILE_SYSTEMS, &file_system_key(cx.account, &cx.region, &file_system.id), &file_system);
    tx.commit(&permit).await?;
    Ok(answer(&file_system.lifecycle))
}

fn policy(given: api::LifecyclePolicy) -> BTreeMap<String, String> {
    let named = [
        ("TransitionToIA", given.transition_to_ia),
        ("TransitionToPrimaryStorageClass", given.transition_to_primary_storage_class),
        ("TransitionToArchive", given.transition_to_archive),
    ];
    named.into_iter().filter_map(|(name, rule)| Some((name.to_owned(), rule?))).collect()
}
