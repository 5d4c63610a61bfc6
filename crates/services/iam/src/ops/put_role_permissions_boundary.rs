//! `PutRolePermissionsBoundary`: the most that the role may, from now on.

use gantry_api_iam::PutRolePermissionsBoundaryRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::grants::{Owner, set_boundary};
use crate::iam::{Iam, Wish, changeable_role, put_role};
use crate::tables::attachment::Entity;

pub(crate) async fn run(iam: Iam, cx: Cx, input: PutRolePermissionsBoundaryRequest) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:PutRolePermissionsBoundary", &input.role_name)
        .key("iam:PermissionsBoundary", &input.permissions_boundary);
    let (mut role, permit) = changeable_role(&mut tx, &cx, wish).await?;
    let owner = Owner { account: cx.account, entity: Entity::Role, name: &input.role_name };
    set_boundary(&mut tx, &mut role.grants, owner, Some(input.permissions_boundary.clone())).await?;
    put_role(&mut tx, cx.account, &role);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
