//! Account settings as they count for a caller.

use gantry_base::{Arn, Tags};
use gantry_ecs_core::settings::{Setting, TAG_RESOURCE_AUTHORIZATION};
use gantry_service::{Cx, Failure, Permission};
use gantry_store::{StoreError, Tx};

use crate::names::Place;
use crate::ops::shared;
use crate::tables::setting::{self, SETTINGS};

/// The ARN under which an account's defaults are kept: its root's.
pub(crate) fn root(place: &Place) -> String {
    Arn::global("iam", place.region.partition(), place.account, "root").to_string()
}

/// Whose settings a caller has: a user's or role's own; everybody else has the root's.
pub(crate) fn principal(cx: &Cx) -> String {
    let own =
        cx.caller.principal.principal_arn().filter(|arn| arn.contains(":user/") || arn.contains(":role/"));
    own.unwrap_or_else(|| root(&shared::place(cx)))
}

/// The value that counts for a principal, and whose it is; nobody's is AWS's default.
pub(crate) async fn effective(
    tx: &mut Tx,
    place: &Place,
    principal: &str,
    setting: &Setting,
) -> Result<(String, String), StoreError> {
    let root = root(place);
    for whose in [principal, root.as_str()] {
        if let Some(chosen) = tx.peek(&SETTINGS, &setting::key(place, whose, setting.name)).await? {
            return Ok((chosen.value, whose.to_owned()));
        }
    }
    Ok((setting.default.to_owned(), root))
}

/// Creating something with tags takes `ecs:TagResource`, unless the account setting says that it does not.
pub(crate) async fn authorize_tags(
    tx: &mut Tx,
    cx: &Cx,
    arn: &Arn,
    tags: &Tags,
    create_action: &'static str,
) -> Result<(), Failure> {
    if tags.is_empty() {
        return Ok(());
    }
    let place = shared::place(cx);
    let (value, _) = effective(tx, &place, &principal(cx), &TAG_RESOURCE_AUTHORIZATION).await?;
    if value == "on" {
        let permission = Permission::on("ecs:TagResource", arn).request_tags(tags.iter());
        cx.authorize(permission.key("ecs:CreateAction", [create_action]))?;
    }
    Ok(())
}
