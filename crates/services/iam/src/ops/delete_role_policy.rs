//! `DeleteRolePolicy`: removes an inline policy from a role.

use gantry_api_iam::DeleteRolePolicyRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::grants::delete_inline;
use crate::iam::{Iam, Wish, changeable_role, put_role};
use crate::tables::attachment::Entity;

pub(crate) async fn run(iam: Iam, cx: Cx, input: DeleteRolePolicyRequest) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:DeleteRolePolicy", &input.role_name);
    let (mut role, permit) = changeable_role(&mut tx, &cx, wish).await?;
    delete_inline(&mut role.grants, Entity::Role, &input.policy_name)?;
    put_role(&mut tx, cx.account, &role);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
