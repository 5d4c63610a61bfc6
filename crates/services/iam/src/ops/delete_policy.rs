//! `DeletePolicy`: removes a managed policy that hangs on nothing.

use gantry_api_iam::DeletePolicyRequest;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::error::delete_conflict;
use crate::iam::{Iam, Wish};
use crate::policy::permitted_customer_policy;
use crate::tables::attachment::{Use, count};
use crate::tables::policy::{ManagedPolicy, POLICIES};

pub(crate) async fn run(iam: Iam, cx: Cx, input: DeletePolicyRequest) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:DeletePolicy", &input.policy_arn);
    let (policy, permit) = permitted_customer_policy(&mut tx, &cx, wish).await?;
    for used in [Use::Permissions, Use::Boundary] {
        if count(&mut tx, cx.account, policy.arn.as_str(), used).await? > 0 {
            return Err(delete_conflict("Cannot delete a policy attached to entities."));
        }
    }
    if policy.versions.len() > 1 {
        return Err(delete_conflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's \
             versions. The default version is deleted with the policy.",
        ));
    }
    tx.delete(&POLICIES, &ManagedPolicy::key(cx.account, &policy.name));
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
