//! Rolling deployments that pause at hooks, and are watched before they are over.

use gantry_api_ecs as api;
use gantry_node_proto::v1::HealthStatus;
use serde_json::json;

use crate::node::{SimNode, running};
use crate::services::{describe, said, tasks};
use crate::site::{at_stage, deployment, register, rolled, settled, site, turn, until, update};
use crate::world::World;

fn waits(shown: Option<&api::ServiceDeployment>) -> bool {
    let hooks = shown.unwrap().lifecycle_hook_details.iter().flatten();
    hooks.into_iter().any(|hook| hook.status.as_deref() == Some("AWAITING_ACTION"))
}

async fn answer(world: &World, arn: &str, action: &str) {
    let hook = deployment(world, arn).await.lifecycle_hook_details.unwrap().remove(0);
    let input = api::ContinueServiceDeploymentRequest {
        service_deployment_arn: arn.into(),
        hook_id: hook.hook_id.unwrap(),
        action: Some(action.into()),
    };
    world.call::<api::ContinueServiceDeployment>(input).await.unwrap();
}

#[tokio::test]
async fn a_rolling_deployment_waits_at_its_hooks_and_bakes_and_goes_back_as_it_is_told() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    register(&world).await;
    let site = site(&world).await;
    world.call::<api::CreateService>(rolled(&site, json!({}))).await.unwrap();
    settled(&world, &mut node).await;
    let configuration = json!({
        "bakeTimeInMinutes": 1,
        "lifecycleHooks": [{"targetType": "PAUSE", "lifecycleStages": ["PRE_SCALE_UP", "POST_SCALE_UP"]}],
    });
    let input = api::UpdateServiceRequest {
        service: "shop".into(),
        deployment_configuration: Some(gantry_wire::from_json(&configuration).unwrap()),
        ..Default::default()
    };
    let changed = world.call::<api::UpdateService>(input).await.unwrap().service.unwrap();
    let shown = changed.deployment_configuration.unwrap();
    assert_eq!((shown.strategy.as_deref(), shown.bake_time_in_minutes), (Some("ROLLING"), Some(1)));
    assert_eq!(shown.lifecycle_hooks.unwrap().len(), 1);
    assert!(changed.current_service_deployment.is_none(), "nothing is deployed by that alone");

    let arn = update(&world).await;
    until(&world, &mut node, "the first hook", &arn, |_, shown| waits(shown)).await;
    for _ in 0..10 {
        turn(&world, &mut node).await;
    }
    assert!(at_stage(Some(&deployment(&world, &arn).await), "PRE_SCALE_UP"));
    let held = describe(&world).await;
    let counts: Vec<_> =
        held.deployments.unwrap().into_iter().map(|one| (one.desired_count, one.running_count)).collect();
    assert_eq!(counts, [(Some(0), Some(0)), (Some(2), Some(2))], "nothing new before it is told");
    answer(&world, &arn, "CONTINUE").await;
    until(&world, &mut node, "the second hook", &arn, |_, shown| {
        at_stage(shown, "POST_SCALE_UP") && waits(shown)
    })
    .await;
    answer(&world, &arn, "CONTINUE").await;
    until(&world, &mut node, "the bake time", &arn, |_, shown| at_stage(shown, "BAKE_TIME")).await;
    let began = world.clock_now();
    assert_eq!(describe(&world).await.running_count, Some(2), "what was before is gone");
    settled(&world, &mut node).await;
    assert!(world.clock_now().since(began).as_secs() >= 50, "it is watched for a while");
    let done = deployment(&world, &arn).await;
    assert_eq!(done.status.as_deref(), Some("SUCCESSFUL"));
    let target = done.target_service_revision.unwrap();
    assert_eq!(target.requested_production_traffic_weight, None, "no traffic was moved");

    let arn = update(&world).await;
    until(&world, &mut node, "the first hook", &arn, |_, shown| waits(shown)).await;
    answer(&world, &arn, "ROLLBACK").await;
    settled(&world, &mut node).await;
    let back = deployment(&world, &arn).await;
    assert_eq!(back.status.as_deref(), Some("ROLLBACK_SUCCESSFUL"));
    let why = "Service deployment rolled back because PRE_SCALE_UP lifecycle hook(s) failed.";
    assert_eq!(back.status_reason.as_deref(), Some(why));
    assert!(describe(&world).await.task_definition.unwrap().ends_with("/web:2"));
}

#[tokio::test]
async fn a_rolling_deployment_is_a_success_once_enough_of_it_is_healthy() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    register(&world).await;
    let site = site(&world).await;
    let criteria = json!({"enable": true, "healthyPercent": 50, "sourceServiceRevisionCleanup": "DEFERRED"});
    let configuration = json!({"minimumHealthyPercent": 50, "earlySuccessCriteria": criteria});
    let made = world.call::<api::CreateService>(rolled(&site, configuration)).await.unwrap().service.unwrap();
    let shown = made.deployment_configuration.unwrap().early_success_criteria.unwrap();
    assert_eq!((shown.enable, shown.healthy_percent), (true, Some(50)));
    settled(&world, &mut node).await;
    let arn = update(&world).await;
    until(&world, &mut node, "success", &arn, |_, shown| {
        shown.unwrap().status.as_deref() == Some("SUCCESSFUL")
    })
    .await;
    assert_eq!(describe(&world).await.deployments.unwrap().len(), 1);
    // What was before goes, and all of it comes.
    until(&world, &mut node, "all of it", "", |service, _| {
        let current = &service.deployments.as_ref().unwrap()[0];
        (service.running_count, current.running_count) == (Some(2), Some(2))
    })
    .await;
    assert!(describe(&world).await.task_definition.unwrap().ends_with("/web:2"));
}

#[tokio::test]
async fn what_checks_of_containers_say_does_not_count_in_the_grace_period() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    world.register_checked(json!([{"containerPort": 80}])).await;
    let site = site(&world).await;
    let mut input = rolled(&site, json!({"minimumHealthyPercent": 0, "maximumPercent": 100}));
    input.desired_count = Some(1);
    input.health_check_grace_period_seconds = Some(60);
    world.call::<api::CreateService>(input).await.unwrap();
    until(&world, &mut node, "a task", "", |service, _| service.running_count == Some(1)).await;
    let arn = tasks(&world, "RUNNING").await.remove(0);
    let mut sick = running(&arn);
    sick.health = HealthStatus::Unhealthy.into();
    sick.containers[0].health = HealthStatus::Unhealthy.into();
    node.report(vec![sick]).await;
    let began = world.clock_now();
    until(&world, &mut node, "its end", "", |service, _| said(service, "has stopped 1 running tasks")).await;
    assert!(world.clock_now().since(began).as_secs() >= 30, "it has its time");
}
