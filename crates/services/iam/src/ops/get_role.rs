//! `GetRole`: one role.

use gantry_api_iam::{self as api, GetRoleRequest, GetRoleResponse};
use gantry_service::{Cx, Failure};

use crate::iam::{Iam, Wish, permitted_role};
use crate::shape;

pub(crate) async fn run(iam: Iam, cx: Cx, input: GetRoleRequest) -> Result<GetRoleResponse, Failure> {
    let mut tx = iam.db.begin();
    let (role, _) = permitted_role(&mut tx, &cx, Wish::new("iam:GetRole", &input.role_name)).await?;
    // When a role was last used is not kept; AWS sends the empty element for a role never used.
    let role_last_used = Some(api::RoleLastUsed::default());
    Ok(GetRoleResponse { role: api::Role { role_last_used, ..shape::role(cx.partition(), role) } })
}
