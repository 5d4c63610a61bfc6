//! `AttachRolePolicy`: hangs a managed policy on a role.

use gantry_api_iam::AttachRolePolicyRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::grants::{Owner, attach};
use crate::iam::{Iam, Wish, changeable_role, put_role};
use crate::tables::attachment::Entity;

pub(crate) async fn run(iam: Iam, cx: Cx, input: AttachRolePolicyRequest) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:AttachRolePolicy", &input.role_name).key("iam:PolicyARN", &input.policy_arn);
    let (mut role, permit) = changeable_role(&mut tx, &cx, wish).await?;

    let owner = Owner { account: cx.account, entity: Entity::Role, name: &input.role_name };
    attach(&mut tx, &mut role.grants, owner, &input.policy_arn).await?;
    put_role(&mut tx, cx.account, &role);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
