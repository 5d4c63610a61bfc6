//! Deployments that move traffic, over the load balancers' own service, with simulated nodes.

use std::time::Duration;

use gantry_api_ecs as api;
use gantry_api_elbv2 as elbv2;
use serde_json::json;

use crate::node::SimNode;
use crate::services::{describe, said, tasks};
use crate::site::{
    ROLE, at_stage, deployment, register, rolled, service, settled, site, turn, until, update,
};
use crate::world::World;

#[tokio::test]
async fn green_takes_the_place_of_blue_and_the_groups_change_roles() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    register(&world).await;
    let site = site(&world).await;
    let made = world
        .call::<api::CreateService>(service(&site, json!({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 1})))
        .await
        .unwrap()
        .service
        .unwrap();
    let configured = made.deployment_configuration.unwrap();
    assert_eq!(configured.strategy.as_deref(), Some("BLUE_GREEN"));
    assert_eq!(configured.bake_time_in_minutes, Some(1));
    let shown = made.load_balancers.unwrap().remove(0).advanced_configuration.unwrap();
    let given = site.load_balancer().advanced_configuration.unwrap();
    assert_eq!(gantry_wire::to_json(&shown), gantry_wire::to_json(&given));
    settled(&world, &mut node).await;
    assert_eq!((site.production(&world).await, site.tested(&world).await), ((100, 0), (100, 0)));

    let arn = update(&world).await;
    until(&world, &mut node, "the bake time", &arn, |_, shown| at_stage(shown, "BAKE_TIME")).await;
    assert_eq!((site.production(&world).await, site.tested(&world).await), ((0, 100), (0, 100)));
    let baking = deployment(&world, &arn).await;
    assert_eq!(baking.status.as_deref(), Some("IN_PROGRESS"));
    let weights = |one: &api::ServiceRevisionSummary| {
        (one.requested_production_traffic_weight, one.requested_test_traffic_weight, one.running_task_count)
    };
    assert_eq!(
        weights(baking.target_service_revision.as_ref().unwrap()),
        (Some(100.0), Some(100.0), Some(2))
    );
    assert_eq!(
        weights(&baking.source_service_revisions.as_ref().unwrap()[0]),
        (Some(0.0), Some(0.0), Some(2))
    );
    assert_eq!(describe(&world).await.running_count, Some(4), "both run while it is watched");

    settled(&world, &mut node).await;
    let done = deployment(&world, &arn).await;
    assert_eq!(done.status.as_deref(), Some("SUCCESSFUL"));
    let target = done.target_service_revision.unwrap();
    assert_eq!(weights(&target), (Some(100.0), Some(100.0), Some(2)));
    let input = api::DescribeServiceRevisionsRequest { service_revision_arns: vec![target.arn.unwrap()] };
    let revision = world
        .call::<api::DescribeServiceRevisions>(input)
        .await
        .unwrap()
        .service_revisions
        .unwrap()
        .remove(0);
    let resolved = revision.resolved_configuration.unwrap().load_balancers.unwrap().remove(0);
    assert_eq!(resolved.target_group_arn, Some(site.green.clone()));
    assert_eq!(resolved.production_listener_rule, Some(site.rule.clone()));

    // The next one goes the other way.
    update(&world).await;
    settled(&world, &mut node).await;
    assert_eq!(site.production(&world).await, (100, 0));
    let asked = world.roles.sessions.lock().unwrap();
    assert!(*asked > 0, "rules are changed as the role");
}

#[tokio::test]
async fn a_canary_waits_at_its_hook_and_goes_on_or_back_as_it_is_told() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    register(&world).await;
    let site = site(&world).await;
    let hook = json!({"targetType": "PAUSE", "lifecycleStages": ["PRE_PRODUCTION_TRAFFIC_SHIFT"]});
    let configuration = json!({
        "strategy": "CANARY",
        "canaryConfiguration": {"canaryPercent": 12.5, "canaryBakeTimeInMinutes": 1},
        "lifecycleHooks": [hook],
    });
    let mut input = service(&site, configuration);
    input.load_balancers.as_mut().unwrap()[0].advanced_configuration.as_mut().unwrap().test_listener_rule =
        Some(String::new());
    let made = world.call::<api::CreateService>(input).await.unwrap().service.unwrap();
    let first = made.current_service_deployment.unwrap();
    let shown = made.deployment_configuration.unwrap();
    let timeout = shown.lifecycle_hooks.unwrap().remove(0).timeout_configuration.unwrap();
    assert_eq!((timeout.timeout_in_minutes, timeout.action.as_deref()), (Some(1440), Some("ROLLBACK")));
    assert_eq!(shown.canary_configuration.unwrap().canary_percent, Some(12.5));

    let waits = |_: &api::Service, shown: Option<&api::ServiceDeployment>| {
        let hooks = shown.unwrap().lifecycle_hook_details.iter().flatten();
        hooks.into_iter().any(|hook| hook.status.as_deref() == Some("AWAITING_ACTION"))
    };
    let answer = async |arn: &str, action: &str| {
        let hook = deployment(&world, arn).await.lifecycle_hook_details.unwrap().remove(0);
        assert_eq!((hook.target_type.as_deref(), hook.target_arn), (Some("PAUSE"), None));
        let input = api::ContinueServiceDeploymentRequest {
            service_deployment_arn: arn.into(),
            hook_id: hook.hook_id.unwrap(),
            action: Some(action.into()),
        };
        world.call::<api::ContinueServiceDeployment>(input.clone()).await.unwrap();
        input
    };
    until(&world, &mut node, "the hook", &first, waits).await;
    answer(&first, "CONTINUE").await;
    settled(&world, &mut node).await;

    let arn = update(&world).await;
    until(&world, &mut node, "the hook", &arn, waits).await;
    assert_eq!(site.production(&world).await, (100, 0), "nothing moves before it is answered");
    let answered = answer(&arn, "CONTINUE").await;
    let again = world.refused::<api::ContinueServiceDeployment>(answered).await;
    assert_eq!(again.code, "InvalidParameterException");
    until(&world, &mut node, "the canary", &arn, |_, shown| {
        let target = shown.unwrap().target_service_revision.as_ref().unwrap();
        target.requested_production_traffic_weight == Some(12.5)
    })
    .await;
    assert_eq!(site.production(&world).await, (875, 125));
    until(&world, &mut node, "the hook of the next step", &arn, waits).await;
    answer(&arn, "ROLLBACK").await;
    settled(&world, &mut node).await;
    assert_eq!(site.production(&world).await, (100, 0));
    let back = deployment(&world, &arn).await;
    assert_eq!(back.status.as_deref(), Some("ROLLBACK_SUCCESSFUL"));
    assert_eq!(
        back.status_reason.as_deref(),
        Some("Service deployment rolled back because PRE_PRODUCTION_TRAFFIC_SHIFT lifecycle hook(s) failed.")
    );
    assert!(describe(&world).await.task_definition.unwrap().ends_with("/web:1"));
    let gone = api::ContinueServiceDeploymentRequest {
        service_deployment_arn: arn.replace(&arn[arn.len() - 5..], "xxxxx"),
        hook_id: "one".into(),
        action: None,
    };
    let refused = world.refused::<api::ContinueServiceDeployment>(gone).await;
    assert_eq!(refused.code, "ServiceDeploymentNotFoundException");
}

#[tokio::test]
async fn a_deployment_is_stopped_or_aborted_and_a_lost_rule_ends_it() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    register(&world).await;
    let site = site(&world).await;
    let configuration = json!({
        "strategy": "LINEAR", "bakeTimeInMinutes": 60,
        "linearConfiguration": {"stepPercent": 50.0, "stepBakeTimeInMinutes": 60},
    });
    world.call::<api::CreateService>(service(&site, configuration)).await.unwrap();
    settled(&world, &mut node).await;
    let half = |_: &api::Service, shown: Option<&api::ServiceDeployment>| {
        let target = shown.unwrap().target_service_revision.as_ref().unwrap();
        target.requested_production_traffic_weight == Some(50.0)
    };
    let arn = update(&world).await;
    until(&world, &mut node, "half of it", &arn, half).await;
    let stop = |arn: &str, kind: Option<&str>| api::StopServiceDeploymentRequest {
        service_deployment_arn: arn.into(),
        stop_type: kind.map(str::to_owned),
    };
    world.call::<api::StopServiceDeployment>(stop(&arn, None)).await.unwrap();
    settled(&world, &mut node).await;
    assert_eq!(site.production(&world).await, (100, 0));
    assert_eq!(deployment(&world, &arn).await.status.as_deref(), Some("ROLLBACK_SUCCESSFUL"));

    let arn = update(&world).await;
    until(&world, &mut node, "half of it", &arn, half).await;
    world.call::<api::StopServiceDeployment>(stop(&arn, Some("ABORT"))).await.unwrap();
    for _ in 0..20 {
        turn(&world, &mut node).await;
    }
    let aborted = deployment(&world, &arn).await;
    assert_eq!(aborted.status.as_deref(), Some("STOPPED"));
    assert_eq!(site.production(&world).await, (50, 50), "all stays where it is");
    assert_eq!(describe(&world).await.running_count, Some(4));
    let refused = world.refused::<api::StopServiceDeployment>(stop(&arn, None)).await;
    assert_eq!(refused.code, "ConflictException");

    // The rule is gone: whatever comes next is gone back from.
    let input = elbv2::DeleteRuleInput { rule_arn: site.rule.clone() };
    world.call::<elbv2::DeleteRule>(input).await.unwrap();
    let input = api::UpdateServiceRequest {
        service: "shop".into(),
        desired_count: Some(1),
        force_new_deployment: Some(true),
        ..Default::default()
    };
    let refused = world.refused::<api::UpdateService>(input).await;
    assert!(refused.message.contains("is not valid: One or more rules not found"), "{}", refused.message);
    assert!(said(&describe(&world).await, "rolling back to (deployment "));
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_its_reason() {
    let world = World::still();
    register(&world).await;
    let site = site(&world).await;
    let lambda = json!({"hookTargetArn": "arn:aws:lambda:us-east-1:1:function:f", "roleArn": ROLE,
        "lifecycleStages": ["PRE_SCALE_UP"]});
    let at_shift = json!({"targetType": "PAUSE", "lifecycleStages": ["TEST_TRAFFIC_SHIFT"]});
    let pause =
        json!({"targetType": "PAUSE", "lifecycleStages": ["PRE_SCALE_UP", "POST_TEST_TRAFFIC_SHIFT"]});
    for (configuration, code, message) in [
        (
            json!({"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 2.9}}),
            "InvalidParameterException",
            "stepPercent must be",
        ),
        (
            json!({"strategy": "CANARY", "canaryConfiguration": {"canaryPercent": 0.05}}),
            "InvalidParameterException",
            "canaryPercent must be",
        ),
        (
            json!({"strategy": "CANARY", "linearConfiguration": {}}),
            "InvalidParameterException",
            "linearConfiguration can only",
        ),
        (
            json!({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 1441}),
            "InvalidParameterException",
            "bakeTimeInMinutes must be",
        ),
        (
            json!({"strategy": "BLUE_GREEN", "lifecycleHooks": [lambda]}),
            "UnsupportedFeatureException",
            "AWS_LAMBDA",
        ),
        (
            json!({"strategy": "BLUE_GREEN", "lifecycleHooks": [at_shift]}),
            "InvalidParameterException",
            "cannot be configured at TEST_TRAFFIC_SHIFT",
        ),
        (
            json!({"strategy": "ROLLING", "lifecycleHooks": [pause]}),
            "InvalidParameterException",
            "POST_TEST_TRAFFIC_SHIFT is not supported with the ROLLING",
        ),
        (
            json!({"earlySuccessCriteria": {"enable": true, "healthyPercent": 80}}),
            "InvalidParameterException",
            "sourceServiceRevisionCleanup must be specified",
        ),
        (
            json!({"earlySuccessCriteria": {"enable": true, "healthyPercent": 80,
                "sourceServiceRevisionCleanup": "DEFERRED"}}),
            "InvalidParameterException",
            "healthyPercent must be between the minimumHealthyPercent (100) and 100",
        ),
        (json!({"bakeTimeInMinutes": -5}), "InvalidParameterException", "bakeTimeInMinutes must be"),
        (
            json!({"alarms": {"alarmNames": ["a"], "enable": true, "rollback": true}}),
            "UnsupportedFeatureException",
            "alarms",
        ),
    ] {
        let refused = world.refused::<api::CreateService>(service(&site, configuration.clone())).await;
        assert!(refused.code == code && refused.message.contains(message), "{configuration}: {refused:?}");
    }
    let with = |change: fn(&mut api::LoadBalancer)| {
        let mut input = service(&site, json!({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0}));
        change(&mut input.load_balancers.as_mut().unwrap()[0]);
        input
    };
    let refused = world.refused::<api::CreateService>(with(|one| one.advanced_configuration = None)).await;
    assert_eq!(refused.code, "ClientException");
    assert_eq!(
        refused.message,
        "advancedConfiguration field is required for all loadBalancers when using the Blue/green deployment strategy"
    );
    let advanced = |one: &mut api::LoadBalancer| one.advanced_configuration.take().unwrap();
    for change in [
        |given: &mut api::AdvancedConfiguration| given.role_arn = None,
        |given: &mut api::AdvancedConfiguration| {
            given.role_arn = Some("arn:aws:iam::123456789012:role/none".into())
        },
        |given: &mut api::AdvancedConfiguration| given.production_listener_rule = None,
        |given: &mut api::AdvancedConfiguration| {
            given.test_listener_rule = given.production_listener_rule.clone()
        },
        |given: &mut api::AdvancedConfiguration| given.alternate_target_group_arn = None,
    ] {
        let mut input = service(&site, json!({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0}));
        let one = &mut input.load_balancers.as_mut().unwrap()[0];
        let mut given = advanced(one);
        change(&mut given);
        one.advanced_configuration = Some(given);
        let refused = world.refused::<api::CreateService>(input).await;
        assert_eq!(refused.code, "InvalidParameterException", "{}", refused.message);
    }
    // Alarms that are off are kept and shown.
    let off = json!({"alarms": {"alarmNames": [], "enable": false, "rollback": false}});
    let made = world.call::<api::CreateService>(service(&site, off)).await.unwrap().service.unwrap();
    let alarms = made.deployment_configuration.unwrap().alarms.unwrap();
    assert!(!alarms.enable && !alarms.rollback);
    // A strategy that needs more than the service has.
    let plain = api::CreateServiceRequest { service_name: "plain".into(), ..rolled(&site, json!({})) };
    world.call::<api::CreateService>(plain).await.unwrap();
    let input = api::UpdateServiceRequest {
        service: "plain".into(),
        deployment_configuration: Some(gantry_wire::from_json(&json!({"strategy": "LINEAR"})).unwrap()),
        ..Default::default()
    };
    let refused = world.refused::<api::UpdateService>(input).await;
    assert!(refused.message.ends_with("using the linear deployment strategy"), "{}", refused.message);
}

#[tokio::test]
async fn a_task_behind_a_load_balancer_is_drained_before_it_is_stopped() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    register(&world).await;
    let site = site(&world).await;
    world.call::<api::CreateService>(service(&site, json!({}))).await.unwrap();
    settled(&world, &mut node).await;
    let arn = tasks(&world, "RUNNING").await.remove(0);
    let stop = api::StopTaskRequest { task: arn.clone(), ..Default::default() };
    let stopping = world.call::<api::StopTask>(stop.clone()).await.unwrap().task.unwrap();
    let status = (stopping.last_status.as_deref(), stopping.desired_status.as_deref());
    assert_eq!(status, (Some("DEACTIVATING"), Some("STOPPED")));
    assert_eq!(stopping.stop_code.as_deref(), Some("UserInitiated"));
    let told = world.clock_now();
    // Once more changes nothing.
    let again = world.call::<api::StopTask>(stop).await.unwrap().task.unwrap();
    assert_eq!(again.last_status.as_deref(), Some("DEACTIVATING"));
    let told_to_stop = |desired: &gantry_node_proto::v1::Desired| {
        let stops = gantry_node_proto::v1::DesiredStatus::Stopped;
        desired.tasks.iter().any(|task| task.task_arn == arn && task.desired_status() == stops)
    };
    for _ in 0..200 {
        turn(&world, &mut node).await;
        if world.describe(&arn).await.last_status.as_deref() != Some("DEACTIVATING") {
            break;
        }
    }
    node.desired_when(told_to_stop).await;
    assert!(world.clock_now().since(told) >= Duration::from_secs(5), "the delay is waited for");
    assert!(said(&describe(&world).await, "has begun draining connections on 1 tasks."));
}
