//! GetKeyPolicy: the text of a key's policy.

use gantry_api_kms as api;
use gantry_service::principals::shown;
use gantry_service::{Cx, Failure};

use crate::access::{Wish, allow};
use crate::key_id::find_own;
use crate::{Kms, policy};

/// Reads the policy.
pub async fn run(
    kms: &Kms,
    cx: Cx,
    input: api::GetKeyPolicyRequest,
) -> Result<api::GetKeyPolicyResponse, Failure> {
    let mut tx = kms.db.begin();
    let key = find_own(kms, &mut tx, &cx, "kms:GetKeyPolicy", &input.key_id).await?;
    allow(&mut tx, &cx, &key, Wish::to("kms:GetKeyPolicy")).await?;
    super::check_policy_name(input.policy_name.as_deref())?;
    Ok(api::GetKeyPolicyResponse {
        policy: Some(shown(&cx, &policy::text(&key), &key.policy_ids).await?),
        policy_name: Some(super::POLICY_NAME.into()),
    })
}
