//! What the two simulators have in common.

use std::sync::Arc;

use gantry_api_iam as api;
use gantry_base::AccountId;
use gantry_iam_core::simulate::{Matched, Simulation, Verdict, simulate};
use gantry_iam_core::{Caller, Context, Kind, Policy, PolicyType, Request};
use gantry_service::{Cx, Failure};

use crate::document::read;
use crate::error::{invalid_input, validation};
use crate::page::{Page, Wanted};

/// What is asked: actions on resources, with the keys of the request.
pub(crate) struct Question<'a> {
    pub caller: Caller,
    pub actions: &'a [String],
    pub resources: Option<&'a [String]>,
    pub resource_policy: Option<&'a str>,
    pub resource_owner: Option<&'a str>,
    pub entries: Option<&'a [api::ContextEntry]>,
}

/// The policies of a list, each named by its place in it.
pub(crate) fn policies(list: Option<&[String]>, name: &str) -> Result<Vec<Arc<Policy>>, Failure> {
    let numbered = list.unwrap_or_default().iter().zip(1..);
    let one = |(document, place): (&String, u32)| {
        Ok(Arc::new(read(Kind::Identity, document)?.named(format!("{name}.{place}"))))
    };
    numbered.map(one).collect()
}

/// The boundary of a request, of which there may be one.
pub(crate) fn boundary(list: Option<&[String]>) -> Result<Option<Arc<Policy>>, Failure> {
    let mut all = policies(list, "PermissionsBoundaryPolicyInputList")?;
    if all.len() > 1 {
        return Err(invalid_input("Only one permissions boundary policy can be specified."));
    }
    Ok(all.pop())
}

/// A page of answers, one for each action on each resource.
pub(crate) fn answer(
    cx: &Cx,
    question: &Question<'_>,
    wanted: &Wanted<'_>,
) -> Result<Page<api::EvaluationResult>, Failure> {
    let mut context = Context::new();
    for entry in question.entries.unwrap_or_default() {
        let (Some(name), Some(values)) = (&entry.context_key_name, &entry.context_key_values) else {
            continue;
        };
        context.set_all(name, values);
    }
    let policy = question.resource_policy.map(|text| read(Kind::Resource, text)).transpose()?;
    let owner = match question.resource_owner {
        None => None,
        Some(text) => Some(owner(text)?),
    };
    let everything = ["*".to_owned()];
    let resources = question.resources.filter(|list| !list.is_empty()).unwrap_or(&everything);
    let mut list = Vec::new();
    for action in question.actions {
        if !action.contains(':') {
            return Err(invalid_input(format!("Invalid Action name: {action}")));
        }
        for resource in resources {
            let account = resource.split(':').nth(4).and_then(|account| account.parse().ok());
            let request = Request {
                action,
                resource,
                resource_account: owner.or(account).unwrap_or(cx.account),
                now: cx.now,
                context: &context,
                told: Some(&context),
            };
            let found = simulate(&question.caller, policy.as_ref(), &request);
            list.push((format!("{:08}", list.len()), shape(action, resource, found)));
        }
    }
    let page = wanted.of_list(list, |(place, _)| place)?;
    Ok(Page { items: page.items.into_iter().map(|(_, shape)| shape).collect(), marker: page.marker })
}

/// The account in `arn:aws:iam::123456789012:root`.
fn owner(text: &str) -> Result<AccountId, Failure> {
    let account = text.parse().ok().or_else(|| text.split(':').nth(4)?.parse().ok());
    account.ok_or_else(|| validation(format!("Invalid resource owner: {text}")))
}

fn shape(action: &str, resource: &str, found: Simulation) -> api::EvaluationResult {
    let Simulation { verdict, matched, missing, boundary } = found;
    let statements: Vec<api::Statement> = matched.into_iter().map(statement).collect();
    let boundary = boundary.map(|allowed| api::PermissionsBoundaryDecisionDetail {
        allowed_by_permissions_boundary: Some(allowed),
    });
    let specific = api::ResourceSpecificResult {
        eval_resource_name: resource.to_owned(),
        eval_resource_decision: verdict.as_str().to_owned(),
        matched_statements: Some(statements.clone()),
        missing_context_values: Some(missing.clone()),
        permissions_boundary_decision_detail: boundary.clone(),
        ..api::ResourceSpecificResult::default()
    };
    api::EvaluationResult {
        eval_action_name: action.to_owned(),
        eval_resource_name: Some(resource.to_owned()),
        eval_decision: verdict.as_str().to_owned(),
        matched_statements: Some(if verdict == Verdict::ImplicitDeny { Vec::new() } else { statements }),
        missing_context_values: Some(missing),
        permissions_boundary_decision_detail: boundary,
        resource_specific_results: Some(vec![specific]),
        ..api::EvaluationResult::default()
    }
}

fn statement(matched: Matched) -> api::Statement {
    let source = matched.source.unwrap_or_default();
    let kind = match matched.policy {
        PolicyType::Resource | PolicyType::RoleTrust => "Resource Policy",
        _ if source.starts_with("arn:aws:iam::aws:") => "AWS Managed Policy",
        _ if source.starts_with("arn:") => "IAM Managed Policy",
        _ => "IAM Policy",
    };
    api::Statement {
        source_policy_id: Some(source),
        source_policy_type: Some(kind.to_owned()),
        ..api::Statement::default()
    }
}
