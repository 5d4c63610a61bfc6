//! Services and their deployments, with simulated nodes.

use std::time::Duration;

use gantry_api_ecs as api;
use gantry_node_proto::v1::{HealthStatus, ReasonCode};
use serde_json::json;

use crate::node::{SimNode, running, stopped};
use crate::world::World;

/// Two of `web` on Fargate.
pub(crate) fn web(world: &World) -> api::CreateServiceRequest {
    let run = world.run_web();
    api::CreateServiceRequest {
        service_name: "shop".into(),
        task_definition: Some(run.task_definition),
        launch_type: run.launch_type,
        network_configuration: run.network_configuration,
        desired_count: Some(2),
        ..Default::default()
    }
}

pub(crate) async fn create(world: &World, input: api::CreateServiceRequest) -> api::Service {
    world.call::<api::CreateService>(input).await.unwrap().service.unwrap()
}

pub(crate) async fn describe(world: &World) -> api::Service {
    let input = api::DescribeServicesRequest {
        services: vec!["shop".into()],
        include: Some(vec!["TAGS".into()]),
        ..Default::default()
    };
    world.call::<api::DescribeServices>(input).await.unwrap().services.unwrap().remove(0)
}

/// The service once that holds of it. Time goes on meanwhile.
pub(crate) async fn until(world: &World, what: &str, fits: impl Fn(&api::Service) -> bool) -> api::Service {
    for _ in 0..4_000 {
        let service = describe(world).await;
        if fits(&service) {
            return service;
        }
        world.clock.advance(Duration::from_millis(100));
        tokio::time::sleep(Duration::from_millis(5)).await;
        nudge(world).await;
    }
    panic!("{what} does not come: {}", gantry_wire::to_json(&describe(world).await));
}

/// Loops sleep by the real clock while the test's goes on: a change has them look.
pub(crate) async fn nudge(world: &World) {
    let input = api::UpdateServiceRequest { service: "shop".into(), ..Default::default() };
    let _ = world.call::<api::UpdateService>(input).await;
}

pub(crate) async fn tasks(world: &World, desired: &str) -> Vec<String> {
    let input = api::ListTasksRequest {
        service_name: Some("shop".into()),
        desired_status: Some(desired.into()),
        ..Default::default()
    };
    world.call::<api::ListTasks>(input).await.unwrap().task_arns.unwrap()
}

/// Runs every task that the node shall have, until so many run.
pub(crate) async fn run_all(world: &World, node: &mut SimNode, count: i32) -> api::Service {
    for _ in 0..2_000 {
        for arn in tasks(world, "RUNNING").await {
            let task = world.describe(&arn).await;
            if task.last_status.as_deref() == Some("PENDING") && task.connectivity.is_some() {
                node.report(vec![running(&arn)]).await;
            }
        }
        let service = describe(world).await;
        if service.running_count == Some(count) && service.pending_count == Some(0) {
            return service;
        }
        world.clock.advance(Duration::from_millis(100));
        tokio::time::sleep(Duration::from_millis(5)).await;
        nudge(world).await;
    }
    panic!("{count} do not run: {}", gantry_wire::to_json(&describe(world).await));
}

/// Stops what shall stop.
pub(crate) async fn stop_all(world: &World, node: &mut SimNode) {
    for arn in tasks(world, "STOPPED").await {
        if world.describe(&arn).await.last_status.as_deref() != Some("STOPPED") {
            node.report(vec![stopped(&arn, 0, ReasonCode::StopDesired)]).await;
        }
    }
}

pub(crate) fn said(service: &api::Service, what: &str) -> bool {
    service.events.iter().flatten().any(|event| event.message.as_ref().unwrap().contains(what))
}

fn rollout(service: &api::Service) -> (&str, &str) {
    let primary = &service.deployments.as_ref().unwrap()[0];
    (primary.rollout_state.as_deref().unwrap(), primary.rollout_state_reason.as_deref().unwrap())
}

#[tokio::test]
async fn a_service_is_made_runs_scales_and_ends() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    world.register_web().await;
    let tag = api::Tag { key: Some("team".into()), value: Some("shop".into()) };
    let input = api::CreateServiceRequest {
        tags: Some(vec![tag]),
        enable_ecs_managed_tags: Some(true),
        propagate_tags: Some("SERVICE".into()),
        client_token: Some("once".into()),
        ..web(&world)
    };
    let made = create(&world, input.clone()).await;
    assert_eq!(made.service_arn.as_deref(), Some("arn:aws:ecs:us-east-1:123456789012:service/default/shop"));
    assert_eq!(
        (made.status.as_deref(), made.desired_count, made.running_count),
        (Some("ACTIVE"), Some(2), Some(0))
    );
    assert_eq!(made.platform_version.as_deref(), Some("LATEST"));
    assert_eq!(rollout(&made).0, "IN_PROGRESS");
    let again = create(&world, input).await;
    assert_eq!(again.created_at, made.created_at, "the same request again");
    let other = world.refused::<api::CreateService>(web(&world)).await;
    assert_eq!(
        (other.code.as_ref(), other.message.as_str()),
        ("InvalidParameterException", "Creation of service was not idempotent.")
    );

    run_all(&world, &mut node, 2).await;
    let service = until(&world, "a steady state", |one| rollout(one).0 == "COMPLETED").await;
    let id = service.deployments.as_ref().unwrap()[0].id.clone().unwrap();
    assert!(id.starts_with("ecs-svc/"));
    assert_eq!(rollout(&service).1, format!("ECS deployment {id} completed."));
    for what in [
        "has started 2 tasks: (task ",
        &format!("(deployment {id}) deployment completed."),
        "has reached a steady state.",
    ] {
        assert!(said(&service, what), "{what}: {:?}", service.events.as_ref().map(Vec::len));
    }
    let task = world.describe(&tasks(&world, "RUNNING").await[0]).await;
    assert_eq!(
        (task.group.as_deref(), task.started_by.as_deref()),
        (Some("service:shop"), Some(id.as_str()))
    );
    let tags: Vec<_> =
        task.tags.unwrap().into_iter().map(|tag| (tag.key.unwrap(), tag.value.unwrap())).collect();
    let of = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let expected =
        [of("team", "shop"), of("aws:ecs:clusterName", "default"), of("aws:ecs:serviceName", "shop")];
    assert_eq!(tags, expected);

    let clusters = world.call::<api::DescribeClusters>(Default::default()).await.unwrap().clusters.unwrap();
    assert_eq!(clusters[0].active_services_count, Some(1));
    let listed = world.call::<api::ListServices>(Default::default()).await.unwrap().service_arns.unwrap();
    assert_eq!(listed, [service.service_arn.clone().unwrap()]);
    let delete = |force| api::DeleteServiceRequest { service: "shop".into(), force, ..Default::default() };
    let refused = world.refused::<api::DeleteService>(delete(None)).await;
    assert_eq!(refused.message, "The service cannot be stopped while it is scaled above 0.");
    let cluster = api::DeleteClusterRequest { cluster: "default".into() };
    let refused = world.refused::<api::DeleteCluster>(cluster).await;
    assert_eq!(refused.code, "ClusterContainsServicesException");

    let scale =
        api::UpdateServiceRequest { service: "shop".into(), desired_count: Some(1), ..Default::default() };
    world.call::<api::UpdateService>(scale).await.unwrap();
    until(&world, "one less", |one| said(one, "has stopped 1 running tasks: (task ")).await;
    let task = world.describe(&tasks(&world, "STOPPED").await[0]).await;
    assert_eq!(task.stop_code.as_deref(), Some("ServiceSchedulerInitiated"));
    assert_eq!(task.stopped_reason, Some(format!("Scaling activity initiated by (deployment {id})")));
    stop_all(&world, &mut node).await;

    let gone = world.call::<api::DeleteService>(delete(Some(true))).await.unwrap().service.unwrap();
    assert_eq!((gone.status.as_deref(), gone.desired_count), (Some("DRAINING"), Some(0)));
    let listed = world.call::<api::ListServices>(Default::default()).await.unwrap().service_arns.unwrap();
    assert!(listed.is_empty(), "one that drains is described, but not listed");
    let draining = world.refused::<api::CreateService>(web(&world)).await;
    assert_eq!(draining.message, "Unable to Start a service that is still Draining.");
    for _ in 0..2_000 {
        stop_all(&world, &mut node).await;
        if describe(&world).await.status.as_deref() == Some("INACTIVE") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let gone = describe(&world).await;
    assert_eq!((gone.status.as_deref(), gone.deployments.unwrap().len()), (Some("INACTIVE"), 0));
    let listed = world.call::<api::ListServices>(Default::default()).await.unwrap().service_arns.unwrap();
    assert!(listed.is_empty());
    let late =
        api::UpdateServiceRequest { service: "shop".into(), desired_count: Some(1), ..Default::default() };
    assert_eq!(world.refused::<api::UpdateService>(late).await.code, "ServiceNotActiveException");
    create(&world, web(&world)).await;
}

#[tokio::test]
async fn a_task_that_ends_is_replaced() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    world.register_web().await;
    create(&world, web(&world)).await;
    run_all(&world, &mut node, 2).await;
    until(&world, "a steady state", |one| rollout(one).0 == "COMPLETED").await;
    let before = tasks(&world, "RUNNING").await;
    node.report(vec![stopped(&before[0], 1, ReasonCode::EssentialContainerExited)]).await;
    run_all(&world, &mut node, 2).await;
    let after = tasks(&world, "RUNNING").await;
    assert!(after.contains(&before[1]) && !after.contains(&before[0]));
}

#[tokio::test]
async fn a_new_definition_is_rolled_out_and_recorded() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    world.register_web().await;
    create(&world, web(&world)).await;
    run_all(&world, &mut node, 2).await;
    until(&world, "a steady state", |one| rollout(one).0 == "COMPLETED").await;
    let old = tasks(&world, "RUNNING").await;
    world.register_web().await;
    let update = api::UpdateServiceRequest {
        service: "shop".into(),
        task_definition: Some("web".into()),
        ..Default::default()
    };
    let updated = world.call::<api::UpdateService>(update.clone()).await.unwrap().service.unwrap();
    let deployments = updated.deployments.as_ref().unwrap();
    assert_eq!(deployments.len(), 2);
    assert!(deployments[0].task_definition.as_ref().unwrap().ends_with("/web:2"));
    assert_eq!((deployments[1].status.as_deref(), deployments[1].running_count), (Some("ACTIVE"), Some(2)));
    let running = updated.current_service_deployment.clone().expect("a deployment under way");

    for _ in 0..2_000 {
        for arn in tasks(&world, "RUNNING").await {
            if world.describe(&arn).await.last_status.as_deref() == Some("PENDING") {
                node.report(vec![crate::node::running(&arn)]).await;
            }
        }
        stop_all(&world, &mut node).await;
        world.clock.advance(Duration::from_millis(100));
        nudge(&world).await;
        if describe(&world).await.deployments.unwrap().len() == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let done = describe(&world).await;
    assert_eq!(rollout(&done).0, "COMPLETED");
    assert!(done.task_definition.unwrap().ends_with("/web:2"));
    assert!(tasks(&world, "RUNNING").await.iter().all(|arn| !old.contains(arn)));

    let list = api::ListServiceDeploymentsRequest { service: "shop".into(), ..Default::default() };
    let listed = world.call::<api::ListServiceDeployments>(list).await.unwrap().service_deployments.unwrap();
    let statuses: Vec<_> = listed.iter().map(|one| one.status.clone().unwrap()).collect();
    assert_eq!(statuses, ["SUCCESSFUL", "SUCCESSFUL"]);
    assert_eq!(listed[0].service_deployment_arn.as_ref(), Some(&running));
    let ask = api::DescribeServiceDeploymentsRequest { service_deployment_arns: vec![running] };
    let found =
        world.call::<api::DescribeServiceDeployments>(ask).await.unwrap().service_deployments.unwrap();
    let target = found[0].target_service_revision.as_ref().unwrap().arn.clone().unwrap();
    assert_eq!(found[0].source_service_revisions.as_ref().unwrap().len(), 1);
    let ask = api::DescribeServiceRevisionsRequest { service_revision_arns: vec![target] };
    let revisions =
        world.call::<api::DescribeServiceRevisions>(ask).await.unwrap().service_revisions.unwrap();
    assert!(revisions[0].task_definition.as_ref().unwrap().ends_with("/web:2"));
    // Nothing new, no deployment; unless it is forced.
    let same = world.call::<api::UpdateService>(update.clone()).await.unwrap().service.unwrap();
    assert_eq!(same.deployments.unwrap().len(), 1);
    let forced = api::UpdateServiceRequest { force_new_deployment: Some(true), ..update };
    let forced = world.call::<api::UpdateService>(forced).await.unwrap().service.unwrap();
    assert_eq!(forced.deployments.unwrap().len(), 2);
}

#[tokio::test]
async fn a_deployment_whose_tasks_fail_is_gone_back_from() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    world.register_web().await;
    let breaker = api::DeploymentCircuitBreaker { enable: true, rollback: true, ..Default::default() };
    let configuration =
        api::DeploymentConfiguration { deployment_circuit_breaker: Some(breaker), ..Default::default() };
    create(
        &world,
        api::CreateServiceRequest { deployment_configuration: Some(configuration), ..web(&world) },
    )
    .await;
    run_all(&world, &mut node, 2).await;
    until(&world, "a steady state", |one| rollout(one).0 == "COMPLETED").await;
    let good = tasks(&world, "RUNNING").await;
    world.register_web().await;
    let update = api::UpdateServiceRequest {
        service: "shop".into(),
        task_definition: Some("web".into()),
        ..Default::default()
    };
    world.call::<api::UpdateService>(update).await.unwrap();
    for _ in 0..4_000 {
        for arn in tasks(&world, "RUNNING").await {
            let pending = world.describe(&arn).await.last_status.as_deref() == Some("PENDING");
            if pending && !good.contains(&arn) {
                node.report(vec![stopped(&arn, 1, ReasonCode::CannotPullContainer)]).await;
            }
        }
        stop_all(&world, &mut node).await;
        world.clock.advance(Duration::from_millis(200));
        nudge(&world).await;
        let service = describe(&world).await;
        if said(&service, "rolling back to (deployment ") && rollout(&service).0 == "COMPLETED" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let service = describe(&world).await;
    assert_eq!(rollout(&service).0, "COMPLETED", "{}", gantry_wire::to_json(&service));
    assert!(service.task_definition.as_ref().unwrap().ends_with("/web:1"));
    assert!(said(&service, "deployment failed: tasks failed to start."));
    assert_eq!(tasks(&world, "RUNNING").await, good, "what ran runs on");
    let list = api::ListServiceDeploymentsRequest { service: "shop".into(), ..Default::default() };
    let listed = world.call::<api::ListServiceDeployments>(list).await.unwrap().service_deployments.unwrap();
    assert_eq!(listed[0].status.as_deref(), Some("ROLLBACK_SUCCESSFUL"));
}

#[tokio::test]
async fn a_task_that_fails_its_check_is_a_failure_once_it_is_stopped() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    world.register_checked(json!([])).await;
    let one_at_a_time = api::DeploymentConfiguration {
        minimum_healthy_percent: Some(0),
        maximum_percent: Some(100),
        ..Default::default()
    };
    let input = api::CreateServiceRequest {
        desired_count: Some(1),
        deployment_configuration: Some(one_at_a_time),
        ..web(&world)
    };
    create(&world, input).await;
    run_all(&world, &mut node, 1).await;
    let arn = tasks(&world, "RUNNING").await.remove(0);
    let mut sick = running(&arn);
    sick.health = HealthStatus::Unhealthy.into();
    sick.containers[0].health = HealthStatus::Unhealthy.into();
    node.report(vec![sick]).await;
    let id = arn.rsplit('/').next().unwrap();
    let words = format!("(service shop) (task {id}) failed container health checks.");
    let service = until(&world, "the end of the task", |one| said(one, &words)).await;
    assert_eq!(service.deployments.unwrap()[0].failed_tasks, Some(1), "before the node has stopped it");
    stop_all(&world, &mut node).await;
    world.until(&arn, "STOPPED").await;
    run_all(&world, &mut node, 1).await;
    assert_eq!(describe(&world).await.deployments.unwrap()[0].failed_tasks, Some(1), "it is counted once");
}

#[tokio::test]
async fn tasks_that_ran_and_ended_are_started_again_with_short_pauses() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    world.register_web().await;
    create(&world, api::CreateServiceRequest { desired_count: Some(1), ..web(&world) }).await;
    for _ in 0..6 {
        run_all(&world, &mut node, 1).await;
        let arn = tasks(&world, "RUNNING").await.remove(0);
        node.report(vec![stopped(&arn, 1, ReasonCode::EssentialContainerExited)]).await;
        world.until(&arn, "STOPPED").await;
    }
    let service = run_all(&world, &mut node, 1).await;
    assert!(!said(&service, "is unable to consistently start tasks"), "AWS says that of what never runs");
}

#[tokio::test]
async fn what_no_node_takes_is_told() {
    let world = World::new();
    world.register_web().await;
    create(&world, web(&world)).await;
    let service =
        until(&world, "a word", |one| said(one, "was unable to place a task. Reason: Capacity")).await;
    assert_eq!((service.running_count, service.pending_count), (Some(0), Some(0)));
    let mut node = SimNode::join(&world, "node-1").await;
    run_all(&world, &mut node, 2).await;
}

#[tokio::test]
async fn a_daemon_is_on_every_instance() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    world
        .register(json!({"family": "agent", "containerDefinitions": [
        {"name": "app", "image": "busybox", "memory": 64, "cpu": 10}]}))
        .await;
    let input = api::CreateServiceRequest {
        service_name: "shop".into(),
        task_definition: Some("agent".into()),
        scheduling_strategy: Some("DAEMON".into()),
        ..Default::default()
    };
    let counted = api::CreateServiceRequest { desired_count: Some(1), ..input.clone() };
    assert!(
        world
            .refused::<api::CreateService>(counted)
            .await
            .message
            .starts_with("The daemon scheduling strategy")
    );
    let over = api::DeploymentConfiguration { maximum_percent: Some(200), ..Default::default() };
    let over = api::CreateServiceRequest { deployment_configuration: Some(over), ..input.clone() };
    let error = world.refused::<api::CreateService>(over).await;
    assert!(error.message.contains("does not support values above 100 for maximumPercent"));
    let role = api::CreateServiceRequest { role: Some("ecsServiceRole".into()), ..input.clone() };
    let error = world.refused::<api::CreateService>(role).await;
    assert_eq!(error.message, "IAM roles are only valid for services configured to use load balancers.");
    create(&world, input).await;
    let service = run_all(&world, &mut node, 1).await;
    assert_eq!((service.scheduling_strategy.as_deref(), service.desired_count), (Some("DAEMON"), Some(1)));
}

#[tokio::test]
async fn two_callers_at_once_make_one_service() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    world.register_web().await;
    let (a, b) = (web(&world), web(&world));
    let (a, b) = tokio::join!(world.call::<api::CreateService>(a), world.call::<api::CreateService>(b));
    assert_eq!(a.is_ok() as u8 + b.is_ok() as u8, 1);
    let service = run_all(&world, &mut node, 2).await;
    assert_eq!(service.running_count, Some(2));
    assert_eq!(tasks(&world, "RUNNING").await.len(), 2);
}
