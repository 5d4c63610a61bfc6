//! `GetContextKeysForPrincipalPolicy`: the condition keys that the policies of a user, group or role look at.

use std::collections::BTreeSet;

use gantry_api_iam::{GetContextKeysForPolicyResponse, GetContextKeysForPrincipalPolicyRequest};
use gantry_service::{Cx, Failure};

use crate::iam::Iam;
use crate::principal_source::permitted_source;
use crate::simulation::policies;

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: GetContextKeysForPrincipalPolicyRequest,
) -> Result<GetContextKeysForPolicyResponse, Failure> {
    let mut tx = iam.db.begin();
    let action = "iam:GetContextKeysForPrincipalPolicy";
    let caller = permitted_source(&mut tx, &cx, action, &input.policy_source_arn).await?;
    let mut policies = policies(input.policy_input_list.as_deref(), "PolicyInputList")?;
    policies.extend(caller.policies.identity);
    let keys: BTreeSet<&str> = policies.iter().flat_map(|policy| policy.context_keys()).collect();
    let names = keys.into_iter().map(str::to_owned).collect();
    Ok(GetContextKeysForPolicyResponse { context_key_names: Some(names) })
}
