//! Who may mount what, and what they then see.

use std::io::ErrorKind;

use async_trait::async_trait;
use gantry_iam_core::{Kind, Policy};
use gantry_service::{Cx, Failure, FileSystems, MountedDirectory, Permission, WantedMount};
use gantry_store::Scan;

use crate::Efs;
use crate::error::EfsError;
use crate::find::{Named, NamedAccessPoint};
use crate::reach::{Reach, reach};
use crate::tables::{MOUNT_TARGETS, mount_targets_key};

#[async_trait]
impl FileSystems for Efs {
    async fn mount(&self, cx: &Cx, wanted: &WantedMount) -> Result<MountedDirectory, Failure> {
        let mut tx = self.db.begin();
        let file_system = Named::look_up(&mut tx, cx, &wanted.file_system_id).await?;
        let arn = file_system.arn.clone();
        let file_system = file_system.there()?;
        let point = match &wanted.access_point_id {
            None => None,
            Some(id) => {
                let named = NamedAccessPoint::look_up(&mut tx, cx, id).await?;
                let point_arn = named.arn.to_string();
                let point = named.there()?;
                if point.file_system_id != file_system.id {
                    return Err(EfsError::AccessPointNotFound(id.clone()).into());
                }
                Some((point, point_arn))
            }
        };
        if let Some(from) = &wanted.from {
            let all =
                tx.peek_scan(&MOUNT_TARGETS, &mount_targets_key(cx.account, &cx.region), Scan::all()).await?;
            let own = all.into_iter().map(|(_, target)| target);
            let own: Vec<_> = own.filter(|target| target.file_system_id == file_system.id).collect();
            match reach(cx, &own, from).await? {
                Reach::Open => {}
                Reach::Unknown => {
                    return Err(EfsError::bad(unresolved(&file_system.id, cx.region.as_str())).into());
                }
                Reach::Filtered => return Err(EfsError::bad("b'mount.nfs4: Connection timed out'").into()),
            }
        }
        let policy = match &file_system.policy {
            None => None,
            Some(text) => {
                let policy = Policy::parse(Kind::Resource, text).map_err(Failure::internal)?;
                Some(policy.meaning(&file_system.policy_ids))
            }
        };
        let may = |action: &'static str| {
            // Without a policy of its own a file system is open to all who reach it.
            let Some(policy) = &policy else { return Ok(()) };
            let permission = Permission::on(action, &arn)
                .resource_policy(Some(policy))
                .resource_tags(file_system.tags.iter())
                .key("elasticfilesystem:AccessedViaMountTarget", ["true"]);
            let permission = match &point {
                None => permission,
                Some((_, point_arn)) => {
                    permission.key("elasticfilesystem:AccessPointArn", [point_arn.as_str()])
                }
            };
            cx.authorize(permission).map(drop)
        };
        may("elasticfilesystem:ClientMount")?;
        let read_only = may("elasticfilesystem:ClientWrite").is_err();
        let root = may("elasticfilesystem:ClientRootAccess").is_ok();
        let point = point.map(|(point, _)| point);
        let base = point.as_ref().map_or("/", |point| point.path.as_str());
        let creation = point.as_ref().and_then(|point| point.creation.clone());
        let (folders, id) = (self.folders.clone(), file_system.id.clone());
        let (base, below) = (steps(base), steps(&wanted.path));
        let opened =
            tokio::task::spawn_blocking(move || folders.open(&id, &base, &below, creation.as_ref())).await;
        let path = opened.map_err(Failure::internal)?.map_err(|error| match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => Failure::from(EfsError::bad(format!(
                "b'mount.nfs4: mounting {}.efs.{}.amazonaws.com:{} failed, reason given by server: No such file or \
                 directory'",
                file_system.id, cx.region, wanted.path
            ))),
            _ => Failure::internal(error),
        })?;
        let user = point.and_then(|point| point.user).map(|user| (user.uid, user.gid));
        Ok(MountedDirectory { path, user, read_only, root })
    }
}

/// What AWS's mount helper says where a VPC does not know the file system's name.
pub fn unresolved(file_system: &str, region: &str) -> String {
    format!(
        "Failed to resolve \"{file_system}.efs.{region}.amazonaws.com\" - check that your file system ID is correct, and \
         ensure that the VPC has an EFS mount target for this file system ID. See \
         https://docs.aws.amazon.com/console/efs/mount-dns-name for more detail."
    )
}

/// The steps of a path, without those that lead out of it.
fn steps(path: &str) -> Vec<String> {
    path.split('/').filter(|step| !matches!(*step, "" | "." | "..")).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::steps;

    #[test]
    fn no_path_leads_out() {
        assert!(steps("/").is_empty());
        assert_eq!(steps("/a//b/./c"), ["a", "b", "c"]);
        assert_eq!(steps("../../etc"), ["etc"]);
    }
}
