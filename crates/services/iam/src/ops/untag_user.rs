//! `UntagUser`: takes tags off a user.

use gantry_api_iam::UntagUserRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::iam::{Iam, Wish, permitted_user, put_user};

pub(crate) async fn run(iam: Iam, cx: Cx, input: UntagUserRequest) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:UntagUser", &input.user_name).untagging(&input.tag_keys);
    let (mut user, permit) = permitted_user(&mut tx, &cx, wish).await?;
    user.tags = user.tags.without(input.tag_keys.iter().map(String::as_str));
    put_user(&mut tx, cx.account, &user);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
