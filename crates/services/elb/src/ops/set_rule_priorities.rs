//! SetRulePriorities: rules of one listener change places, all at once.

use gantry_api_elbv2 as api;
use gantry_service::{Cx, Failure};

use super::allow;
use crate::error::ElbError;
use crate::loops::LOAD_BALANCING;
use crate::tables::RULES;
use crate::tables::rule::rule_key;
use crate::{Elb, answer, find};

/// Sets priorities.
pub async fn run(
    elb: &Elb,
    cx: Cx,
    input: api::SetRulePrioritiesInput,
) -> Result<api::SetRulePrioritiesOutput, Failure> {
    let mut tx = elb.db.begin();
    let mut permit = None;
    let mut wanted: Vec<(find::Found, u32)> = Vec::new();
    for pair in input.rule_priorities {
        let given = pair.rule_arn.ok_or_else(|| ElbError::validation("A rule ARN must be specified"))?;
        let arn = find::parse(&cx, &given, "rule")?;
        let found = find::rule(&mut tx, &cx, &arn).await?;
        let tags = found.as_ref().and_then(|found| found.rule.as_ref()).map(|row| &row.tags);
        permit = Some(allow(&cx, "elasticloadbalancing:SetRulePriorities", &arn, tags)?);
        let found = found.ok_or_else(|| ElbError::no_rule(arn.as_str()))?;
        if found.rule.is_none() {
            let message = format!("Priority of default rule '{arn}' cannot be modified");
            return Err(ElbError::new("OperationNotPermitted", message).into());
        }
        let priority = pair.priority.and_then(|priority| u32::try_from(priority).ok());
        let priority = priority.ok_or_else(|| ElbError::validation("A priority must be specified"))?;
        if wanted.iter().any(|(_, other)| *other == priority) {
            return Err(
                ElbError::validation(format!("Priority '{priority}' was provided multiple times")).into()
            );
        }
        if wanted.iter().any(|(other, _)| other.listener.id != found.listener.id) {
            return Err(ElbError::validation("All rules must belong to the same listener").into());
        }
        wanted.push((found, priority));
    }
    let (Some(permit), Some((first, _))) = (permit, wanted.first()) else {
        return Err(ElbError::validation("At least one rule priority must be specified").into());
    };
    let moved =
        |id: &str| wanted.iter().any(|(found, _)| found.rule.as_ref().is_some_and(|row| row.id == id));
    for other in find::rules(&mut tx, &first.of, &first.listener).await? {
        if !moved(&other.id) && wanted.iter().any(|(_, priority)| *priority == other.priority) {
            let message = format!("Priority '{}' is currently in use", other.priority);
            return Err(ElbError::new("PriorityInUse", message).into());
        }
    }
    let mut rules = Vec::new();
    for (found, priority) in wanted {
        let Some(mut row) = found.rule else { continue };
        row.priority = priority;
        tx.put(&RULES, &rule_key(cx.account, &cx.region, &found.of.id, &found.listener.id, &row.id), &row);
        rules.push(answer::rule(&found.of, &found.listener, &row));
    }
    tx.wake(LOAD_BALANCING);
    tx.commit(&permit).await?;
    Ok(api::SetRulePrioritiesOutput { rules: Some(rules) })
}
