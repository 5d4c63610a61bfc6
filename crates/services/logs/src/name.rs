//! How groups and streams are named, in requests and for permissions.

use gantry_base::Arn;
use gantry_service::{Cx, Permission};
use gantry_store::{Scan, StoreError, Tx};

use crate::error::LogsError;
use crate::tables::{GROUPS, Group, STREAMS, Stream, group_key, stream_key, streams_key};

/// The group's ARN as policies and answers name it.
pub fn group_arn(cx: &Cx, group: &str) -> Arn {
    cx.arn("logs", format_args!("log-group:{group}"))
}

/// A stream's ARN. Actions on a whole group are authorized on the ARN of a stream without a name, as AWS
/// does, so that policies that end in `:*` match.
pub fn stream_arn(cx: &Cx, group: &str, stream: &str) -> Arn {
    cx.arn("logs", format_args!("log-group:{group}:log-stream:{stream}"))
}

/// The permission for an action on a group or one of its streams, which may not be there.
pub fn permission<'a>(action: &'static str, arn: &'a Arn, group: Option<&Group>) -> Permission<'a> {
    let permission = Permission::on(action, arn);
    match group {
        None => permission,
        Some(group) => permission.resource_tags(group.tags.iter()),
    }
}

/// The name in a request that has a name or an identifier, which is a name or an ARN; one of the two.
pub fn group_name(cx: &Cx, name: Option<String>, identifier: Option<String>) -> Result<String, LogsError> {
    match (name, identifier) {
        (Some(name), None) => Ok(name),
        (None, Some(identifier)) if identifier.bytes().all(is_identifier) => from_identifier(cx, identifier),
        // An ARN that ends in `:*` is that of the streams, which AWS does not take here.
        (None, Some(_)) => Err(LogsError::invalid(
            "1 validation error detected: Value at 'logGroupIdentifier' failed to satisfy constraint: Member must \
             satisfy regular expression pattern: [\\w#+=/:,.@-]*",
        )),
        (Some(_), Some(_)) => Err(LogsError::TwoGroupNames),
        (None, None) => Err(LogsError::invalid("Please provide either LogGroup name or LogGroup ARN.")),
    }
}

fn is_identifier(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_#+=/:,.@-".contains(&byte)
}

/// The name in an identifier.
pub fn from_identifier(cx: &Cx, identifier: String) -> Result<String, LogsError> {
    if !identifier.starts_with("arn:") {
        return Ok(identifier);
    }
    let arn: Arn = identifier.parse().map_err(|_| LogsError::invalid("The log group ARN is not valid."))?;
    let here =
        arn.service() == "logs" && arn.region() == cx.region.as_str() && arn.account() == cx.account.as_str();
    let name = arn.resource().strip_prefix("log-group:").filter(|_| here);
    let name = name.ok_or(LogsError::GroupNotFound)?;
    Ok(name.strip_suffix(":*").unwrap_or(name).to_owned())
}

/// The group of that name, if there is one.
pub async fn find_group(tx: &mut Tx, cx: &Cx, name: &str) -> Result<Option<Group>, StoreError> {
    tx.get(&GROUPS, &group_key(cx.account, &cx.region, name)).await
}

/// The stream of that id, if there is one.
pub async fn stream_of_id(tx: &mut Tx, group: &Group, id: &str) -> Result<Option<Stream>, StoreError> {
    let streams = tx.peek_scan(&STREAMS, &streams_key(&group.id), Scan::all()).await?;
    Ok(streams.into_iter().map(|(_, stream)| stream).find(|stream| stream.id == id))
}

/// The stream of that name, if there is one.
pub async fn find_stream(tx: &mut Tx, group: &Group, name: &str) -> Result<Option<Stream>, StoreError> {
    tx.get(&STREAMS, &stream_key(&group.id, name)).await
}
