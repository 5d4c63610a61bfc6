//! UpdateFileSystemProtection: whether a replication may write over a file system.

use gantry_api_efs as api;
use gantry_service::{Cx, Failure};

use super::describe_file_systems::protection;
use crate::Efs;
use crate::error::EfsError;
use crate::find::Named;
use crate::tables::{FILE_SYSTEMS, file_system_key};

/// Sets the protection.
pub async fn run(
    efs: &Efs,
    cx: Cx,
    input: api::UpdateFileSystemProtectionRequest,
) -> Result<api::FileSystemProtectionDescription, Failure> {
    let mut tx = efs.db.begin();
    let named = Named::look_up(&mut tx, &cx, &input.file_system_id).await?;
    let permit = cx.authorize(named.permission("elasticfilesystem:UpdateFileSystemProtection"))?;

    let mut file_system = named.there()?;
    file_system.protected = match input.replication_overwrite_protection.as_deref() {
        Some("ENABLED") => true,
        Some("DISABLED") => false,
        _ => return Err(EfsError::bad("ReplicationOverwriteProtection must be ENABLED or DISABLED.").into()),
    };
    tx.put(&FILE_SYSTEMS, &file_system_key(cx.account, &cx.region, &file_system.id), &file_system);
    tx.commit(&permit).await?;
    Ok(protection(file_system.protected))
}
