//! DeleteRule: any but a listener's default one.

use gantry_api_elbv2 as api;
use gantry_service::{Cx, Failure};

use super::allow;
use crate::error::ElbError;
use crate::loops::LOAD_BALANCING;
use crate::tables::RULES;
use crate::tables::rule::rule_key;
use crate::{Elb, find};

/// Deletes a rule.
pub async fn run(elb: &Elb, cx: Cx, input: api::DeleteRuleInput) -> Result<api::DeleteRuleOutput, Failure> {
    let arn = find::parse(&cx, &input.rule_arn, "rule")?;
    let mut tx = elb.db.begin();
    let found = find::rule(&mut tx, &cx, &arn).await?;
    let tags = found.as_ref().and_then(|found| found.rule.as_ref()).map(|row| &row.tags);
    let permit = allow(&cx, "elasticloadbalancing:DeleteRule", &arn, tags)?;
    let found = found.ok_or_else(|| ElbError::no_rule(arn.as_str()))?;
    let Some(row) = found.rule else {
        let message = format!("Default rule '{arn}' cannot be deleted");
        return Err(ElbError::new("OperationNotPermitted", message).into());
    };
    tx.delete(&RULES, &rule_key(cx.account, &cx.region, &found.of.id, &found.listener.id, &row.id));
    tx.wake(LOAD_BALANCING);
    tx.commit(&permit).await?;
    Ok(api::DeleteRuleOutput {})
}
