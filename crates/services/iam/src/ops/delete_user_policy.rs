//! `DeleteUserPolicy`: removes an inline policy from a user.

use gantry_api_iam::DeleteUserPolicyRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::grants::delete_inline;
use crate::iam::{Iam, Wish, permitted_user, put_user};
use crate::tables::attachment::Entity;

pub(crate) async fn run(iam: Iam, cx: Cx, input: DeleteUserPolicyRequest) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:DeleteUserPolicy", &input.user_name);
    let (mut user, permit) = permitted_user(&mut tx, &cx, wish).await?;
    delete_inline(&mut user.grants, Entity::User, &input.policy_name)?;
    put_user(&mut tx, cx.account, &user);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
