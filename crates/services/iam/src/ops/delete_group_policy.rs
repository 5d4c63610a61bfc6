//! `DeleteGroupPolicy`: removes an inline policy from a group.

use gantry_api_iam::DeleteGroupPolicyRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::grants::delete_inline;
use crate::iam::{Iam, Wish, permitted_group, put_group};
use crate::tables::attachment::Entity;

pub(crate) async fn run(iam: Iam, cx: Cx, input: DeleteGroupPolicyRequest) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:DeleteGroupPolicy", &input.group_name);
    let (mut group, permit) = permitted_group(&mut tx, &cx, wish).await?;
    delete_inline(&mut group.grants, Entity::Group, &input.policy_name)?;
    put_group(&mut tx, cx.account, &group);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
