//! DeleteFileSystem: a file system goes with all that is in it.

use gantry_api_efs as api;
use gantry_service::{Cx, Failure};
use gantry_store::Scan;
use gantry_wire::Unit;

use crate::Efs;
use crate::error::EfsError;
use crate::find::Named;
use crate::loops::FILE_SYSTEM_GARBAGE;
use crate::tables::{
    ACCESS_POINTS, FILE_SYSTEMS, GARBAGE, Garbage, MOUNT_TARGETS, access_points_key, file_system_key,
    garbage_key, mount_targets_key,
};

/// Deletes a file system that has no mount targets. Its access points go, too.
pub async fn run(efs: &Efs, cx: Cx, input: api::DeleteFileSystemRequest) -> Result<Unit, Failure> {
    let mut tx = efs.db.begin();
    let named = Named::look_up(&mut tx, &cx, &input.file_system_id).await?;
    let permit = cx.authorize(named.permission("elasticfilesystem:DeleteFileSystem"))?;

    let file_system = named.there()?;
    let targets = tx.scan(&MOUNT_TARGETS, &mount_targets_key(cx.account, &cx.region), Scan::all()).await?;
    if targets.iter().any(|(_, target)| target.file_system_id == file_system.id) {
        return Err(EfsError::FileSystemInUse(file_system.id).into());
    }
    let points = tx.scan(&ACCESS_POINTS, &access_points_key(cx.account, &cx.region), Scan::all()).await?;
    for (key, point) in points {
        if point.file_system_id == file_system.id {
            tx.delete(&ACCESS_POINTS, &key);
        }
    }
    tx.delete(&FILE_SYSTEMS, &file_system_key(cx.account, &cx.region, &file_system.id));
    let garbage = Garbage { file_system_id: file_system.id.clone() };
    tx.put(&GARBAGE, &garbage_key(&file_system.id), &garbage);
    tx.wake(FILE_SYSTEM_GARBAGE);
    tx.commit(&permit).await?;
    Ok(Unit)
}
