//! CreateRule: what a listener does with some requests.

use gantry_api_elbv2 as api;
use gantry_elb_core::limits::RULES as MOST;
use gantry_elb_core::name::Kind;
use gantry_elb_core::{condition, transform};
use gantry_service::{Cx, Failure};

use super::{allow_making, forwarding};
use crate::error::{ElbError, refused};
use crate::loops::LOAD_BALANCING;
use crate::tables::rule::rule_key;
use crate::tables::{RULES, Rule};
use crate::{Elb, answer, find, given};

/// Makes a rule.
pub async fn run(elb: &Elb, cx: Cx, input: api::CreateRuleInput) -> Result<api::CreateRuleOutput, Failure> {
    let arn = find::parse(&cx, &input.listener_arn, "listener")?;
    let mut tx = elb.db.begin();
    let found = find::listener(&mut tx, &cx, &arn).await?;
    let tags = found.as_ref().map(|(_, row)| &row.tags);
    let pairs = given::pairs(input.tags);
    let permit = allow_making(&cx, "elasticloadbalancing:CreateRule", &arn, tags, &pairs)?;
    let (of, listener) = found.ok_or_else(|| ElbError::no_listener(arn.as_str()))?;
    if of.kind == Kind::Network {
        let message = "Rules are unsupported for this load balancer type";
        return Err(ElbError::new("UnsupportedProtocol", message).into());
    }
    let tags = given::tags(pairs)?;
    let conditions = given::conditions(input.conditions)?;
    if conditions.is_empty() {
        return Err(ElbError::validation("A condition must be specified").into());
    }
    condition::check_all(&conditions).map_err(refused)?;
    let transforms = given::transforms(input.transforms)?;
    transform::check_all(&transforms).map_err(refused)?;
    let actions = given::actions(input.actions)?;
    forwarding::check(&mut tx, &cx, &of, &listener.protocol, listener.port, &actions).await?;
    let priority = u32::try_from(input.priority).unwrap_or(0);
    let others = find::rules(&mut tx, &of, &listener).await?;
    if others.iter().any(|other| other.priority == priority) {
        return Err(
            ElbError::new("PriorityInUse", format!("Priority '{priority}' is currently in use")).into()
        );
    }
    if others.len() >= MOST {
        let message = format!("The quota of '{MOST}' rules for a load balancer has been reached");
        return Err(ElbError::new("TooManyRules", message).into());
    }
    let row = Rule { id: elb.ids.hex(16), priority, conditions, actions, transforms, tags };
    tx.put(&RULES, &rule_key(cx.account, &cx.region, &of.id, &listener.id, &row.id), &row);
    tx.wake(LOAD_BALANCING);
    tx.commit(&permit).await?;
    Ok(api::CreateRuleOutput { rules: Some(vec![answer::rule(&of, &listener, &row)]) })
}
