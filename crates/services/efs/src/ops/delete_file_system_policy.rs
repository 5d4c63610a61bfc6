//! DeleteFileSystemPolicy: a file system is open again to all who reach it.

use gantry_api_efs as api;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::Efs;
use crate::find::Named;
use crate::tables::{FILE_SYSTEMS, file_system_key};

/// Takes the policy away; there need not be one.
pub async fn run(efs: &Efs, cx: Cx, input: api::DeleteFileSystemPolicyRequest) -> Result<Unit, Failure> {
    let mut tx = efs.db.begin();
    let named = Named::look_up(&mut tx, &cx, &input.file_system_id).await?;
    let permit = cx.authorize(named.permission("elasticfilesystem:DeleteFileSystemPolicy"))?;

    let mut file_system = named.there()?;
    file_system.policy = None;
    tx.put(&FILE_SYSTEMS, &file_system_key(cx.account, &cx.region, &file_system.id), &file_system);
    tx.commit(&permit).await?;
    Ok(Unit)
}
