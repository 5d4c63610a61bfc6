//! Rules, their order, their conditions.

use gantry_api_elbv2 as api;

use crate::world::{World, fixed, listener_input, says};

fn path(value: &str) -> Vec<api::RuleCondition> {
    let values = Some(vec![value.to_owned()]);
    vec![api::RuleCondition { field: Some("path-pattern".into()), values, ..Default::default() }]
}

async fn listener(world: &World) -> String {
    let of = world.balancer("web", "application").await.load_balancer_arn.unwrap();
    let input = listener_input(&of, "HTTP", 80, vec![fixed("503")]);
    world.call::<api::CreateListener>(input).await.listeners.unwrap().remove(0).listener_arn.unwrap()
}

fn input(listener: &str, priority: i32, conditions: Vec<api::RuleCondition>) -> api::CreateRuleInput {
    api::CreateRuleInput {
        listener_arn: listener.into(),
        priority,
        conditions,
        actions: vec![fixed("200")],
        ..Default::default()
    }
}

#[tokio::test]
async fn rules_have_an_order_that_changes_at_once() {
    let world = World::new();
    let listener = listener(&world).await;
    let mut arns = Vec::new();
    for (priority, pattern) in [(100, "/a"), (50, "/b")] {
        let made = world.call::<api::CreateRule>(input(&listener, priority, path(pattern))).await;
        arns.push(made.rules.unwrap().remove(0).rule_arn.unwrap());
    }
    let describe = api::DescribeRulesInput { listener_arn: Some(listener.clone()), ..Default::default() };
    let priorities = async || -> Vec<String> {
        let rules = world.call::<api::DescribeRules>(describe.clone()).await.rules.unwrap();
        rules.into_iter().map(|rule| rule.priority.unwrap()).collect()
    };
    assert_eq!(priorities().await, ["50", "100", "default"]);
    let error = world.refused::<api::CreateRule>(input(&listener, 50, path("/c"))).await;
    assert_eq!(says(&error), ("PriorityInUse", "Priority '50' is currently in use"));

    let set = |pairs: &[(usize, i32)]| api::SetRulePrioritiesInput {
        rule_priorities: pairs
            .iter()
            .map(|(at, priority)| api::RulePriorityPair {
                rule_arn: Some(arns[*at].clone()),
                priority: Some(*priority),
            })
            .collect(),
    };
    world.call::<api::SetRulePriorities>(set(&[(0, 50), (1, 100)])).await;
    assert_eq!(world.refused::<api::SetRulePriorities>(set(&[(0, 100)])).await.code, "PriorityInUse");
    let error = world.refused::<api::SetRulePriorities>(set(&[(0, 9), (1, 9)])).await;
    assert_eq!(error.message, "Priority '9' was provided multiple times");
    let wanted = world.configuration().await;
    let rules = &wanted.load_balancers[0].listeners[0].rules;
    assert_eq!(rules.iter().find(|rule| rule.arn == arns[0]).unwrap().priority, Some(50));

    let default = world.call::<api::DescribeRules>(describe.clone()).await.rules.unwrap().pop().unwrap();
    let delete = |arn: &str| api::DeleteRuleInput { rule_arn: arn.to_owned() };
    let error = world.refused::<api::DeleteRule>(delete(&default.rule_arn.unwrap())).await;
    assert_eq!(error.code, "OperationNotPermitted");
    world.call::<api::DeleteRule>(delete(&arns[0])).await;
    assert_eq!(world.refused::<api::DeleteRule>(delete(&arns[0])).await.code, "RuleNotFound");
    assert_eq!(priorities().await, ["100", "default"]);
}

#[tokio::test]
async fn conditions_are_answered_in_both_forms_and_checked() {
    let world = World::new();
    let listener = listener(&world).await;
    let made = world.call::<api::CreateRule>(input(&listener, 1, path("/a*"))).await.rules.unwrap().remove(0);
    let condition = made.conditions.unwrap().remove(0);
    assert_eq!(condition.values, Some(vec!["/a*".to_owned()]));
    assert_eq!(condition.path_pattern_config.unwrap().values, Some(vec!["/a*".to_owned()]));
    let of = |field: &str, values: Option<Vec<String>>| {
        vec![api::RuleCondition { field: Some(field.into()), values, ..Default::default() }]
    };
    for (conditions, message) in [
        (
            of("host-header", Some(vec!["x".repeat(256)])),
            "The 'host-header' value is too long; the limit is '128'",
        ),
        (
            of("host-header", Some(vec!["one".into(), "two".into()])),
            "The 'host-header' field contains too many values; the limit is '1'",
        ),
        (of("host-header", None), "A condition value must be specified"),
        (
            of("http-request-method", None),
            "A 'HttpRequestMethodConfig' must be specified with 'http-request-method'",
        ),
        (of("source-ip", None), "A 'SourceIpConfig' must be specified with 'source-ip'"),
        (
            of("xxx", None),
            "Condition field 'xxx' must be one of 'http-header,http-request-method,host-header,query-string,path-pattern,source-ip'",
        ),
    ] {
        let error = world.refused::<api::CreateRule>(input(&listener, 2, conditions)).await;
        assert_eq!(says(&error), ("ValidationError", message));
    }
    let modify = api::ModifyRuleInput { rule_arn: made.rule_arn.unwrap(), ..Default::default() };
    let error = world.refused::<api::ModifyRule>(modify.clone()).await;
    assert_eq!(error.message, "Either conditions or actions must be specified");
    let changed = api::ModifyRuleInput { actions: Some(vec![fixed("404")]), ..modify };
    let changed = world.call::<api::ModifyRule>(changed).await.rules.unwrap().remove(0);
    assert_eq!(changed.actions.unwrap()[0].fixed_response_config.as_ref().unwrap().status_code, "404");
    assert_eq!(changed.conditions.unwrap().len(), 1);
}
