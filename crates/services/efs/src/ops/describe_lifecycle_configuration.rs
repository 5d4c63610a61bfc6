//! DescribeLifecycleConfiguration: when files are to change their storage class.

use std::collections::BTreeMap;

use gantry_api_efs as api;
use gantry_service::{Cx, Failure};

use crate::Efs;
use crate::find::Named;

/// Shows what was put.
pub async fn run(
    efs: &Efs,
    cx: Cx,
    input: api::DescribeLifecycleConfigurationRequest,
) -> Result<api::LifecycleConfigurationDescription, Failure> {
    let named = Named::look_up(&mut efs.db.begin(), &cx, &input.file_system_id).await?;
    cx.authorize(named.permission("elasticfilesystem:DescribeLifecycleConfiguration"))?;

    let file_system = named.there()?;
    Ok(answer(&file_system.lifecycle))
}

/// Policies as AWS shows them.
pub fn answer(policies: &[BTreeMap<String, String>]) -> api::LifecycleConfigurationDescription {
    let policy = |kept: &BTreeMap<String, String>| api::LifecyclePolicy {
        transition_to_ia: kept.get("TransitionToIA").cloned(),
        transition_to_primary_storage_class: kept.get("TransitionToPrimaryStorageClass").cloned(),
        transition_to_archive: kept.get("TransitionToArchive").cloned(),
    };
    api::LifecycleConfigurationDescription { lifecycle_policies: Some(policies.iter().map(policy).collect()) }
}
