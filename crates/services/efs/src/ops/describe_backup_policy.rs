//! DescribeBackupPolicy: whether a file system is to be backed up.

use gantry_api_efs as api;
use gantry_service::{Cx, Failure};

use crate::Efs;
use crate::error::EfsError;
use crate::find::Named;

/// Says what was set.
pub async fn run(
    efs: &Efs,
    cx: Cx,
    input: api::DescribeBackupPolicyRequest,
) -> Result<api::BackupPolicyDescription, Failure> {
    let named = Named::look_up(&mut efs.db.begin(), &cx, &input.file_system_id).await?;
    cx.authorize(named.permission("elasticfilesystem:DescribeBackupPolicy"))?;

    let file_system = named.there()?;
    if !file_system.backup_said {
        return Err(EfsError::PolicyNotFound(format!(
            "File system '{}' does not have a backup policy.",
            file_system.id
        ))
        .into());
    }
    Ok(answer(file_system.backup))
}

/// The policy as AWS shows it.
pub fn answer(backup: bool) -> api::BackupPolicyDescription {
    let status = if backup { "ENABLED" } else { "DISABLED" };
    api::BackupPolicyDescription { backup_policy: Some(api::BackupPolicy { status: status.into() }) }
}
