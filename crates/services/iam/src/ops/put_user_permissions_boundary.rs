//! `PutUserPermissionsBoundary`: the most that the user may, from now on.

use gantry_api_iam::PutUserPermissionsBoundaryRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::grants::{Owner, set_boundary};
use crate::iam::{Iam, Wish, permitted_user, put_user};
use crate::tables::attachment::Entity;

pub(crate) async fn run(iam: Iam, cx: Cx, input: PutUserPermissionsBoundaryRequest) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:PutUserPermissionsBoundary", &input.user_name)
        .key("iam:PermissionsBoundary", &input.permissions_boundary);
    let (mut user, permit) = permitted_user(&mut tx, &cx, wish).await?;
    let owner = Owner { account: cx.account, entity: Entity::User, name: &input.user_name };
    set_boundary(&mut tx, &mut user.grants, owner, Some(input.permissions_boundary.clone())).await?;
    put_user(&mut tx, cx.account, &user);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
