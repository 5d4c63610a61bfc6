//! `DeleteRolePermissionsBoundary`: the role is bounded no longer.

use gantry_api_iam::DeleteRolePermissionsBoundaryRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::error::no_such_entity;
use crate::grants::{Owner, drop_boundary};
use crate::iam::{Iam, Wish, changeable_role, put_role};
use crate::tables::attachment::Entity;

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: DeleteRolePermissionsBoundaryRequest,
) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:DeleteRolePermissionsBoundary", &input.role_name);
    let (mut role, permit) = changeable_role(&mut tx, &cx, wish).await?;
    let owner = Owner { account: cx.account, entity: Entity::Role, name: &input.role_name };
    if !drop_boundary(&mut tx, &mut role.grants, owner) {
        let name = &input.role_name;
        return Err(no_such_entity(format!("Role {name} does not have a permissions boundary.")));
    }
    put_role(&mut tx, cx.account, &role);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
