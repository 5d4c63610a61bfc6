//! The user, group or role whose policies somebody asks about.

use gantry_base::Arn;
use gantry_iam_core::Caller;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::Tx;

use crate::caller::{of_group, of_role, of_user};
use crate::error::{invalid_input, no_such_entity};
use crate::ops::simulate_custom_policy::nobody;
use crate::tables::group::Group;
use crate::tables::role::Role;
use crate::tables::user::User;

/// It as a caller, if who asks may do the action with it.
pub(crate) async fn permitted_source(
    tx: &mut Tx,
    cx: &Cx,
    action: &'static str,
    text: &str,
) -> Result<Caller, Failure> {
    let invalid = || invalid_input(format!("Invalid Entity Arn: {text}"));
    let arn: Arn = text.parse().map_err(|_| invalid())?;
    let (kind, path) = arn.resource_type_and_name();
    let known = arn.service() == "iam" && matches!(kind, "user" | "group" | "role");
    if !known || arn.account() != cx.account.as_str() {
        return Err(invalid());
    }
    cx.authorize(Permission::on(action, &arn))?;
    let name = path.rsplit('/').next().unwrap_or_default();
    let missing = || no_such_entity(format!("The {kind} with name {name} cannot be found."));
    match kind {
        "user" => {
            let user = User::find(tx, cx.account, name).await?.ok_or_else(missing)?;
            of_user(tx, cx.account, &user).await
        }
        "role" => {
            let role = Role::find(tx, cx.account, name).await?.ok_or_else(missing)?;
            of_role(tx, cx.account, &role).await
        }
        _ => {
            let group = Group::find(tx, cx.account, name).await?.ok_or_else(missing)?;
            of_group(tx, nobody(cx, None)?, &group).await
        }
    }
}
