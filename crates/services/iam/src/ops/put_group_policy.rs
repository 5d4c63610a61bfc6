//! `PutGroupPolicy`: adds an inline policy to a group, or replaces the one of that name.

use gantry_api_iam::PutGroupPolicyRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::grants::{Owner, put_inline};
use crate::iam::{Iam, Wish, permitted_group, put_group};
use crate::tables::attachment::Entity;

pub(crate) async fn run(iam: Iam, cx: Cx, input: PutGroupPolicyRequest) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:PutGroupPolicy", &input.group_name);
    let (mut group, permit) = permitted_group(&mut tx, &cx, wish).await?;

    let owner = Owner { account: cx.account, entity: Entity::Group, name: &input.group_name };
    put_inline(&mut group.grants, owner, input.policy_name, input.policy_document)?;
    put_group(&mut tx, cx.account, &group);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
