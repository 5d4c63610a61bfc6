//! `TagRole`: hangs tags on a role, in place of those with the same keys.

use gantry_api_iam::TagRoleRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::iam::{Iam, Wish, permitted_role, put_role};
use crate::shape::with_tags;

pub(crate) async fn run(iam: Iam, cx: Cx, input: TagRoleRequest) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:TagRole", &input.role_name).tagging(&input.tags);
    let (mut role, permit) = permitted_role(&mut tx, &cx, wish).await?;
    role.tags = with_tags(&role.tags, input.tags)?;
    put_role(&mut tx, cx.account, &role);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
