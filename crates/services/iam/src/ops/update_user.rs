//! `UpdateUser`: another name or path for a user, whose keys, groups and policies stay.

use gantry_api_iam::UpdateUserRequest;
use gantry_service::{Cx, Failure, Permission};
use gantry_wire::Unit;

use super::create_user::refuse_taken;
use crate::grants::{Owner, rename};
use crate::iam::{Iam, Wish, arn, kept, permitted_user, put_user};
use crate::tables::access_key::{ACCESS_KEYS, AccessKey, Holder};
use crate::tables::attachment::Entity;
use crate::tables::group::{MEMBERS, member_key};
use crate::tables::user::{USERS, User};

pub(crate) async fn run(iam: Iam, cx: Cx, input: UpdateUserRequest) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:UpdateUser", &input.user_name);
    let (mut user, permit) = permitted_user(&mut tx, &cx, wish).await?;

    let old = user.name.clone();
    user.name = input.new_user_name.unwrap_or_else(|| old.clone());
    user.path = input.new_path.unwrap_or(user.path);
    let named = arn(&cx, format_args!("user{}{}", user.path, user.name));
    // The user that it becomes takes the permission as well.
    cx.authorize(Permission::on("iam:UpdateUser", &named))?;
    user.arn = kept(&named);
    if user.name != old {
        if !user.name.eq_ignore_ascii_case(&old) {
            refuse_taken(&mut tx, cx.account, &user.name).await?;
        }
        let owner = Owner { account: cx.account, entity: Entity::User, name: &old };
        rename(&mut tx, &user.grants, owner, &user.name);
        tx.delete(&USERS, &User::key(cx.account, &old));
        for group in &user.groups {
            tx.delete(&MEMBERS, &member_key(cx.account, group, &old));
            tx.put(&MEMBERS, &member_key(cx.account, group, &user.name), &user.name);
        }
        for id in &user.access_keys {
            if let Some(mut key) = tx.get(&ACCESS_KEYS, &AccessKey::key(id)).await? {
                key.holder = Holder::User { name: user.name.clone(), id: user.id.clone() };
                tx.put(&ACCESS_KEYS, &AccessKey::key(id), &key);
            }
        }
    }
    put_user(&mut tx, cx.account, &user);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
