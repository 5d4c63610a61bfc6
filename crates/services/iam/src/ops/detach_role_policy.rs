//! `DetachRolePolicy`: takes a managed policy off a role.

use gantry_api_iam::DetachRolePolicyRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::grants::{Owner, detach};
use crate::iam::{Iam, Wish, changeable_role, put_role};
use crate::tables::attachment::Entity;

pub(crate) async fn run(iam: Iam, cx: Cx, input: DetachRolePolicyRequest) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:DetachRolePolicy", &input.role_name).key("iam:PolicyARN", &input.policy_arn);
    let (mut role, permit) = changeable_role(&mut tx, &cx, wish).await?;

    let owner = Owner { account: cx.account, entity: Entity::Role, name: &input.role_name };
    detach(&mut tx, &mut role.grants, owner, &input.policy_arn)?;
    put_role(&mut tx, cx.account, &role);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
