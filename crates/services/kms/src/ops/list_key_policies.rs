//! ListKeyPolicies: the one name that every key's policy has.

use gantry_api_kms as api;
use gantry_service::{Cx, Failure};

use crate::Kms;
use crate::access::{Wish, allow};
use crate::key_id::find_own;

/// Lists the names of policies.
pub async fn run(
    kms: &Kms,
    cx: Cx,
    input: api::ListKeyPoliciesRequest,
) -> Result<api::ListKeyPoliciesResponse, Failure> {
    let mut tx = kms.db.begin();
    let key = find_own(kms, &mut tx, &cx, "kms:ListKeyPolicies", &input.key_id).await?;
    allow(&mut tx, &cx, &key, Wish::to("kms:ListKeyPolicies")).await?;
    Ok(api::ListKeyPoliciesResponse {
        policy_names: Some(vec![super::POLICY_NAME.into()]),
        next_marker: None,
        truncated: Some(false),
    })
}
