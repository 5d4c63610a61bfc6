//! Deployments that move traffic, over the load balancers' own service, with simulated nodes.

use std::time::Duration;

use gantry_api_ecs as api;
use gantry_api_elbv2 as elbv2;
use gantry_elb::loops::LoadBalancing;
use gantry_elb_core::health::Health;
use serde_json::json;

use gantry_node_proto::v1::ReasonCode;

use crate::node::{SimNode, running, stopped};
use crate::services::{describe, nudge, said, tasks};
use crate::world::{World, network};

const ROLE: &str = "arn:aws:iam::123456789012:role/balancers";

/// A load balancer with a rule for production and a listener for tests, and two target groups.
struct Site {
    blue: String,
    green: String,
    rule: String,
    test: String,
}

async fn group(world: &World, name: &str, delay: &str) -> String {
    let input = elbv2::CreateTargetGroupInput {
        name: name.into(),
        protocol: Some("HTTP".into()),
        port: Some(80),
        vpc_id: Some("vpc-1".into()),
        target_type: Some("ip".into()),
        ..Default::default()
    };
    let made = world.call::<elbv2::CreateTargetGroup>(input).await.unwrap().target_groups.unwrap().remove(0);
    let arn = made.target_group_arn.unwrap();
    let attribute = elbv2::TargetGroupAttribute {
        key: Some("deregistration_delay.timeout_seconds".into()),
        value: Some(delay.into()),
    };
    let input = elbv2::ModifyTargetGroupAttributesInput {
        target_group_arn: arn.clone(),
        attributes: vec![attribute],
    };
    world.call::<elbv2::ModifyTargetGroupAttributes>(input).await.unwrap();
    arn
}

fn forward(group: &str) -> elbv2::Action {
    elbv2::Action { r#type: "forward".into(), target_group_arn: Some(group.into()), ..Default::default() }
}

async fn site(world: &World) -> Site {
    world.roles.known.lock().unwrap().insert(ROLE.into());
    let input = elbv2::CreateLoadBalancerInput {
        name: "shop".into(),
        subnets: Some(vec!["subnet-a".into(), "subnet-b".into()]),
        ..Default::default()
    };
    let of = world.call::<elbv2::CreateLoadBalancer>(input).await.unwrap().load_balancers.unwrap().remove(0);
    let of = of.load_balancer_arn.unwrap();
    let (blue, green) = (group(world, "blue", "5").await, group(world, "green", "5").await);
    let mut listeners = Vec::new();
    for port in [80, 8080] {
        let input = elbv2::CreateListenerInput {
            load_balancer_arn: of.clone(),
            protocol: Some("HTTP".into()),
            port: Some(port),
            default_actions: vec![forward(&blue)],
            ..Default::default()
        };
        let made = world.call::<elbv2::CreateListener>(input).await.unwrap().listeners.unwrap().remove(0);
        listeners.push(made.listener_arn.unwrap());
    }
    let condition = elbv2::RuleCondition {
        field: Some("path-pattern".into()),
        values: Some(vec!["/*".into()]),
        ..Default::default()
    };
    let input = elbv2::CreateRuleInput {
        listener_arn: listeners[0].clone(),
        priority: 1,
        conditions: vec![condition],
        actions: vec![forward(&blue)],
        ..Default::default()
    };
    let made = world.call::<elbv2::CreateRule>(input).await.unwrap().rules.unwrap().remove(0);
    Site { blue, green, rule: made.rule_arn.unwrap(), test: listeners.remove(1) }
}

impl Site {
    /// The weights of the blue and the green group.
    fn weights(&self, actions: Option<Vec<elbv2::Action>>) -> (i32, i32) {
        let all = actions.unwrap().remove(0).forward_config.unwrap().target_groups.unwrap();
        let of = |arn: &String| {
            let found = all.iter().find(|one| one.target_group_arn.as_ref() == Some(arn));
            found.map_or(-1, |one| one.weight.unwrap_or(1))
        };
        (of(&self.blue), of(&self.green))
    }

    async fn production(&self, world: &World) -> (i32, i32) {
        let input =
            elbv2::DescribeRulesInput { rule_arns: Some(vec![self.rule.clone()]), ..Default::default() };
        let rule = world.call::<elbv2::DescribeRules>(input).await.unwrap().rules.unwrap().remove(0);
        self.weights(rule.actions)
    }

    async fn tested(&self, world: &World) -> (i32, i32) {
        let input = elbv2::DescribeListenersInput {
            listener_arns: Some(vec![self.test.clone()]),
            ..Default::default()
        };
        let listener =
            world.call::<elbv2::DescribeListeners>(input).await.unwrap().listeners.unwrap().remove(0);
        self.weights(listener.default_actions)
    }

    fn load_balancer(&self) -> api::LoadBalancer {
        api::LoadBalancer {
            target_group_arn: Some(self.blue.clone()),
            container_name: Some("app".into()),
            container_port: Some(80),
            advanced_configuration: Some(api::AdvancedConfiguration {
                alternate_target_group_arn: Some(self.green.clone()),
                production_listener_rule: Some(self.rule.clone()),
                test_listener_rule: Some(self.test.clone()),
                role_arn: Some(ROLE.into()),
            }),
            ..Default::default()
        }
    }
}

/// A new revision of `web`, with a port.
async fn register(world: &World) {
    world
        .register(json!({
            "family": "web", "networkMode": "awsvpc", "cpu": "256", "memory": "512",
            "requiresCompatibilities": ["FARGATE"],
            "containerDefinitions": [{"name": "app", "image": "busybox:1.36", "command": ["sleep", "60"],
                "portMappings": [{"containerPort": 80}]}],
        }))
        .await;
}

fn service(site: &Site, configuration: serde_json::Value) -> api::CreateServiceRequest {
    api::CreateServiceRequest {
        service_name: "shop".into(),
        task_definition: Some("web".into()),
        launch_type: Some("FARGATE".into()),
        network_configuration: Some(network(&["subnet-a"])),
        desired_count: Some(2),
        load_balancers: Some(vec![site.load_balancer()]),
        deployment_configuration: Some(gantry_wire::from_json(&configuration).unwrap()),
        ..Default::default()
    }
}

async fn update(world: &World) -> String {
    register(world).await;
    let input = api::UpdateServiceRequest {
        service: "shop".into(),
        task_definition: Some("web".into()),
        ..Default::default()
    };
    let made = world.call::<api::UpdateService>(input).await.unwrap().service.unwrap();
    made.current_service_deployment.expect("a deployment under way")
}

async fn deployment(world: &World, arn: &str) -> api::ServiceDeployment {
    let input = api::DescribeServiceDeploymentsRequest { service_deployment_arns: vec![arn.into()] };
    let found = world.call::<api::DescribeServiceDeployments>(input).await.unwrap();
    found.service_deployments.unwrap().remove(0)
}

/// Nodes and load balancers do what they do, and time goes on.
async fn turn(world: &World, node: &mut SimNode) {
    // A node that says nothing for long is cut off.
    node.report(Vec::new()).await;
    for arn in tasks(world, "RUNNING").await {
        let task = world.describe(&arn).await;
        if task.last_status.as_deref() == Some("PENDING") && task.connectivity.is_some() {
            node.report(vec![running(&arn)]).await;
        }
    }
    for arn in tasks(world, "STOPPED").await {
        if node.was_told_to_stop(&arn) && world.describe(&arn).await.last_status.as_deref() != Some("STOPPED")
        {
            node.report(vec![stopped(&arn, 0, ReasonCode::StopDesired)]).await;
        }
    }
    world.runner.once(&LoadBalancing::new(world.elb.clone())).await.unwrap();
    let configuration = world.elb.data_plane().configuration().borrow().clone();
    let mut known = gantry_elb_core::configuration::Known::new();
    for (arn, group) in &configuration.target_groups {
        for target in group.targets.iter().filter(|target| !target.draining) {
            let key = gantry_elb_core::configuration::TargetKey {
                group: arn.clone(),
                id: target.id.clone(),
                port: target.port,
            };
            known.insert(key, Health::healthy());
        }
    }
    world.elb.report(&known).await.unwrap();
    world.clock.advance(Duration::from_secs(1));
    tokio::time::sleep(Duration::from_millis(5)).await;
    nudge(world).await;
}

/// Goes on until that holds of the service and of its deployment.
async fn until(
    world: &World,
    node: &mut SimNode,
    what: &str,
    arn: &str,
    holds: impl Fn(&api::Service, Option<&api::ServiceDeployment>) -> bool,
) {
    for _ in 0..2_000 {
        let service = describe(world).await;
        let shown = match arn {
            "" => None,
            arn => Some(deployment(world, arn).await),
        };
        if holds(&service, shown.as_ref()) {
            return;
        }
        turn(world, node).await;
    }
    panic!("{what} does not come: {}", gantry_wire::to_json(&describe(world).await));
}

async fn settled(world: &World, node: &mut SimNode) {
    until(world, node, "its end", "", |service, _| {
        let all = service.deployments.as_ref().unwrap();
        all.len() == 1 && all[0].rollout_state.as_deref() == Some("COMPLETED")
    })
    .await;
}

fn at_stage(shown: Option<&api::ServiceDeployment>, stage: &str) -> bool {
    shown.unwrap().lifecycle_stage.as_deref() == Some(stage)
}

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
    let pause = json!({"targetType": "PAUSE", "lifecycleStages": ["PRE_SCALE_UP"]});
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
            "UnsupportedFeatureException",
            "lifecycleHooks",
        ),
        (json!({"bakeTimeInMinutes": 5}), "UnsupportedFeatureException", "bakeTimeInMinutes"),
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
    let mut plain = service(&site, json!({}));
    plain.service_name = "plain".into();
    plain.load_balancers.as_mut().unwrap()[0].advanced_configuration = None;
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
