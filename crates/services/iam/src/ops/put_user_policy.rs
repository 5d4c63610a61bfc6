//! `PutUserPolicy`: adds an inline policy to a user, or replaces the one of that name.

use gantry_api_iam::PutUserPolicyRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::grants::{Owner, put_inline};
use crate::iam::{Iam, Wish, permitted_user, put_user};
use crate::tables::attachment::Entity;

pub(crate) async fn run(iam: Iam, cx: Cx, input: PutUserPolicyRequest) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:PutUserPolicy", &input.user_name);
    let (mut user, permit) = permitted_user(&mut tx, &cx, wish).await?;

    let owner = Owner { account: cx.account, entity: Entity::User, name: &input.user_name };
    put_inline(&mut user.grants, owner, input.policy_name, input.policy_document)?;
    put_user(&mut tx, cx.account, &user);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
