//! CreateMountTarget: a file system in a subnet.

use gantry_api_efs as api;
use gantry_base::Authority;
use gantry_service::{Cx, Failure};
use gantry_store::{Scan, StoreError};

use super::describe_mount_targets::answer;
use crate::error::EfsError;
use crate::find::Named;
use crate::network::{self, Subnet};
use crate::tables::{FileSystem, MOUNT_TARGETS, MountTarget, mount_target_key, mount_targets_key};
use crate::{Efs, find};

/// How many security groups a mount target may have.
pub const MAX_GROUPS: usize = 5;

/// How often the target is written anew when others wrote at the same time.
const ATTEMPTS: usize = 16;

/// Makes a mount target with an interface of its own.
pub async fn run(
    efs: &Efs,
    cx: Cx,
    input: api::CreateMountTargetRequest,
) -> Result<api::MountTargetDescription, Failure> {
    let mut tx = efs.db.begin();
    let named = Named::look_up(&mut tx, &cx, &input.file_system_id).await?;
    let permit = cx.authorize(named.permission("elasticfilesystem:CreateMountTarget"))?;
    drop(tx);

    let file_system = named.there()?;
    let groups = input.security_groups.unwrap_or_default();
    if groups.len() > MAX_GROUPS {
        return Err(EfsError::SecurityGroupLimitExceeded.into());
    }
    if input.ipv6_address.is_some()
        || input.ip_address_type.as_deref().is_some_and(|kind| kind != "IPV4_ONLY")
    {
        return Err(EfsError::bad("Mount targets with IPv6 addresses are not supported by Gantry.").into());
    }
    let subnet = network::subnet(&cx, &input.subnet_id).await?;
    if file_system.zone.as_ref().is_some_and(|zone| *zone != subnet.zone) {
        let message = "The mount target must be in the Availability Zone of its file system.";
        return Err(EfsError::bad(message).into());
    }
    refuse_second(&others(efs, &cx, &file_system.id).await?, &subnet)?;
    let id = format!("fsmt-{}", efs.ids.hex(17));
    let interface =
        network::make(&cx, &id, &file_system.id, &input.subnet_id, input.ip_address, groups).await?;
    let target = MountTarget {
        id,
        file_system_id: file_system.id.clone(),
        subnet_id: input.subnet_id,
        vpc_id: subnet.vpc_id.clone(),
        zone: subnet.zone.clone(),
        ip_address: interface.ip_address,
        network_interface_id: interface.id,
        security_groups: interface.security_groups,
    };
    match write(efs, &cx, &permit, &file_system, &subnet, &target).await {
        Ok(()) => Ok(answer(&cx, target)),
        Err(failure) => {
            network::remove(&cx, &target.network_interface_id).await?;
            Err(failure)
        }
    }
}

async fn others(efs: &Efs, cx: &Cx, file_system: &str) -> Result<Vec<MountTarget>, StoreError> {
    let mut tx = efs.db.begin();
    let rows = tx.peek_scan(&MOUNT_TARGETS, &mount_targets_key(cx.account, &cx.region), Scan::all()).await?;
    Ok(rows.into_iter().map(|(_, target)| target).filter(|t| t.file_system_id == file_system).collect())
}

/// Refuses a second target in a zone, and one in another VPC.
fn refuse_second(others: &[MountTarget], subnet: &Subnet) -> Result<(), EfsError> {
    if others.iter().any(|other| other.vpc_id != subnet.vpc_id) {
        let message =
            "requested subnet for new mount target is not in the same VPC as existing mount targets";
        return Err(EfsError::MountTargetElsewhere(message.to_owned()));
    }
    if others.iter().any(|other| other.zone == subnet.zone) {
        return Err(EfsError::MountTargetConflict);
    }
    Ok(())
}

/// Writes the target. The interface is there already, so a lost race begins here again and no earlier.
async fn write(
    efs: &Efs,
    cx: &Cx,
    by: &dyn Authority,
    file_system: &FileSystem,
    subnet: &Subnet,
    target: &MountTarget,
) -> Result<(), Failure> {
    for _ in 0..ATTEMPTS {
        let mut tx = efs.db.begin();
        find::Named::look_up(&mut tx, cx, &file_system.id).await?.there()?;
        let rows = tx.scan(&MOUNT_TARGETS, &mount_targets_key(cx.account, &cx.region), Scan::all()).await?;
        let others: Vec<_> = rows.into_iter().map(|(_, other)| other).collect();
        let of_file_system: Vec<_> =
            others.into_iter().filter(|other| other.file_system_id == file_system.id).collect();
        refuse_second(&of_file_system, subnet)?;
        tx.put(&MOUNT_TARGETS, &mount_target_key(cx.account, &cx.region, &target.id), target);
        match tx.commit(by).await {
            Err(StoreError::Conflict) => tokio::task::yield_now().await,
            other => return Ok(other.map(drop)?),
        }
    }
    Err(Failure::internal("a mount target lost every race"))
}
