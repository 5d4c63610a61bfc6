//! DescribeRules: those of a listener by priority, the default one last, or those that are named.

use gantry_api_elbv2 as api;
use gantry_service::{Cx, Failure};

use super::listing;
use crate::error::ElbError;
use crate::{Elb, answer, find, page};

/// Lists rules.
pub async fn run(
    elb: &Elb,
    cx: Cx,
    input: api::DescribeRulesInput,
) -> Result<api::DescribeRulesOutput, Failure> {
    listing(&cx, "elasticloadbalancing:DescribeRules")?;
    let arns = input.rule_arns.unwrap_or_default();
    let mut tx = elb.db.begin();
    let mut rules = Vec::new();
    match (&input.listener_arn, arns.is_empty()) {
        (None, true) => {
            return Err(
                ElbError::validation("You must specify either listener rule ARNs or a listener ARN").into()
            );
        }
        (Some(_), false) => {
            return Err(ElbError::validation(
                "Listener rule ARNs and a listener ARN cannot be specified at the same time",
            )
            .into());
        }
        (Some(given), true) => {
            let arn = find::parse(&cx, given, "listener")?;
            let (of, listener) = find::must_listener(&mut tx, &cx, &arn).await?;
            let rows = find::rules(&mut tx, &of, &listener).await?;
            rules.extend(rows.iter().map(|row| answer::rule(&of, &listener, row)));
            rules.push(answer::default_rule(&of, &listener));
        }
        (None, false) => {
            for given in &arns {
                let arn = find::parse(&cx, given, "rule")?;
                let found = find::rule(&mut tx, &cx, &arn).await?;
                let found =
                    found.ok_or_else(|| ElbError::new("RuleNotFound", "One or more rules not found"))?;
                rules.push(match &found.rule {
                    Some(row) => answer::rule(&found.of, &found.listener, row),
                    None => answer::default_rule(&found.of, &found.listener),
                });
            }
        }
    }
    let id = |rule: &api::Rule| rule.rule_arn.clone().unwrap_or_default();
    let (page, next) = page::cut(&cx, "DescribeRules", input.marker.as_deref(), input.page_size, rules, id)?;
    Ok(api::DescribeRulesOutput { rules: Some(page), next_marker: next })
}
