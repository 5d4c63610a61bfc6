//! `DetachGroupPolicy`: takes a managed policy off a group.

use gantry_api_iam::DetachGroupPolicyRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::grants::{Owner, detach};
use crate::iam::{Iam, Wish, permitted_group, put_group};
use crate::tables::attachment::Entity;

pub(crate) async fn run(iam: Iam, cx: Cx, input: DetachGroupPolicyRequest) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:DetachGroupPolicy", &input.group_name).key("iam:PolicyARN", &input.policy_arn);
    let (mut group, permit) = permitted_group(&mut tx, &cx, wish).await?;

    let owner = Owner { account: cx.account, entity: Entity::Group, name: &input.group_name };
    detach(&mut tx, &mut group.grants, owner, &input.policy_arn)?;
    put_group(&mut tx, cx.account, &group);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
