//! From rows to AWS's shapes.

use gantry_api_iam as api;
use gantry_base::{Arn, Partition, TagError, Tags};
use gantry_service::Failure;

use crate::document::encoded;
use crate::error::{invalid_input, limit_exceeded};
use crate::tables::group::Group;
use crate::tables::role::Role;
use crate::tables::user::User;

/// A role as `CreateRole` and `GetRole` show it; listings leave out tags and boundary.
pub(crate) fn role(partition: Partition, row: Role) -> api::Role {
    api::Role {
        path: row.path,
        role_name: row.name,
        role_id: row.id,
        arn: row.arn.in_partition(partition).to_string(),
        create_date: row.created,
        assume_role_policy_document: Some(encoded(&row.trust)),
        description: row.description,
        max_session_duration: i32::try_from(row.max_session_secs).ok(),
        permissions_boundary: row.grants.boundary.map(|arn| boundary(shown(partition, arn))),
        tags: tags(&row.tags),
        ..api::Role::default()
    }
}

/// A user as `CreateUser` and `GetUser` show it.
pub(crate) fn user(partition: Partition, row: User) -> api::User {
    api::User {
        path: Some(row.path),
        user_name: Some(row.name),
        user_id: row.id,
        arn: row.arn.in_partition(partition).to_string(),
        create_date: row.created,
        permissions_boundary: row.grants.boundary.map(|arn| boundary(shown(partition, arn))),
        tags: tags(&row.tags),
        ..api::User::default()
    }
}

/// A group.
pub(crate) fn group(partition: Partition, row: Group) -> api::Group {
    api::Group {
        path: row.path,
        group_name: row.name,
        group_id: row.id,
        arn: row.arn.in_partition(partition).to_string(),
        create_date: row.created,
    }
}

/// A kept ARN as the partition names it.
pub(crate) fn shown(partition: Partition, arn: String) -> String {
    arn.parse().map_or(arn, |arn: Arn| arn.in_partition(partition).to_string())
}

fn boundary(arn: String) -> api::AttachedPermissionsBoundary {
    api::AttachedPermissionsBoundary {
        permissions_boundary_type: Some("Policy".to_owned()),
        permissions_boundary_arn: Some(arn),
    }
}

/// Tags, where there are any.
pub(crate) fn tags(tags: &Tags) -> Option<Vec<api::Tag>> {
    let tag = |(key, value): (&str, &str)| api::Tag { key: key.to_owned(), value: value.to_owned() };
    (!tags.is_empty()).then(|| tags.iter().map(tag).collect())
}

/// What IAM and STS say of tags whose keys differ in case alone, or not at all.
pub(crate) const DUPLICATE_KEYS: &str =
    "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
/// What STS says of a key that is to be handed on with no tag of it.
pub(crate) const UNTAGGED_KEY: &str =
    "The specified transitive tag key must be included in the requested tags.";

/// Whether two keys of tags differ in case at most.
pub(crate) fn any_twice<'a>(keys: impl Iterator<Item = &'a str>) -> bool {
    let mut keys: Vec<_> = keys.map(str::to_lowercase).collect();
    keys.sort_unstable();
    keys.windows(2).any(|pair| pair[0] == pair[1])
}

/// The tags of a request.
pub(crate) fn read_tags(tags: Option<Vec<api::Tag>>) -> Result<Tags, Failure> {
    let tags = tags.unwrap_or_default();
    if any_twice(tags.iter().map(|tag| tag.key.as_str())) {
        return Err(invalid_input(DUPLICATE_KEYS));
    }
    let pairs = tags.into_iter().map(|tag| (tag.key, tag.value));
    Tags::parse(pairs).map_err(|error| invalid_input(error.to_string()))
}

/// The tags with those of a request laid over them: in the place of those whose keys differ in case alone, too.
pub(crate) fn with_tags(tags: &Tags, more: Vec<api::Tag>) -> Result<Tags, Failure> {
    let more = read_tags(Some(more))?;
    let same =
        |key: &&str| more.iter().any(|(new, _)| new != *key && new.to_lowercase() == key.to_lowercase());
    let replaced: Vec<&str> = tags.iter().map(|(key, _)| key).filter(same).collect();
    tags.without(replaced).with(more.clone()).map_err(|error| match error {
        TagError::TooMany { .. } => limit_exceeded("The number of tags has reached the maximum limit."),
        other => invalid_input(other.to_string()),
    })
}

/// All tags in the order of their keys.
pub(crate) fn tag_list(row: &Tags) -> Vec<api::Tag> {
    tags(row).unwrap_or_default()
}

/// What stands before a path's name in an ARN: the path, which is `/` where none is given, and none that AWS keeps.
pub(crate) fn path(path: Option<String>) -> Result<String, Failure> {
    let path = path.unwrap_or_else(|| "/".to_owned());
    if path.starts_with("/aws-service-role") {
        return Err(invalid_input(
            "Paths beginning with '/aws-service-role' are reserved for AWS Service Linked Roles",
        ));
    }
    Ok(path)
}
