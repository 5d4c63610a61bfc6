//! DescribeFileSystems: file systems, all or one by its id or creation token.

use std::collections::HashMap;

use gantry_api_efs as api;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::Scan;

use super::page;
use crate::error::EfsError;
use crate::find::{self, Named};
use crate::tables::{FILE_SYSTEMS, FileSystem, MOUNT_TARGETS, file_systems_key, mount_targets_key};
use crate::{Efs, tagged};

/// Lists file systems.
pub async fn run(
    efs: &Efs,
    cx: Cx,
    input: api::DescribeFileSystemsRequest,
) -> Result<api::DescribeFileSystemsResponse, Failure> {
    const ACTION: &str = "elasticfilesystem:DescribeFileSystems";
    let mut tx = efs.db.begin();
    let found: Vec<FileSystem> = match &input.file_system_id {
        Some(id) => {
            let named = Named::look_up(&mut tx, &cx, id).await?;
            cx.authorize(named.permission(ACTION))?;
            if input.creation_token.is_some() {
                return Err(EfsError::bad("FileSystemId and CreationToken are mutually exclusive.").into());
            }
            vec![named.there()?]
        }
        None => {
            cx.authorize(Permission::on(ACTION, &find::file_system_arn(&cx, "*")))?;
            let prefix = file_systems_key(cx.account, &cx.region);
            let rows = tx.peek_scan(&FILE_SYSTEMS, &prefix, Scan::all()).await?;
            let wanted = |found: &FileSystem| {
                input.creation_token.as_ref().is_none_or(|token| *token == found.creation_token)
            };
            rows.into_iter().map(|(_, found)| found).filter(wanted).collect()
        }
    };
    let mut targets: HashMap<String, i32> = HashMap::new();
    let rows = tx.peek_scan(&MOUNT_TARGETS, &mount_targets_key(cx.account, &cx.region), Scan::all()).await?;
    for (_, target) in rows {
        *targets.entry(target.file_system_id).or_default() += 1;
    }
    let scope = format!("DescribeFileSystems/{}/{}", cx.account, cx.region);
    let marker = input.marker.as_deref();
    let (found, next_marker) = page(&scope, found, |found| &found.id, input.max_items, marker)?;
    let count = |found: &FileSystem| targets.get(&found.id).copied().unwrap_or_default();
    let file_systems = found.into_iter().map(|found| {
        let targets = count(&found);
        answer(&cx, found, targets)
    });
    Ok(api::DescribeFileSystemsResponse {
        marker: input.marker.clone(),
        file_systems: Some(file_systems.collect()),
        next_marker,
    })
}

/// A file system with so many mount targets, as AWS shows it.
pub fn answer(cx: &Cx, found: FileSystem, mount_targets: i32) -> api::FileSystemDescription {
    let bytes = found.size.map_or(0, |size| i64::try_from(size.bytes).unwrap_or(i64::MAX));
    let (zone_name, zone_id) = found.zone.unzip();
    api::FileSystemDescription {
        owner_id: cx.account.to_string(),
        creation_token: found.creation_token,
        file_system_arn: Some(find::file_system_arn(cx, &found.id).to_string()),
        file_system_id: found.id,
        creation_time: found.created_at,
        life_cycle_state: "available".into(),
        name: found.tags.get("Name").map(str::to_owned),
        number_of_mount_targets: mount_targets,
        size_in_bytes: api::FileSystemSize {
            value: bytes,
            timestamp: found.size.map(|size| size.at),
            value_in_ia: Some(0),
            value_in_standard: Some(bytes),
            value_in_archive: Some(0),
        },
        performance_mode: found.performance_mode,
        encrypted: Some(found.encrypted),
        kms_key_id: found.kms_key,
        throughput_mode: Some(found.throughput_mode),
        provisioned_throughput_in_mibps: found.provisioned_mibps,
        availability_zone_name: zone_name,
        availability_zone_id: zone_id,
        tags: tagged::answer(&found.tags),
        file_system_protection: Some(protection(found.protected)),
    }
}

/// A file system's protection as AWS shows it.
pub fn protection(protected: bool) -> api::FileSystemProtectionDescription {
    let status = if protected { "ENABLED" } else { "DISABLED" };
    api::FileSystemProtectionDescription { replication_overwrite_protection: Some(status.into()) }
}
