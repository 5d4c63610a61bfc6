//! UpdateFileSystem: changes a file system's throughput mode.

use gantry_api_efs as api;
use gantry_service::{Cx, Failure};
use gantry_store::Scan;

use super::create_file_system::check_throughput;
use super::describe_file_systems::answer;
use crate::Efs;
use crate::find::Named;
use crate::tables::{FILE_SYSTEMS, MOUNT_TARGETS, file_system_key, mount_targets_key};

/// Sets mode and throughput.
pub async fn run(
    efs: &Efs,
    cx: Cx,
    input: api::UpdateFileSystemRequest,
) -> Result<api::FileSystemDescription, Failure> {
    let mut tx = efs.db.begin();
    let named = Named::look_up(&mut tx, &cx, &input.file_system_id).await?;
    let permit = cx.authorize(named.permission("elasticfilesystem:UpdateFileSystem"))?;

    let mut file_system = named.there()?;
    let mode = input.throughput_mode.unwrap_or_else(|| file_system.throughput_mode.clone());
    let kept = file_system.provisioned_mibps.filter(|_| mode == "provisioned");
    let provisioned = input.provisioned_throughput_in_mibps.or(kept);
    check_throughput(&mode, provisioned)?;
    file_system.throughput_mode = mode;
    file_system.provisioned_mibps = provisioned;
    tx.put(&FILE_SYSTEMS, &file_system_key(cx.account, &cx.region, &file_system.id), &file_system);
    let rows = tx.peek_scan(&MOUNT_TARGETS, &mount_targets_key(cx.account, &cx.region), Scan::all()).await?;
    let targets = rows.iter().filter(|(_, target)| target.file_system_id == file_system.id).count();
    tx.commit(&permit).await?;
    Ok(answer(&cx, file_system, i32::try_from(targets).unwrap_or(i32::MAX)))
}
