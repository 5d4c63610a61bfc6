//! `UpdateAssumeRolePolicy`: replaces a role's trust policy.

use gantry_api_iam::UpdateAssumeRolePolicyRequest;
use gantry_iam_core::policy::spelling::accounts_by_root;
use gantry_service::{Cx, Failure};
use gantry_wire::Unit;

use crate::document::check_trust;
use crate::iam::{Iam, Wish, changeable_role, put_role};

pub(crate) async fn run(iam: Iam, cx: Cx, input: UpdateAssumeRolePolicyRequest) -> Result<Unit, Failure> {
    let mut tx = iam.db.begin();
    let wish = Wish::new("iam:UpdateAssumeRolePolicy", &input.role_name);
    let (mut role, permit) = changeable_role(&mut tx, &cx, wish).await?;
    role.trusted_ids = check_trust(&mut tx, &input.policy_document).await?;
    role.trust = accounts_by_root(&input.policy_document, cx.partition());
    put_role(&mut tx, cx.account, &role);
    iam.commit(tx, &permit).await?;
    Ok(Unit)
}
