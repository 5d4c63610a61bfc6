//! Rules and listeners of load balancers whose traffic moves between target groups.

use std::collections::BTreeMap;

use gantry_api_elbv2 as elbv2;
use gantry_ecs_core::service::shift::WHOLE;
use gantry_service::{Cx, Failure};
use gantry_wire::ApiError;

use crate::Ecs;

/// What forwards to target groups.
pub(crate) struct Forwarding {
    what: What,
    actions: Vec<elbv2::Action>,
    /// Which of them forwards.
    at: usize,
}

enum What {
    Rule(String),
    /// By its default actions.
    Listener(String),
}

/// Reads the rule, or the listener, of that ARN. None where it does not forward to target groups.
pub(crate) async fn forwarding(ecs: &Ecs, cx: &Cx, arn: &str) -> Result<Option<Forwarding>, Failure> {
    let (what, actions) = match arn.split_once(":listener-rule/") {
        None => {
            let input = elbv2::DescribeListenersInput {
                listener_arns: Some(vec![arn.to_owned()]),
                ..Default::default()
            };
            let found = ecs.siblings.call::<elbv2::DescribeListeners>(cx, input).await?;
            let listener = found.listeners.unwrap_or_default().into_iter().next().ok_or_else(missing)?;
            (What::Listener(arn.to_owned()), listener.default_actions)
        }
        Some((before, rest)) => {
            let input =
                elbv2::DescribeRulesInput { rule_arns: Some(vec![arn.to_owned()]), ..Default::default() };
            let found = ecs.siblings.call::<elbv2::DescribeRules>(cx, input).await?;
            let rule = found.rules.unwrap_or_default().into_iter().next().ok_or_else(missing)?;
            // A default rule is changed by its listener.
            let listener = rest.rsplit_once('/').map(|(listener, _)| format!("{before}:listener/{listener}"));
            match listener.filter(|_| rule.is_default == Some(true)) {
                Some(listener) => (What::Listener(listener), rule.actions),
                None => (What::Rule(arn.to_owned()), rule.actions),
            }
        }
    };
    let actions = actions.unwrap_or_default();
    let at = actions.iter().position(|action| action.r#type == "forward");
    Ok(at.map(|at| Forwarding { what, actions, at }))
}

fn missing() -> Failure {
    ApiError::new("RuleNotFound", "One or more rules not found").into()
}

/// Gives target groups their shares, in thousandths, of what the rule or listener forwards.
pub(crate) async fn route(
    ecs: &Ecs,
    cx: &Cx,
    arn: &str,
    shares: &BTreeMap<String, u32>,
) -> Result<(), Failure> {
    let found = forwarding(ecs, cx, arn).await?;
    let Some(Forwarding { what, mut actions, at }) = found else {
        return Err(ApiError::new(
            "InvalidConfigurationRequest",
            format!("{arn} does not forward to target groups"),
        )
        .into());
    };
    let wanted = weights(shares);
    let before = actions[at].forward_config.take().unwrap_or_default();
    let known = before.target_groups.as_deref().unwrap_or_default().iter();
    let known: BTreeMap<&str, i32> =
        known.filter_map(|one| Some((one.target_group_arn.as_deref()?, one.weight.unwrap_or(1)))).collect();
    let same = wanted.len() == known.len()
        && wanted
            .iter()
            .all(|one| one.target_group_arn.as_deref().and_then(|arn| known.get(arn)) == one.weight.as_ref());
    if same {
        return Ok(());
    }
    actions[at].target_group_arn = None;
    actions[at].forward_config = Some(elbv2::ForwardActionConfig { target_groups: Some(wanted), ..before });
    match what {
        What::Rule(rule_arn) => {
            let input = elbv2::ModifyRuleInput { rule_arn, actions: Some(actions), ..Default::default() };
            ecs.siblings.call::<elbv2::ModifyRule>(cx, input).await?;
        }
        What::Listener(listener_arn) => {
            let input = elbv2::ModifyListenerInput {
                listener_arn,
                default_actions: Some(actions),
                ..Default::default()
            };
            ecs.siblings.call::<elbv2::ModifyListener>(cx, input).await?;
        }
    }
    Ok(())
}

/// Weights as load balancers take them: per cent where that is exact, else thousandths.
fn weights(shares: &BTreeMap<String, u32>) -> Vec<elbv2::TargetGroupTuple> {
    let unit = if shares.values().all(|share| share % 10 == 0) { WHOLE / 100 } else { 1 };
    let one = |(arn, share): (&String, &u32)| elbv2::TargetGroupTuple {
        target_group_arn: Some(arn.clone()),
        weight: i32::try_from(share / unit).ok(),
    };
    shares.iter().map(one).collect()
}
