//! DeleteMountTarget: a file system is no longer in a subnet.

use gantry_api_efs as api;
use gantry_service::{Cx, Failure, Permission};
use gantry_wire::Unit;

use crate::error::EfsError;
use crate::tables::{MOUNT_TARGETS, mount_target_key};
use crate::{Efs, find, network};

/// Deletes a mount target and its interface.
pub async fn run(efs: &Efs, cx: Cx, input: api::DeleteMountTargetRequest) -> Result<Unit, Failure> {
    let mut tx = efs.db.begin();
    let target = find::mount_target(&mut tx, &cx, &input.mount_target_id).await?;
    let arn = find::mount_target_arn(&cx, target.as_ref());
    let permit = cx.authorize(Permission::on("elasticfilesystem:DeleteMountTarget", &arn))?;

    let target = target.ok_or(EfsError::MountTargetNotFound(input.mount_target_id))?;
    // The interface first: should it fail, the target is still there to be deleted again.
    network::remove(&cx, &target.network_interface_id).await?;
    tx.delete(&MOUNT_TARGETS, &mount_target_key(cx.account, &cx.region, &target.id));
    tx.commit(&permit).await?;
    Ok(Unit)
}
