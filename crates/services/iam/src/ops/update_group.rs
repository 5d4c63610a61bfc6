//! `UpdateGroup`: another name or path for a group. Its members and policies stay.

use gantry_api_iam::UpdateGroupRequest;
use gantry_service::{Cx, Failure, Permission};
use gantry_store::Scan;
use gantry_wire::Unit;

use super::create_group::refuse_taken;
use crate::grants::{Owner, rename};
use crate::iam::{Iam, Wish, arn, kept, permitted_group, put_group};
use crate::tables::attachment::Entity;
use crate::tables::group::{GROUPS, Group, MEMBERS, member_key, members_key};
use crate::tables::user::{USERS, User};

pub(crate) async fn run(iam: Iam, cx: Cx, input: UpdateGroupRequest) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:UpdateGroup", &input.group_name);
    let (mut group, permit) = permitted_group(&mut tx, &cx, wish).await?;

    let old = group.name.clone();
    group.name = input.new_group_name.unwrap_or_else(|| old.clone());
    group.path = input.new_path.unwrap_or(group.path);
    let named = arn(&cx, format_args!("group{}{}", group.path, group.name));
    // The group that it becomes takes the permission as well.
    cx.authorize(Permission::on("iam:UpdateGroup", &named))?;
    group.arn = kept(&named);
    if group.name != old {
        if !group.name.eq_ignore_ascii_case(&old) {
            refuse_taken(&mut tx, cx.account, &group.name).await?;
        }
        let owner = Owner { account: cx.account, entity: Entity::Group, name: &old };
        rename(&mut tx, &group.grants, owner, &group.name);
        tx.delete(&GROUPS, &Group::key(cx.account, &old));
        let members = tx.scan(&MEMBERS, &members_key(cx.account, &old), Scan::all()).await?;
        for (key, name) in members {
            tx.delete(&MEMBERS, &key);
            tx.put(&MEMBERS, &member_key(cx.account, &group.name, &name), &name);
            let user_key = User::key(cx.account, &name);
            if let Some(mut user) = tx.get(&USERS, &user_key).await? {
                user.groups
                    .iter_mut()
                    .filter(|name| **name == old)
                    .for_each(|name| name.clone_from(&group.name));
                user.groups.sort();
                tx.put(&USERS, &user_key, &user);
            }
        }
    }
    put_group(&mut tx, cx.account, &group);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
