//! `SimulatePrincipalPolicy`: what a user, group or role may.

use gantry_api_iam::{SimulatePolicyResponse, SimulatePrincipalPolicyRequest};
use gantry_service::{Cx, Failure};

use super::simulate_custom_policy::nobody;
use crate::error::invalid_input;
use crate::iam::Iam;
use crate::page::Wanted;
use crate::principal_source::permitted_source;
use crate::simulation::{Question, answer, boundary, policies};

pub(crate) async fn run(
    iam: Iam,
    cx: Cx,
    input: SimulatePrincipalPolicyRequest,
) -> Result<SimulatePolicyResponse, Failure> {
    let mut tx = iam.db.begin();
    let source = &input.policy_source_arn;
    let mut caller = permitted_source(&mut tx, &cx, "iam:SimulatePrincipalPolicy", source).await?;
    if input.policy_exclusion_list.as_ref().is_some_and(|list| !list.is_empty()) {
        return Err(invalid_input("PolicyExclusionList is not served by Gantry."));
    }
    caller.policies.identity.extend(policies(input.policy_input_list.as_deref(), "PolicyInputList")?);
    if let Some(given) = boundary(input.permissions_boundary_policy_input_list.as_deref())? {
        caller.policies.boundary = Some(given);
    }
    if let Some(arn) = input.caller_arn.as_deref() {
        caller.principal = nobody(&cx, Some(arn))?;
    }
    let filters = [source.as_str()];
    let wanted =
        Wanted::new(&cx, "SimulatePrincipalPolicy", &filters, input.marker.as_deref(), input.max_items);
    let question = Question {
        caller,
        actions: &input.action_names,
        resources: input.resource_arns.as_deref(),
        resource_policy: input.resource_policy.as_deref(),
        resource_owner: input.resource_owner.as_deref(),
        entries: input.context_entries.as_deref(),
    };
    let page = answer(&cx, &question, &wanted)?;
    Ok(SimulatePolicyResponse {
        is_truncated: page.is_truncated(),
        evaluation_results: Some(page.items),
        marker: page.marker,
    })
}
