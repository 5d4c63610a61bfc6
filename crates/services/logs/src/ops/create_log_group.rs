//! CreateLogGroup: a group without streams.

use gantry_api_logs as api;
use gantry_base::Tags;
use gantry_service::{Cx, Failure, Permission};
use gantry_wire::Unit;

use crate::error::LogsError;
use crate::tables::{GROUPS, Group, GroupClass, group_key};
use crate::{Logs, name, tagged};

/// How long events that wait for their delivery are kept.
const DELIVERY_DAYS: i32 = 2;

/// Makes a group.
pub async fn run(logs: &Logs, cx: Cx, input: api::CreateLogGroupRequest) -> Result<Unit, Failure> {
    let arn = name::stream_arn(&cx, &input.log_group_name, "");
    let given = input.tags.clone().unwrap_or_default();
    let request_tags = || given.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    if !given.is_empty() {
        let group_arn = name::group_arn(&cx, &input.log_group_name);
        cx.authorize(Permission::on("logs:TagResource", &group_arn).request_tags(request_tags()))?;
    }
    let permit = cx.authorize(Permission::on("logs:CreateLogGroup", &arn).request_tags(request_tags()))?;

    let (class, tags) = validate(&input)?;
    let key = group_key(cx.account, &cx.region, &input.log_group_name);
    let mut tx = logs.db.begin();
    if tx.get(&GROUPS, &key).await?.is_some() {
        return Err(LogsError::GroupExists.into());
    }
    let group = Group {
        id: logs.ids.hex(16),
        name: input.log_group_name,
        created_at: cx.now,
        class,
        retention_days: (class == GroupClass::Delivery).then_some(DELIVERY_DAYS),
        tags,
        metric_filters: 0,
        deletion_protected: input.deletion_protection_enabled == Some(true),
    };
    tx.put(&GROUPS, &key, &group);
    tx.commit(&permit).await?;
    Ok(Unit)
}

fn validate(input: &api::CreateLogGroupRequest) -> Result<(GroupClass, Tags), LogsError> {
    let name = &input.log_group_name;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/#".contains(&byte);
    if name.is_empty() || name.len() > 512 || !name.bytes().all(fits) {
        return Err(LogsError::invalid(format!(
            "The log group name {name:?} must have 1 to 512 characters of a-z, A-Z, 0-9, _ - / . and #."
        )));
    }
    if name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws/")) {
        return Err(LogsError::invalid("Log groups starting with AWS/ are reserved for AWS."));
    }
    if input.kms_key_id.is_some() {
        let message = "Log groups that are encrypted with a key of KMS are not supported by Gantry.";
        return Err(LogsError::invalid(message));
    }
    let class = match input.log_group_class.as_deref() {
        None | Some("STANDARD") => GroupClass::Standard,
        Some("INFREQUENT_ACCESS") => GroupClass::InfrequentAccess,
        Some("DELIVERY") => GroupClass::Delivery,
        Some(class) => {
            return Err(LogsError::invalid(format!(
                "The log group class {class} is not supported by Gantry."
            )));
        }
    };
    Ok((class, tagged::parse(input.tags.clone().unwrap_or_default())?))
}
