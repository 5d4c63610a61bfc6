//! `GetGroupPolicy`: a group's inline policy.

use gantry_api_iam::{GetGroupPolicyRequest, GetGroupPolicyResponse};
use gantry_service::{Cx, Failure};

use crate::document::encoded;
use crate::grants::get_inline;
use crate::iam::{Iam, Wish, permitted_group};
use crate::tables::attachment::Entity;

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: GetGroupPolicyRequest,
) -> Result<GetGroupPolicyResponse, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:GetGroupPolicy", &input.group_name);
    let (group, _) = permitted_group(&mut tx, &cx, wish).await?;
    let document = get_inline(&group.grants, Entity::Group, &input.policy_name)?;
    Ok(GetGroupPolicyResponse {
        group_name: group.name,
        policy_name: input.policy_name,
        policy_document: encoded(&document),
    })
}
