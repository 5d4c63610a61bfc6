//! `RemoveUserFromGroup`: the group's policies are no longer the user's.

use gantry_api_iam::RemoveUserFromGroupRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::error::no_such;
use crate::iam::{Iam, Wish, permitted_group, put_user};
use crate::tables::attachment::Entity;
use crate::tables::group::{MEMBERS, member_key};
use crate::tables::user::User;

pub(crate) async fn run(iam: Iam, cx: Cx, input: RemoveUserFromGroupRequest) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:RemoveUserFromGroup", &input.group_name);
    let (group, permit) = permitted_group(&mut tx, &cx, wish).await?;
    let user = User::find(&mut tx, cx.account, &input.user_name).await?;
    let mut user = user.ok_or_else(|| no_such(Entity::User, &input.user_name))?;
    if user.groups.contains(&group.name) {
        user.groups.retain(|name| *name != group.name);
        tx.delete(&MEMBERS, &member_key(cx.account, &group.name, &user.name));
        put_user(&mut tx, cx.account, &user);
        iam.commit(tx, &permit).await?;
    }
    Ok(Unit)
}
