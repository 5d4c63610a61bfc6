//! Finding what a request names, by id or ARN.

use gantry_base::Arn;
use gantry_service::{Cx, Permission};
use gantry_store::{StoreError, Tx};

use crate::error::EfsError;
use crate::tables::{
    ACCESS_POINTS, AccessPoint, FILE_SYSTEMS, FileSystem, MOUNT_TARGETS, MountTarget, access_point_key,
    file_system_key, mount_target_key,
};

/// The id in an id or an ARN.
pub fn id(given: &str) -> &str {
    given.rsplit('/').next().unwrap_or(given)
}

/// The ARN of a file system.
pub fn file_system_arn(cx: &Cx, id: &str) -> Arn {
    cx.arn("elasticfilesystem", format_args!("file-system/{id}"))
}

/// The ARN of an access point.
pub fn access_point_arn(cx: &Cx, id: &str) -> Arn {
    cx.arn("elasticfilesystem", format_args!("access-point/{id}"))
}

/// A file system that a request names, which may not be there.
pub struct Named {
    pub id: String,
    pub arn: Arn,
    pub found: Option<FileSystem>,
}

impl Named {
    /// Looks a file system up by its id or ARN.
    pub async fn look_up(tx: &mut Tx, cx: &Cx, given: &str) -> Result<Named, StoreError> {
        let id = id(given).to_owned();
        let found = tx.get(&FILE_SYSTEMS, &file_system_key(cx.account, &cx.region, &id)).await?;
        Ok(Named { arn: file_system_arn(cx, &id), id, found })
    }

    /// The permission for an action on it.
    pub fn permission(&self, action: &'static str) -> Permission<'_> {
        let permission = Permission::on(action, &self.arn);
        match &self.found {
            None => permission,
            Some(found) => permission.resource_tags(found.tags.iter()),
        }
    }

    /// The file system, or the error that it is not there.
    pub fn there(self) -> Result<FileSystem, EfsError> {
        self.found.ok_or(EfsError::FileSystemNotFound(self.id))
    }
}

/// An access point that a request names, which may not be there.
pub struct NamedAccessPoint {
    pub id: String,
    pub arn: Arn,
    pub found: Option<AccessPoint>,
}

impl NamedAccessPoint {
    /// Looks an access point up by its id or ARN.
    pub async fn look_up(tx: &mut Tx, cx: &Cx, given: &str) -> Result<NamedAccessPoint, StoreError> {
        let id = id(given).to_owned();
        let found = tx.get(&ACCESS_POINTS, &access_point_key(cx.account, &cx.region, &id)).await?;
        Ok(NamedAccessPoint { arn: access_point_arn(cx, &id), id, found })
    }

    /// The permission for an action on it.
    pub fn permission(&self, action: &'static str) -> Permission<'_> {
        let permission = Permission::on(action, &self.arn);
        match &self.found {
            None => permission,
            Some(found) => permission.resource_tags(found.tags.iter()),
        }
    }

    /// The access point, or the error that it is not there.
    pub fn there(self) -> Result<AccessPoint, EfsError> {
        self.found.ok_or(EfsError::AccessPointNotFound(self.id))
    }
}

/// The mount target of that id, if there is one.
pub async fn mount_target(tx: &mut Tx, cx: &Cx, id: &str) -> Result<Option<MountTarget>, StoreError> {
    tx.get(&MOUNT_TARGETS, &mount_target_key(cx.account, &cx.region, id)).await
}

/// The permission for an action on the file system of a mount target, which may not be there.
pub fn mount_target_arn(cx: &Cx, target: Option<&MountTarget>) -> Arn {
    file_system_arn(cx, target.map_or("*", |target| &target.file_system_id))
}
