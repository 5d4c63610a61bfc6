//! `DeletePolicyVersion`: removes a version that is not in force.

use gantry_api_iam::DeletePolicyVersionRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::error::delete_conflict;
use crate::iam::{Iam, Wish};
use crate::policy::{find_version, permitted_customer_policy, put_policy};

pub(crate) async fn run(iam: Iam, cx: Cx, input: DeletePolicyVersionRequest) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:DeletePolicyVersion", &input.policy_arn);
    let (mut policy, permit) = permitted_customer_policy(&mut tx, &cx, wish).await?;
    let number = find_version(&policy, &input.policy_arn, &input.version_id)?.number;
    if number == policy.default_version {
        return Err(delete_conflict("Cannot delete the default version of a policy."));
    }
    policy.versions.retain(|version| version.number != number);
    policy.last_version = policy.last_version.max(number);
    put_policy(&mut tx, cx.account, &policy);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
