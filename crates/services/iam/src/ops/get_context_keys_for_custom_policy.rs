//! `GetContextKeysForCustomPolicy`: the condition keys that policies look at.

use std::collections::BTreeSet;

use gantry_api_iam::{GetContextKeysForCustomPolicyRequest, GetContextKeysForPolicyResponse};
use gantry_service::{Cx, Failure, Permission};

use crate::iam::Iam;
use crate::simulation::policies;

pub(crate) async fn run(
    _: Iam,
    cx: Cx,
    input: GetContextKeysForCustomPolicyRequest,
) -> Result<GetContextKeysForPolicyResponse, Failure> {
    cx.authorize(Permission::of("iam:GetContextKeysForCustomPolicy"))?;
    let policies = policies(Some(&input.policy_input_list), "PolicyInputList")?;
    let keys: BTreeSet<&str> = policies.iter().flat_map(|policy| policy.context_keys()).collect();
    let names = keys.into_iter().map(str::to_owned).collect();
    Ok(GetContextKeysForPolicyResponse { context_key_names: Some(names) })
}
