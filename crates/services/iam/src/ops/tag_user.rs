//! `TagUser`: hangs tags on a user, in place of those with the same keys.

use gantry_api_iam::TagUserRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::iam::{Iam, Wish, permitted_user, put_user};
use crate::shape::with_tags;

pub(crate) async fn run(iam: Iam, cx: Cx, input: TagUserRequest) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:TagUser", &input.user_name).tagging(&input.tags);
    let (mut user, permit) = permitted_user(&mut tx, &cx, wish).await?;
    user.tags = with_tags(&user.tags, input.tags)?;
    put_user(&mut tx, cx.account, &user);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
