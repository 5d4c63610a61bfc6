//! `SimulateCustomPolicy`: what a set of policies would allow, without asking whom.

use gantry_api_iam::{SimulateCustomPolicyRequest, SimulatePolicyResponse};
use gantry_iam_core::{Caller, Principal};
use gantry_service::{Cx, Failure, Permission};

use crate::error::invalid_input;
use crate::iam::{Iam, arn};
use crate::page::Wanted;
use crate::simulation::{Question, answer, boundary, policies};

pub(crate) async fn run(
    _: Iam,
    cx: Cx,
    input: SimulateCustomPolicyRequest,
) -> Result<SimulatePolicyResponse, Failure> {
    cx.authorize(Permission::of("iam:SimulateCustomPolicy"))?;
    if input.ordered_organization_policy_input_list.as_ref().is_some_and(|list| !list.is_empty()) {
        return Err(invalid_input("Gantry has no organizations, so their policies are not simulated."));
    }
    let mut caller = Caller::new(nobody(&cx, input.caller_arn.as_deref())?);
    caller.policies.identity = policies(Some(&input.policy_input_list), "PolicyInputList")?;
    caller.policies.boundary = boundary(input.permissions_boundary_policy_input_list.as_deref())?;
    let filters = [""];
    let wanted = Wanted::new(&cx, "SimulateCustomPolicy", &filters, input.marker.as_deref(), input.max_items);
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

/// The user of that ARN, who need not be there.
pub(crate) fn nobody(cx: &Cx, caller_arn: Option<&str>) -> Result<Principal, Failure> {
    let named = match caller_arn {
        None => arn(cx, "user/simulated"),
        Some(text) => {
            let parsed: Result<gantry_base::Arn, _> = text.parse();
            let user =
                parsed.ok().filter(|arn| arn.service() == "iam" && arn.resource().starts_with("user/"));
            user.ok_or_else(|| invalid_input(format!("Invalid caller ARN: {text}")))?
        }
    };
    Ok(Principal::User {
        account: named.account().parse().unwrap_or(cx.account),
        name: named.resource().rsplit('/').next().unwrap_or_default().to_owned(),
        id: "AIDAAAAAAAAAAAAAAAAAA".to_owned(),
        arn: named.to_string(),
    })
}
