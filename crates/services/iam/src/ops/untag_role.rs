//! `UntagRole`: takes tags off a role.

use gantry_api_iam::UntagRoleRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::iam::{Iam, Wish, permitted_role, put_role};

pub(crate) async fn run(iam: Iam, cx: Cx, input: UntagRoleRequest) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:UntagRole", &input.role_name).untagging(&input.tag_keys);
    let (mut role, permit) = permitted_role(&mut tx, &cx, wish).await?;
    role.tags = role.tags.without(input.tag_keys.iter().map(String::as_str));
    put_role(&mut tx, cx.account, &role);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
