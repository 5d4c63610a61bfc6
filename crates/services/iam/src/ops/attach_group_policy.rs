//! `AttachGroupPolicy`: hangs a managed policy on a group.

use gantry_api_iam::AttachGroupPolicyRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::grants::{Owner, attach};
use crate::iam::{Iam, Wish, permitted_group, put_group};
use crate::tables::attachment::Entity;

pub(crate) async fn run(iam: Iam, cx: Cx, input: AttachGroupPolicyRequest) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:AttachGroupPolicy", &input.group_name).key("iam:PolicyARN", &input.policy_arn);
    let (mut group, permit) = permitted_group(&mut tx, &cx, wish).await?;

    let owner = Owner { account: cx.account, entity: Entity::Group, name: &input.group_name };
    attach(&mut tx, &mut group.grants, owner, &input.policy_arn).await?;
    put_group(&mut tx, cx.account, &group);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
