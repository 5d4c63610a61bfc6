//! ModifyMountTargetSecurityGroups: other security groups for a mount target.

use gantry_api_efs as api;
use gantry_service::{Cx, Failure, Permission};
use gantry_wire::Unit;

use super::create_mount_target::MAX_GROUPS;
use crate::error::EfsError;
use crate::tables::{MOUNT_TARGETS, mount_target_key};
use crate::{Efs, find, network};

/// Sets the groups.
pub async fn run(
    efs: &Efs,
    cx: Cx,
    input: api::ModifyMountTargetSecurityGroupsRequest,
) -> Result<Unit, Failure> {
    let mut tx = efs.db.begin();
    let target = find::mount_target(&mut tx, &cx, &input.mount_target_id).await?;
    let arn = find::mount_target_arn(&cx, target.as_ref());
    let permit = cx.authorize(Permission::on("elasticfilesystem:ModifyMountTargetSecurityGroups", &arn))?;

    let mut target = target.ok_or(EfsError::MountTargetNotFound(input.mount_target_id))?;
    let groups = input.security_groups.unwrap_or_default();
    if groups.len() > MAX_GROUPS {
        return Err(EfsError::SecurityGroupLimitExceeded.into());
    }
    if groups.is_empty() {
        return Err(EfsError::bad("A mount target has at least one security group.").into());
    }
    // Setting the same groups once more, should the row lose a race, does no harm.
    network::set_groups(&cx, &target.network_interface_id, &groups).await?;
    target.security_groups = groups;
    tx.put(&MOUNT_TARGETS, &mount_target_key(cx.account, &cx.region, &target.id), &target);
    tx.commit(&permit).await?;
    Ok(Unit)
}
