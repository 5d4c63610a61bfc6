//! PutBackupPolicy: whether a file system is to be backed up. It is kept for who asks; AWS Backup is not there.

use gantry_api_efs as api;
use gantry_service::{Cx, Failure};

use super::describe_backup_policy::answer;
use crate::Efs;
use crate::error::EfsError;
use crate::find::Named;
use crate::tables::{FILE_SYSTEMS, file_system_key};

/// Sets it.
pub async fn run(
    efs: &Efs,
    cx: Cx,
    input: api::PutBackupPolicyRequest,
) -> Result<api::BackupPolicyDescription, Failure> {
    let mut tx = efs.db.begin();
    let named = Named::look_up(&mut tx, &cx, &input.file_system_id).await?;
    let permit = cx.authorize(named.permission("elasticfilesystem:PutBackupPolicy"))?;

    let mut file_system = named.there()?;
    file_system.backup = match input.backup_policy.status.as_str() {
        "ENABLED" => true,
        "DISABLED" => false,
        status => {
            return Err(EfsError::Validation(format!("A backup policy can't be set to {status}.")).into());
        }
    };
    file_system.backup_said = true;
    tx.put(&FILE_SYSTEMS, &file_system_key(cx.account, &cx.region, &file_system.id), &file_system);
    tx.commit(&permit).await?;
    Ok(answer(file_system.backup))
}
