//! DescribeMountTargetSecurityGroups: the security groups of a mount target.

use gantry_api_efs as api;
use gantry_service::{Cx, Failure, Permission};

use crate::error::EfsError;
use crate::{Efs, find};

/// Lists the groups.
pub async fn run(
    efs: &Efs,
    cx: Cx,
    input: api::DescribeMountTargetSecurityGroupsRequest,
) -> Result<api::DescribeMountTargetSecurityGroupsResponse, Failure> {
    let target = find::mount_target(&mut efs.db.begin(), &cx, &input.mount_target_id).await?;
    let arn = find::mount_target_arn(&cx, target.as_ref());
    cx.authorize(Permission::on("elasticfilesystem:DescribeMountTargetSecurityGroups", &arn))?;

    let target = target.ok_or(EfsError::MountTargetNotFound(input.mount_target_id))?;
    Ok(api::DescribeMountTargetSecurityGroupsResponse { security_groups: target.security_groups })
}
