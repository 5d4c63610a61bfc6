//! Deployments that move traffic where something is in their way, and of network load balancers.

use gantry_api_ecs as api;
use gantry_api_elbv2 as elbv2;
use serde_json::json;

use crate::node::SimNode;
use crate::services::{describe, said};
use crate::site::{
    ROLE, Site, deployment, forward, group, register, rolled, service, settled, site, turn, until, update,
};
use crate::world::World;

/// A network load balancer, whose listener is both what `rule` and what `test` name.
async fn network_site(world: &World) -> Site {
    world.roles.known.lock().unwrap().insert(ROLE.into());
    let input = elbv2::CreateLoadBalancerInput {
        name: "net".into(),
        r#type: Some("network".into()),
        subnets: Some(vec!["subnet-a".into(), "subnet-b".into()]),
        ..Default::default()
    };
    let of = world.call::<elbv2::CreateLoadBalancer>(input).await.unwrap().load_balancers.unwrap().remove(0);
    let (blue, green) = (group(world, "blue", "TCP", "5").await, group(world, "green", "TCP", "5").await);
    let input = elbv2::CreateListenerInput {
        load_balancer_arn: of.load_balancer_arn.unwrap(),
        protocol: Some("TCP".into()),
        port: Some(80),
        default_actions: vec![forward(&blue)],
        ..Default::default()
    };
    let made = world.call::<elbv2::CreateListener>(input).await.unwrap().listeners.unwrap().remove(0);
    let listener = made.listener_arn.unwrap();
    Site { blue, green, rule: listener.clone(), test: listener }
}

#[tokio::test]
async fn a_canary_moves_the_weights_of_a_network_load_balancer_s_listener() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    register(&world).await;
    let site = network_site(&world).await;
    let configuration = json!({
        "strategy": "CANARY", "bakeTimeInMinutes": 0,
        "canaryConfiguration": {"canaryPercent": 10.0, "canaryBakeTimeInMinutes": 1},
    });
    let mut input = service(&site, configuration);
    let advanced = &mut input.load_balancers.as_mut().unwrap()[0].advanced_configuration;
    advanced.as_mut().unwrap().test_listener_rule = None;
    world.call::<api::CreateService>(input).await.unwrap();
    settled(&world, &mut node).await;
    assert_eq!(site.tested(&world).await, (100, 0));

    let arn = update(&world).await;
    until(&world, &mut node, "the canary", &arn, |_, shown| {
        let target = shown.unwrap().target_service_revision.as_ref().unwrap();
        target.requested_production_traffic_weight == Some(10.0)
    })
    .await;
    assert_eq!(site.tested(&world).await, (90, 10));
    settled(&world, &mut node).await;
    assert_eq!(site.tested(&world).await, (0, 100));
    assert_eq!(deployment(&world, &arn).await.status.as_deref(), Some("SUCCESSFUL"));
}

#[tokio::test]
async fn a_rule_that_somebody_deletes_in_the_middle_ends_the_deployment_and_another_one_mends_it() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    register(&world).await;
    let site = site(&world).await;
    let configuration = json!({
        "strategy": "LINEAR", "bakeTimeInMinutes": 0,
        "linearConfiguration": {"stepPercent": 50.0, "stepBakeTimeInMinutes": 1},
    });
    let mut input = service(&site, configuration);
    let advanced = &mut input.load_balancers.as_mut().unwrap()[0].advanced_configuration;
    advanced.as_mut().unwrap().test_listener_rule = None;
    world.call::<api::CreateService>(input).await.unwrap();
    settled(&world, &mut node).await;
    let arn = update(&world).await;
    until(&world, &mut node, "half of it", &arn, |_, shown| {
        let target = shown.unwrap().target_service_revision.as_ref().unwrap();
        target.requested_production_traffic_weight == Some(50.0)
    })
    .await;
    let input = elbv2::DeleteRuleInput { rule_arn: site.rule.clone() };
    world.call::<elbv2::DeleteRule>(input).await.unwrap();
    until(&world, &mut node, "what cannot be done", &arn, |service, _| {
        said(service, "was unable to move traffic between its service revisions")
    })
    .await;
    let back = deployment(&world, &arn).await;
    assert_eq!(back.status.as_deref(), Some("ROLLBACK_IN_PROGRESS"));
    let why = back.status_reason.unwrap();
    assert!(why.contains("invalid networking configuration. One or more rules not found"), "{why}");
    for _ in 0..20 {
        turn(&world, &mut node).await;
    }
    let waiting = describe(&world).await;
    assert!(waiting.running_count >= Some(2), "whoever serves goes on: {}", gantry_wire::to_json(&waiting));
    let unable = "was unable to move traffic between its service revisions";
    let times =
        waiting.events.iter().flatten().filter(|event| event.message.as_ref().unwrap().contains(unable));
    assert_eq!(times.count(), 1, "it is said once, and tried again");

    // Another rule, and the service is told of it.
    let listener = site.rule.rsplit_once('/').unwrap().0.replace(":listener-rule/", ":listener/");
    let condition = elbv2::RuleCondition {
        field: Some("path-pattern".into()),
        values: Some(vec!["/*".into()]),
        ..Default::default()
    };
    let input = elbv2::CreateRuleInput {
        listener_arn: listener,
        priority: 1,
        conditions: vec![condition],
        actions: vec![forward(&site.blue)],
        ..Default::default()
    };
    let made = world.call::<elbv2::CreateRule>(input).await.unwrap().rules.unwrap().remove(0);
    let site = Site { rule: made.rule_arn.unwrap(), ..site };
    let mut load_balancer = site.load_balancer();
    load_balancer.advanced_configuration.as_mut().unwrap().test_listener_rule = None;
    let input = api::UpdateServiceRequest {
        service: "shop".into(),
        load_balancers: Some(vec![load_balancer]),
        ..Default::default()
    };
    world.call::<api::UpdateService>(input).await.unwrap();
    settled(&world, &mut node).await;
    assert_eq!(site.production(&world).await, (0, 100));
    assert_eq!(describe(&world).await.running_count, Some(2));
}

#[tokio::test]
async fn a_target_group_that_somebody_deletes_is_told_of_once() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    register(&world).await;
    let site = site(&world).await;
    world.call::<api::CreateService>(rolled(&site, json!({}))).await.unwrap();
    settled(&world, &mut node).await;
    let all = world.call::<elbv2::DescribeLoadBalancers>(Default::default()).await.unwrap();
    for of in all.load_balancers.unwrap() {
        let input = elbv2::DeleteLoadBalancerInput { load_balancer_arn: of.load_balancer_arn.unwrap() };
        world.call::<elbv2::DeleteLoadBalancer>(input).await.unwrap();
    }
    let input = elbv2::DeleteTargetGroupInput { target_group_arn: site.blue.clone() };
    world.call::<elbv2::DeleteTargetGroup>(input).await.unwrap();
    until(&world, &mut node, "that it is gone", "", |service, _| {
        said(service, "failed to register targets in (target-group ")
    })
    .await;
    for _ in 0..40 {
        turn(&world, &mut node).await;
    }
    let service = describe(&world).await;
    let events = service.events.iter().flatten().filter_map(|event| event.message.as_deref());
    assert_eq!(events.filter(|what| what.contains("failed to register targets")).count(), 1);
    assert_eq!(service.running_count, Some(2), "its tasks go on");
}

#[tokio::test]
async fn a_dynamic_host_port_is_checked_at_the_port_of_traffic_alone() {
    let world = World::new();
    let site = site(&world).await;
    world
        .register(json!({
            "family": "web", "networkMode": "bridge",
            "containerDefinitions": [{"name": "app", "image": "busybox:1.36", "memory": 128,
                "portMappings": [{"containerPort": 80}, {"containerPort": 81, "hostPort": 8081}]}],
        }))
        .await;
    let input = elbv2::CreateTargetGroupInput {
        name: "machines".into(),
        protocol: Some("HTTP".into()),
        port: Some(80),
        vpc_id: Some("vpc-1".into()),
        health_check_port: Some("9000".into()),
        ..Default::default()
    };
    let made = world.call::<elbv2::CreateTargetGroup>(input).await.unwrap().target_groups.unwrap().remove(0);
    let group = made.target_group_arn.unwrap();
    let input = elbv2::ModifyListenerInput {
        listener_arn: site.test.clone(),
        default_actions: Some(vec![forward(&group)]),
        ..Default::default()
    };
    world.call::<elbv2::ModifyListener>(input).await.unwrap();

    let behind = |port: i32| {
        let mut input = rolled(&site, json!({}));
        (input.launch_type, input.network_configuration) = (Some("EC2".into()), None);
        let one = &mut input.load_balancers.as_mut().unwrap()[0];
        (one.target_group_arn, one.container_port) = (Some(group.clone()), Some(port));
        input
    };
    let refused = world.refused::<api::CreateService>(behind(80)).await;
    assert_eq!(refused.code, "InvalidParameterException");
    assert_eq!(
        refused.message,
        format!(
            "The task definition is configured to use a dynamic host port, but the target group with targetGroupArn \
             {group} has a health check port specified."
        )
    );
    world.call::<api::CreateService>(behind(81)).await.unwrap();
}
