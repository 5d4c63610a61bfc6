//! ModifyRule: conditions, actions or transforms are replaced by those that are named.

use gantry_api_elbv2 as api;
use gantry_elb_core::{condition, transform};
use gantry_service::{Cx, Failure};

use super::{allow, forwarding};
use crate::error::{ElbError, refused};
use crate::loops::LOAD_BALANCING;
use crate::tables::RULES;
use crate::tables::rule::rule_key;
use crate::{Elb, answer, find, given};

/// Changes a rule.
pub async fn run(elb: &Elb, cx: Cx, input: api::ModifyRuleInput) -> Result<api::ModifyRuleOutput, Failure> {
    let arn = find::parse(&cx, &input.rule_arn, "rule")?;
    let mut tx = elb.db.begin();
    let found = find::rule(&mut tx, &cx, &arn).await?;
    let tags = found.as_ref().and_then(|found| found.rule.as_ref()).map(|row| &row.tags);
    let permit = allow(&cx, "elasticloadbalancing:ModifyRule", &arn, tags)?;
    let found = found.ok_or_else(|| ElbError::no_rule(arn.as_str()))?;
    let Some(mut row) = found.rule else {
        let message = format!("Default rule '{arn}' cannot be modified; modify its listener");
        return Err(ElbError::new("OperationNotPermitted", message).into());
    };
    let conditions = input.conditions.filter(|conditions| !conditions.is_empty());
    let actions = input.actions.filter(|actions| !actions.is_empty());
    let reset = input.reset_transforms == Some(true);
    if conditions.is_none() && actions.is_none() && input.transforms.is_none() && !reset {
        return Err(ElbError::validation("Either conditions or actions must be specified").into());
    }
    if let Some(conditions) = conditions {
        row.conditions = given::conditions(conditions)?;
        condition::check_all(&row.conditions).map_err(refused)?;
    }
    match (reset, input.transforms) {
        (true, Some(transforms)) if !transforms.is_empty() => {
            return Err(ElbError::validation("You cannot specify both Transforms and ResetTransforms").into());
        }
        (true, _) => row.transforms.clear(),
        (false, Some(transforms)) => row.transforms = given::transforms(Some(transforms))?,
        (false, None) => {}
    }
    transform::check_all(&row.transforms).map_err(refused)?;
    if let Some(actions) = actions {
        row.actions = given::actions(actions)?;
        let (of, listener) = (&found.of, &found.listener);
        forwarding::check(&mut tx, &cx, of, &listener.protocol, listener.port, &row.actions).await?;
    }
    tx.put(&RULES, &rule_key(cx.account, &cx.region, &found.of.id, &found.listener.id, &row.id), &row);
    tx.wake(LOAD_BALANCING);
    tx.commit(&permit).await?;
    Ok(api::ModifyRuleOutput { rules: Some(vec![answer::rule(&found.of, &found.listener, &row)]) })
}
