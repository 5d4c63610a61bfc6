//! The operations, one file each.

pub mod create_access_point;
pub mod create_file_system;
pub mod create_mount_target;
pub mod create_tags;
pub mod delete_access_point;
pub mod delete_file_system;
pub mod delete_file_system_policy;
pub mod delete_mount_target;
pub mod delete_tags;
pub mod describe_access_points;
pub mod describe_account_preferences;
pub mod describe_backup_policy;
pub mod describe_file_system_policy;
pub mod describe_file_systems;
pub mod describe_lifecycle_configuration;
pub mod describe_mount_target_security_groups;
pub mod describe_mount_targets;
pub mod describe_tags;
pub mod list_tags_for_resource;
pub mod modify_mount_target_security_groups;
pub mod put_account_preferences;
pub mod put_backup_policy;
pub mod put_file_system_policy;
pub mod put_lifecycle_configuration;
pub mod tag_resource;
pub mod untag_resource;
pub mod update_file_system;
pub mod update_file_system_protection;

use gantry_base::PageToken;

use crate::error::EfsError;

/// How many things a page has where the request does not say.
const PAGE: usize = 100;

/// A page of things that are sorted by a name, and the token with which the next one begins.
fn page<T>(
    scope: &str,
    all: Vec<T>,
    name: impl Fn(&T) -> &String,
    size: Option<i32>,
    token: Option<&str>,
) -> Result<(Vec<T>, Option<String>), EfsError> {
    let after = token.map(|token| PageToken::decode(scope, token)).transpose();
    let after = after.map_err(|_| EfsError::bad("The marker is not valid."))?;
    let size = size.and_then(|size| usize::try_from(size).ok()).unwrap_or(PAGE).clamp(1, 1000);
    let mut page: Vec<T> =
        all.into_iter().filter(|one| after.as_ref().is_none_or(|after| name(one) > after)).collect();
    let more = page.len() > size;
    page.truncate(size);
    let next = page.last().filter(|_| more).map(|last| PageToken::encode(scope, name(last)));
    Ok((page, next))
}
