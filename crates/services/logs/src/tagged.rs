//! Tags of log groups: which group a request means, and what its tags become.

use gantry_base::{Arn, Tags, tags::TagError};
use gantry_service::{Cx, Failure, Permission};
use gantry_store::Tx;

use crate::error::LogsError;
use crate::name;
use crate::tables::{GROUPS, Group, group_key};

/// A group that a request about tags names.
pub struct Tagged {
    pub arn: Arn,
    pub group: Option<Group>,
}

impl Tagged {
    /// The group of that ARN, which ends without `:*`.
    pub async fn by_arn(tx: &mut Tx, cx: &Cx, arn: String) -> Result<Tagged, Failure> {
        if !arn.starts_with("arn:") {
            return Err(LogsError::invalid(format!("{arn} is not the ARN of a log group.")).into());
        }
        let name = name::from_identifier(cx, arn)?;
        Tagged::by_name(tx, cx, &name).await
    }

    /// The group of that name.
    pub async fn by_name(tx: &mut Tx, cx: &Cx, name: &str) -> Result<Tagged, Failure> {
        let group = name::find_group(tx, cx, name).await?;
        Ok(Tagged { arn: name::group_arn(cx, name), group })
    }

    /// The permission for an action on the group. Actions about tags are authorized on the ARN without `:*`.
    pub fn permission(&self, action: &'static str) -> Permission<'_> {
        name::permission(action, &self.arn, self.group.as_ref())
    }

    /// Gives the group these tags.
    pub fn put(self, tx: &mut Tx, cx: &Cx, tags: Tags) -> Result<(), LogsError> {
        let group = Group { tags, ..self.group.ok_or(LogsError::GroupNotFound)? };
        tx.put(&GROUPS, &group_key(cx.account, &cx.region, &group.name), &group);
        Ok(())
    }

    /// The tags that it has.
    pub fn tags(&self) -> Result<&Tags, LogsError> {
        self.group.as_ref().map(|group| &group.tags).ok_or(LogsError::GroupNotFound)
    }
}

/// Checks the tags of a request.
pub fn parse(given: impl IntoIterator<Item = (String, String)>) -> Result<Tags, LogsError> {
    Tags::parse(given).map_err(|error| match error {
        TagError::TooMany { .. } => LogsError::TooManyTags,
        other => LogsError::invalid(other.to_string()),
    })
}

/// The tags that a group has with more laid over them.
pub fn merge(tags: &Tags, more: Tags) -> Result<Tags, LogsError> {
    tags.with(more).map_err(|_| LogsError::TooManyTags)
}
