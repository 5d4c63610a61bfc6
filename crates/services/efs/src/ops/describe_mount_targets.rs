//! DescribeMountTargets: mount targets, by id, of a file system, or of the file system of an access point.

use gantry_api_efs as api;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::Scan;

use super::page;
use crate::Efs;
use crate::error::EfsError;
use crate::find::{self, Named, NamedAccessPoint};
use crate::tables::{MOUNT_TARGETS, MountTarget, mount_targets_key};

/// Lists mount targets. Exactly one thing must say of what.
pub async fn run(
    efs: &Efs,
    cx: Cx,
    input: api::DescribeMountTargetsRequest,
) -> Result<api::DescribeMountTargetsResponse, Failure> {
    const ACTION: &str = "elasticfilesystem:DescribeMountTargets";
    let mut tx = efs.db.begin();
    let found: Vec<MountTarget> = match (
        &input.mount_target_id,
        &input.file_system_id,
        &input.access_point_id,
    ) {
        (Some(id), None, None) => {
            let target = find::mount_target(&mut tx, &cx, id).await?;
            cx.authorize(Permission::on(ACTION, &find::mount_target_arn(&cx, target.as_ref())))?;
            vec![target.ok_or_else(|| EfsError::MountTargetNotFound(id.clone()))?]
        }
        (None, Some(id), None) => {
            let named = Named::look_up(&mut tx, &cx, id).await?;
            cx.authorize(named.permission(ACTION))?;
            of_file_system(efs, &cx, &named.there()?.id).await?
        }
        (None, None, Some(id)) => {
            let named = NamedAccessPoint::look_up(&mut tx, &cx, id).await?;
            cx.authorize(named.permission(ACTION))?;
            of_file_system(efs, &cx, &named.there()?.file_system_id).await?
        }
        _ => {
            cx.authorize(Permission::on(ACTION, &find::file_system_arn(&cx, "*")))?;
            let message =
                "You must specify a file system ID, a mount target ID or an access point ID, and one only.";
            return Err(EfsError::bad(message).into());
        }
    };
    let scope = format!("DescribeMountTargets/{}/{}", cx.account, cx.region);
    let marker = input.marker.as_deref();
    let (found, next_marker) = page(&scope, found, |target| &target.id, input.max_items, marker)?;
    Ok(api::DescribeMountTargetsResponse {
        marker: input.marker.clone(),
        mount_targets: Some(found.into_iter().map(|target| answer(&cx, target)).collect()),
        next_marker,
    })
}

async fn of_file_system(efs: &Efs, cx: &Cx, id: &str) -> Result<Vec<MountTarget>, Failure> {
    let prefix = mount_targets_key(cx.account, &cx.region);
    let rows = efs.db.begin().peek_scan(&MOUNT_TARGETS, &prefix, Scan::all()).await?;
    Ok(rows.into_iter().map(|(_, target)| target).filter(|target| target.file_system_id == id).collect())
}

/// A mount target as AWS shows it.
pub fn answer(cx: &Cx, target: MountTarget) -> api::MountTargetDescription {
    api::MountTargetDescription {
        owner_id: Some(cx.account.to_string()),
        mount_target_id: target.id,
        file_system_id: target.file_system_id,
        subnet_id: target.subnet_id,
        life_cycle_state: "available".into(),
        ip_address: Some(target.ip_address),
        network_interface_id: Some(target.network_interface_id),
        availability_zone_id: Some(target.zone.1),
        availability_zone_name: Some(target.zone.0),
        vpc_id: Some(target.vpc_id),
        ..Default::default()
    }
}
