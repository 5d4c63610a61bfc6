//! `UntagPolicy`: takes tags off a managed policy.

use gantry_api_iam::UntagPolicyRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::iam::{Iam, Wish};
use crate::policy::{permitted_customer_policy, put_policy};

pub(crate) async fn run(iam: Iam, cx: Cx, input: UntagPolicyRequest) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:UntagPolicy", &input.policy_arn).untagging(&input.tag_keys);
    let (mut policy, permit) = permitted_customer_policy(&mut tx, &cx, wish).await?;
    policy.tags = policy.tags.without(input.tag_keys.iter().map(String::as_str));
    put_policy(&mut tx, cx.account, &policy);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
