//! PutKeyPolicy: another policy for a key.

use gantry_api_kms as api;
use gantry_iam_core::policy::spelling::accounts_by_root;
use gantry_service::principals::ids_of;
use gantry_service::{Cx, Failure};

use crate::access::{Wish, allow};
use crate::key_id::find_own;
use crate::tables::KEYS;
use crate::{Kms, answer, policy};

/// Replaces the policy.
pub async fn run(kms: &Kms, cx: Cx, input: api::PutKeyPolicyRequest) -> Result<gantry_wire::Unit, Failure> {
    let bypass = input.bypass_policy_lockout_safety_check == Some(true);
    let mut tx = kms.db.begin();
    let mut key = find_own(kms, &mut tx, &cx, "kms:PutKeyPolicy", &input.key_id).await?;
    let wish = Wish::to("kms:PutKeyPolicy").key("kms:BypassPolicyLockoutSafetyCheck", [bypass.to_string()]);
    let permit = allow(&mut tx, &cx, &key, wish).await?;
    super::check_policy_name(input.policy_name.as_deref())?;
    answer::stays(&key)?;
    let policy = policy::parse(&input.policy)?;
    super::refuse_lockout(&cx, &key, &policy, bypass)?;
    key.policy_ids = ids_of(&cx, &policy, |_| policy::names_nobody()).await?;
    key.policy = Some(accounts_by_root(&input.policy, cx.partition()));
    tx.put(&KEYS, &key.row_key(), &key);
    tx.commit(&permit).await?;
    Ok(gantry_wire::Unit)
}
