//! `AttachUserPolicy`: hangs a managed policy on a user.

use gantry_api_iam::AttachUserPolicyRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::grants::{Owner, attach};
use crate::iam::{Iam, Wish, permitted_user, put_user};
use crate::tables::attachment::Entity;

pub(crate) async fn run(iam: Iam, cx: Cx, input: AttachUserPolicyRequest) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:AttachUserPolicy", &input.user_name).key("iam:PolicyARN", &input.policy_arn);
    let (mut user, permit) = permitted_user(&mut tx, &cx, wish).await?;

    let owner = Owner { account: cx.account, entity: Entity::User, name: &input.user_name };
    attach(&mut tx, &mut user.grants, owner, &input.policy_arn).await?;
    put_user(&mut tx, cx.account, &user);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
