//! `DeleteUser`: removes a user that has neither policies nor access keys left.

use gantry_api_iam::DeleteUserRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::error::delete_conflict;
use crate::grants::{Owner, release};
use crate::iam::{Iam, Wish, permitted_user};
use crate::last_use::forget_services;
use crate::tables::attachment::Entity;
use crate::tables::user::{USERS, User};

pub(crate) async fn run(iam: Iam, cx: Cx, input: DeleteUserRequest) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let (user, permit) = permitted_user(&mut tx, &cx, Wish::new("iam:DeleteUser", &input.user_name)).await?;
    if !user.access_keys.is_empty() {
        return Err(delete_conflict("Cannot delete entity, must delete access keys first."));
    }
    if !user.groups.is_empty() {
        return Err(delete_conflict("Cannot delete entity, must remove users from group first."));
    }
    let owner = Owner { account: cx.account, entity: Entity::User, name: &user.name };
    release(&mut tx, &user.grants, owner)?;
    tx.delete(&USERS, &User::key(cx.account, &user.name));
    forget_services(&mut tx, cx.account, &user.id).await?;
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
