//! Elastic File System: file systems, their mount targets and their access points.
//!
//! A file system is a directory of this machine, and whoever mounts it mounts that directory. Its settings are rows
//! of the store; a mount target has a network interface of EC2's. What performance and lifecycle settings say is
//! kept and shown, and changes nothing about a directory.
//!
//! This crate never touches what is in a file system, but to measure it and to remove it when it was deleted.
//!
//! Read in this order: [`tables`], [`error`], [`find`], [`ops`], [`mount`] (who may mount what), [`loops`].

pub mod error;
mod find;
mod folders;
pub mod loops;
pub mod mount;
mod network;
pub mod ops;
mod reach;
pub mod tables;
mod tagged;

use std::path::PathBuf;
use std::sync::Arc;

use gantry_api_efs as api;
use gantry_base::Ids;
use gantry_service::Registry;
use gantry_store::Db;

pub use folders::Folders;

/// What the operations work with. Cheap to clone.
#[derive(Clone)]
pub struct Efs {
    pub(crate) db: Db,
    pub(crate) ids: Arc<dyn Ids>,
    pub(crate) folders: Folders,
}

impl Efs {
    /// The service over the store, with its file systems in `folder`.
    pub fn new(db: Db, ids: Arc<dyn Ids>, folder: PathBuf) -> Efs {
        Efs { db, ids, folders: Folders::new(folder) }
    }

    /// Removes all that is in all file systems: for who empties a Gantry, and takes the rows away, too.
    pub async fn clear(&self) -> std::io::Result<()> {
        let folders = self.folders.clone();
        tokio::task::spawn_blocking(move || folders.clear()).await?
    }

    /// Serves the operations.
    pub fn register(&self, registry: &mut Registry) {
        macro_rules! serve {
            ($($operation:ident: $module:ident),* $(,)?) => {$(
                let service = self.clone();
                registry.on::<api::$operation, _, _, _>(move |cx, input| {
                    let efs = service.clone();
                    async move { ops::$module::run(&efs, cx, input).await }
                });
            )*};
        }
        serve! {
            CreateAccessPoint: create_access_point,
            CreateFileSystem: create_file_system,
            CreateMountTarget: create_mount_target,
            CreateTags: create_tags,
            DeleteAccessPoint: delete_access_point,
            DeleteFileSystem: delete_file_system,
            DeleteFileSystemPolicy: delete_file_system_policy,
            DeleteMountTarget: delete_mount_target,
            DeleteTags: delete_tags,
            DescribeAccessPoints: describe_access_points,
            DescribeAccountPreferences: describe_account_preferences,
            DescribeBackupPolicy: describe_backup_policy,
            DescribeFileSystemPolicy: describe_file_system_policy,
            DescribeFileSystems: describe_file_systems,
            DescribeLifecycleConfiguration: describe_lifecycle_configuration,
            DescribeMountTargetSecurityGroups: describe_mount_target_security_groups,
            DescribeMountTargets: describe_mount_targets,
            DescribeTags: describe_tags,
            ListTagsForResource: list_tags_for_resource,
            ModifyMountTargetSecurityGroups: modify_mount_target_security_groups,
            PutAccountPreferences: put_account_preferences,
            PutBackupPolicy: put_backup_policy,
            PutFileSystemPolicy: put_file_system_policy,
            PutLifecycleConfiguration: put_lifecycle_configuration,
            TagResource: tag_resource,
            UntagResource: untag_resource,
            UpdateFileSystem: update_file_system,
            UpdateFileSystemProtection: update_file_system_protection,
        }
    }
}
