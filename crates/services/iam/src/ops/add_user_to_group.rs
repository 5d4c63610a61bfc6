//! `AddUserToGroup`: from now on the group's policies are the user's, too.

use gantry_api_iam::AddUserToGroupRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::error::{limit_exceeded, no_such};
use crate::iam::{Iam, Wish, permitted_group, put_user};
use crate::tables::attachment::Entity;
use crate::tables::group::{MEMBERS, member_key};
use crate::tables::user::User;

/// The most groups that a user is in.
const GROUPS_PER_USER: usize = 10;

pub(crate) async fn run(iam: Iam, cx: Cx, input: AddUserToGroupRequest) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:AddUserToGroup", &input.group_name);
    let (group, permit) = permitted_group(&mut tx, &cx, wish).await?;
    let user = User::find(&mut tx, cx.account, &input.user_name).await?;
    let mut user = user.ok_or_else(|| no_such(Entity::User, &input.user_name))?;
    if user.groups.contains(&group.name) {
        return Ok(Unit);
    }
    if user.groups.len() >= GROUPS_PER_USER {
        return Err(limit_exceeded(format!("Cannot exceed quota for GroupsPerUser: {GROUPS_PER_USER}")));
    }
    tx.put(&MEMBERS, &member_key(cx.account, &group.name, &user.name), &user.name);
    user.groups.push(group.name);
    user.groups.sort();
    put_user(&mut tx, cx.account, &user);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
