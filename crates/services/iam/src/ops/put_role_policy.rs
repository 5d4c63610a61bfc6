//! `PutRolePolicy`: adds an inline policy to a role, or replaces the one of that name.

use gantry_api_iam::PutRolePolicyRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::grants::{Owner, put_inline};
use crate::iam::{Iam, Wish, changeable_role, put_role};
use crate::tables::attachment::Entity;

pub(crate) async fn run(iam: Iam, cx: Cx, input: PutRolePolicyRequest) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:PutRolePolicy", &input.role_name);
    let (mut role, permit) = changeable_role(&mut tx, &cx, wish).await?;

    let owner = Owner { account: cx.account, entity: Entity::Role, name: &input.role_name };
    put_inline(&mut role.grants, owner, input.policy_name, input.policy_document)?;
    put_role(&mut tx, cx.account, &role);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
