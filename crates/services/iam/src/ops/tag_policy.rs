//! `TagPolicy`: hangs tags on a managed policy, in place of those with the same keys.

use gantry_api_iam::TagPolicyRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::iam::{Iam, Wish};
use crate::policy::{permitted_customer_policy, put_policy};
use crate::shape::with_tags;

pub(crate) async fn run(iam: Iam, cx: Cx, input: TagPolicyRequest) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:TagPolicy", &input.policy_arn).tagging(&input.tags);
    let (mut policy, permit) = permitted_customer_policy(&mut tx, &cx, wish).await?;
    policy.tags = with_tags(&policy.tags, input.tags)?;
    put_policy(&mut tx, cx.account, &policy);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
