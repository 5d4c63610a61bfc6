//! `DeleteUserPermissionsBoundary`: the user is bounded no longer.

use gantry_api_iam::DeleteUserPermissionsBoundaryRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::error::no_such_entity;
use crate::grants::{Owner, drop_boundary};
use crate::iam::{Iam, Wish, permitted_user, put_user};
use crate::tables::attachment::Entity;

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: DeleteUserPermissionsBoundaryRequest,
) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:DeleteUserPermissionsBoundary", &input.user_name);
    let (mut user, permit) = permitted_user(&mut tx, &cx, wish).await?;
    let owner = Owner { account: cx.account, entity: Entity::User, name: &input.user_name };
    if !drop_boundary(&mut tx, &mut user.grants, owner) {
        let name = &input.user_name;
        return Err(no_such_entity(format!("User {name} does not have a permissions boundary.")));
    }
    put_user(&mut tx, cx.account, &user);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
