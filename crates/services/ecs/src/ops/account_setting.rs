//! What the operations on account settings share.

use gantry_api_ecs as api;
use gantry_base::Arn;
use gantry_ecs_core::settings::{self as core, Setting};
use gantry_service::principals::FindPrincipals;
use gantry_service::{Cx, Failure};

use super::shared;
use crate::error::EcsError;
use crate::settings;

/// The setting of that name.
pub(super) fn named(name: &str) -> Result<&'static Setting, EcsError> {
    core::find(name).ok_or_else(|| {
        let names: Vec<&str> = core::ALL.iter().map(|setting| setting.name).collect();
        EcsError::invalid(format!("{name} should be one of [{}]", names.join(",")))
    })
}

/// Whose setting it is: the one that is named, which must be of the account, or the caller's.
pub(super) fn principal(cx: &Cx, named: Option<&str>) -> Result<String, EcsError> {
    let Some(text) = named.filter(|text| !text.is_empty()) else { return Ok(settings::principal(cx)) };
    let bad = || EcsError::invalid(format!("Invalid principal ARN: {text}"));
    let arn: Arn = text.parse().map_err(|_| bad())?;
    let is_principal = arn.resource() == "root" || matches!(arn.resource_type_and_name().0, "user" | "role");
    if arn.service() != "iam" || arn.account() != cx.account.as_str() || !is_principal {
        return Err(bad());
    }
    // A root is one in all partitions.
    Ok(if arn.resource() == "root" { settings::root(&shared::place(cx)) } else { text.to_owned() })
}

/// Refuses a user or role that is not there.
pub(super) async fn check_is_there(cx: &Cx, principal: &str) -> Result<(), Failure> {
    if principal.ends_with(":root") {
        return Ok(());
    }
    let found = cx.siblings.call_within::<FindPrincipals>(cx, vec![principal.to_owned()]).await?;
    match found.unknown {
        Some(_) => Err(EcsError::invalid(format!("The principal {principal} does not exist.")).into()),
        None => Ok(()),
    }
}

/// The setting as AWS shows it.
pub(super) fn answer(setting: &Setting, value: &str, principal: &str) -> api::Setting {
    api::Setting {
        name: Some(setting.name.to_owned()),
        value: Some(value.to_owned()),
        principal_arn: Some(principal.to_owned()),
        r#type: Some(if setting.managed { "aws_managed" } else { "user" }.to_owned()),
    }
}
