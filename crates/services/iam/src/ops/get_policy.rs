//! `GetPolicy`: a managed policy without its document.

use gantry_api_iam::{GetPolicyRequest, GetPolicyResponse};
use gantry_service::{Cx, Failure};

use crate::iam::{Iam, Wish};
use crate::policy::{Found, aws_shape, customer_shape, permitted_policy};

pub(crate) async fn run(iam: Iam, cx: Cx, input: GetPolicyRequest) -> Result<GetPolicyResponse, Failure> {
    let mut tx = iam.db.begin();
    let (found, _) = permitted_policy(&mut tx, &cx, Wish::new("iam:GetPolicy", &input.policy_arn)).await?;
    let mut policy = match found {
        Found::Customer(policy) => customer_shape(&mut tx, &cx, *policy).await?,
        Found::Aws(policy) => aws_shape(&mut tx, &cx, policy).await?,
    };
    // Here alone AWS shows the list of tags also when it is empty.
    policy.tags.get_or_insert_default();
    Ok(GetPolicyResponse { policy: Some(policy) })
}
