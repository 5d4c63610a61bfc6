//! A service behind a load balancer with two target groups, whose deployments move traffic: what tests of it share.

use std::time::Duration;

use gantry_api_ecs as api;
use gantry_api_elbv2 as elbv2;
use gantry_elb::loops::LoadBalancing;
use gantry_elb_core::health::Health;
use gantry_node_proto::v1::ReasonCode;
use serde_json::json;

use crate::node::{SimNode, running, stopped};
use crate::services::{describe, nudge, tasks};
use crate::world::{World, network};

pub const ROLE: &str = "arn:aws:iam::123456789012:role/balancers";

/// A load balancer with a rule for production and a listener for tests, and two target groups.
pub struct Site {
    pub blue: String,
    pub green: String,
    pub rule: String,
    pub test: String,
}

/// A target group of that protocol, whose targets are drained for so many seconds.
pub async fn group(world: &World, name: &str, protocol: &str, delay: &str) -> String {
    let input = elbv2::CreateTargetGroupInput {
        name: name.into(),
        protocol: Some(protocol.into()),
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

pub fn forward(group: &str) -> elbv2::Action {
    elbv2::Action { r#type: "forward".into(), target_group_arn: Some(group.into()), ..Default::default() }
}

pub async fn site(world: &World) -> Site {
    world.roles.known.lock().unwrap().insert(ROLE.into());
    let input = elbv2::CreateLoadBalancerInput {
        name: "shop".into(),
        subnets: Some(vec!["subnet-a".into(), "subnet-b".into()]),
        ..Default::default()
    };
    let of = world.call::<elbv2::CreateLoadBalancer>(input).await.unwrap().load_balancers.unwrap().remove(0);
    let of = of.load_balancer_arn.unwrap();
    let (blue, green) = (group(world, "blue", "HTTP", "5").await, group(world, "green", "HTTP", "5").await);
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
    pub fn weights(&self, actions: Option<Vec<elbv2::Action>>) -> (i32, i32) {
        let all = actions.unwrap().remove(0).forward_config.unwrap().target_groups.unwrap();
        let of = |arn: &String| {
            let found = all.iter().find(|one| one.target_group_arn.as_ref() == Some(arn));
            found.map_or(-1, |one| one.weight.unwrap_or(1))
        };
        (of(&self.blue), of(&self.green))
    }

    pub async fn production(&self, world: &World) -> (i32, i32) {
        let input =
            elbv2::DescribeRulesInput { rule_arns: Some(vec![self.rule.clone()]), ..Default::default() };
        let rule = world.call::<elbv2::DescribeRules>(input).await.unwrap().rules.unwrap().remove(0);
        self.weights(rule.actions)
    }

    pub async fn tested(&self, world: &World) -> (i32, i32) {
        let input = elbv2::DescribeListenersInput {
            listener_arns: Some(vec![self.test.clone()]),
            ..Default::default()
        };
        let listener =
            world.call::<elbv2::DescribeListeners>(input).await.unwrap().listeners.unwrap().remove(0);
        self.weights(listener.default_actions)
    }

    pub fn load_balancer(&self) -> api::LoadBalancer {
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
pub async fn register(world: &World) {
    world
        .register(json!({
            "family": "web", "networkMode": "awsvpc", "cpu": "256", "memory": "512",
            "requiresCompatibilities": ["FARGATE"],
            "containerDefinitions": [{"name": "app", "image": "busybox:1.36", "command": ["sleep", "60"],
                "portMappings": [{"containerPort": 80}]}],
        }))
        .await;
}

pub fn service(site: &Site, configuration: serde_json::Value) -> api::CreateServiceRequest {
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

/// The same, whose traffic does not move between its groups.
pub fn rolled(site: &Site, configuration: serde_json::Value) -> api::CreateServiceRequest {
    let mut input = service(site, configuration);
    input.load_balancers.as_mut().unwrap()[0].advanced_configuration = None;
    input
}

pub async fn update(world: &World) -> String {
    register(world).await;
    let input = api::UpdateServiceRequest {
        service: "shop".into(),
        task_definition: Some("web".into()),
        ..Default::default()
    };
    let made = world.call::<api::UpdateService>(input).await.unwrap().service.unwrap();
    made.current_service_deployment.expect("a deployment under way")
}

pub async fn deployment(world: &World, arn: &str) -> api::ServiceDeployment {
    let input = api::DescribeServiceDeploymentsRequest { service_deployment_arns: vec![arn.into()] };
    let found = world.call::<api::DescribeServiceDeployments>(input).await.unwrap();
    found.service_deployments.unwrap().remove(0)
}

/// Nodes and load balancers do what they do, and time goes on.
pub async fn turn(world: &World, node: &mut SimNode) {
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
pub async fn until(
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

pub async fn settled(world: &World, node: &mut SimNode) {
    until(world, node, "its end", "", |service, _| {
        let all = service.deployments.as_ref().unwrap();
        all.len() == 1 && all[0].rollout_state.as_deref() == Some("COMPLETED")
    })
    .await;
}

pub fn at_stage(shown: Option<&api::ServiceDeployment>, stage: &str) -> bool {
    shown.unwrap().lifecycle_stage.as_deref() == Some(stage)
}
