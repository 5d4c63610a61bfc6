//! `SetDefaultPolicyVersion`: the version that is in force from now on, wherever the policy hangs.

use gantry_api_iam::SetDefaultPolicyVersionRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::iam::{Iam, Wish, moment};
use crate::policy::{customers, find_version, permitted_version, put_policy};

pub(crate) async fn run(iam: Iam, cx: Cx, input: SetDefaultPolicyVersionRequest) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:SetDefaultPolicyVersion", &input.policy_arn);
    let (found, permit) = permitted_version(&mut tx, &cx, wish, &input.version_id).await?;
    let mut policy = customers(found, &input.policy_arn)?;
    policy.default_version = find_version(&policy, &input.policy_arn, &input.version_id)?.number;
    policy.updated = moment(cx.now);
    put_policy(&mut tx, cx.account, &policy);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
