//! `GetRolePolicy`: a role's inline policy.

use gantry_api_iam::{GetRolePolicyRequest, GetRolePolicyResponse};
use gantry_service::{Cx, Failure};

use crate::document::encoded;
use crate::grants::get_inline;
use crate::iam::{Iam, Wish, permitted_role};
use crate::tables::attachment::Entity;

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: GetRolePolicyRequest,
) -> Result<GetRolePolicyResponse, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:GetRolePolicy", &input.role_name);
    let (role, _) = permitted_role(&mut tx, &cx, wish).await?;
    let document = get_inline(&role.grants, Entity::Role, &input.policy_name)?;
    Ok(GetRolePolicyResponse {
        role_name: role.name,
        policy_name: input.policy_name,
        policy_document: encoded(&document),
    })
}
