//! `GetUserPolicy`: a user's inline policy.

use gantry_api_iam::{GetUserPolicyRequest, GetUserPolicyResponse};
use gantry_service::{Cx, Failure};

use crate::document::encoded;
use crate::grants::get_inline;
use crate::iam::{Iam, Wish, permitted_user};
use crate::tables::attachment::Entity;

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: GetUserPolicyRequest,
) -> Result<GetUserPolicyResponse, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:GetUserPolicy", &input.user_name);
    let (user, _) = permitted_user(&mut tx, &cx, wish).await?;
    let document = get_inline(&user.grants, Entity::User, &input.policy_name)?;
    Ok(GetUserPolicyResponse {
        user_name: user.name,
        policy_name: input.policy_name,
        policy_document: encoded(&document),
    })
}
