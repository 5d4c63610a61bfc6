//! DescribeFileSystemPolicy: who may mount a file system.

use gantry_api_efs as api;
use gantry_service::principals::shown;
use gantry_service::{Cx, Failure};

use crate::Efs;
use crate::error::EfsError;
use crate::find::Named;

/// Shows the policy.
pub async fn run(
    efs: &Efs,
    cx: Cx,
    input: api::DescribeFileSystemPolicyRequest,
) -> Result<api::FileSystemPolicyDescription, Failure> {
    let named = Named::look_up(&mut efs.db.begin(), &cx, &input.file_system_id).await?;
    cx.authorize(named.permission("elasticfilesystem:DescribeFileSystemPolicy"))?;

    let file_system = named.there()?;
    let none =
        || EfsError::PolicyNotFound(format!("File system '{}' does not have a policy.", file_system.id));
    let policy = file_system.policy.as_deref().ok_or_else(none)?;
    let policy = shown(&cx, policy, &file_system.policy_ids).await?;
    Ok(api::FileSystemPolicyDescription { file_system_id: Some(file_system.id), policy: Some(policy) })
}
