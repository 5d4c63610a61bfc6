//! RunTask and what becomes of it.

use std::time::Duration;

use gantry_api_ecs as api;
use gantry_node_proto::v1::{DesiredStatus, ReasonCode};
use gantry_service::Failure;
use serde_json::json;

use crate::node::{SimNode, environment, running, stopped};
use crate::world::{START, World, network};

#[tokio::test]
async fn a_task_runs_and_ends_by_itself() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    world.register_web().await;
    let task = world.run(world.run_web()).await.remove(0);
    let arn = task.task_arn.unwrap();
    assert_eq!(task.last_status.as_deref(), Some("PROVISIONING"));
    assert_eq!(task.group.as_deref(), Some("family:web"));

    let desired = node.task(&arn, DesiredStatus::Running).await;
    assert_eq!(desired.containers[0].command, ["sleep", "60"]);
    let image = desired.containers[0].image.as_ref().unwrap();
    assert_eq!(
        (image.registry_url.as_str(), image.repository.as_str()),
        ("https://registry-1.docker.io", "library/busybox")
    );
    let env = environment(&desired.containers[0]);
    assert_eq!(env["AWS_ENDPOINT_URL"], "http://169.254.170.2:4566");
    assert_eq!((env["AWS_REGION"], env["AWS_EXECUTION_ENV"]), ("us-east-1", "AWS_ECS_FARGATE"));
    let interface = desired.network.unwrap().interface.unwrap();
    assert_eq!((interface.gateway.as_str(), interface.dns_servers[0].as_str()), ("172.31.0.1", "172.31.0.2"));
    let rules = &interface.security_groups[0];
    assert_eq!(rules.ingress[0].member_ipv4, std::slice::from_ref(&interface.private_ipv4));
    assert_eq!(rules.egress[0].ipv4_cidrs, ["0.0.0.0/0"]);
    let ways: Vec<_> = interface.routes.iter().map(|one| (one.destination.as_str(), one.way())).collect();
    assert_eq!(ways, [("0.0.0.0/0", gantry_node_proto::v1::Way::Internet)]);
    assert_eq!(interface.network_acl.as_ref().unwrap().ingress.len(), 1);

    let pending = world.until(&arn, "PENDING").await;
    assert_eq!(pending.connectivity.as_deref(), Some("CONNECTED"));
    node.report(vec![running(&arn)]).await;
    let task = world.until(&arn, "RUNNING").await;
    assert_eq!(task.availability_zone.as_deref(), Some("us-east-1a"));
    assert!(task.started_at.is_some() && task.pull_started_at.is_some());
    let details = task.attachments.unwrap().remove(0).details.unwrap();
    let named = |name: &str| {
        let one = details.iter().find(|one| one.name.as_deref() == Some(name)).unwrap();
        one.value.clone().unwrap()
    };
    assert_eq!(named("privateIPv4Address"), interface.private_ipv4);
    assert_eq!(named("networkInterfaceId"), interface.eni_id);

    node.report(vec![stopped(&arn, 3, ReasonCode::EssentialContainerExited)]).await;
    let task = world.until(&arn, "STOPPED").await;
    assert_eq!(task.stop_code.as_deref(), Some("EssentialContainerExited"));
    assert_eq!(task.stopped_reason.as_deref(), Some("Essential container in task exited"));
    assert_eq!(task.desired_status.as_deref(), Some("STOPPED"));
    assert_eq!(task.containers.unwrap()[0].exit_code, Some(3));
    assert!(task.stopped_at.is_some() && task.execution_stopped_at.is_some());
    assert_eq!(task.attachments.unwrap()[0].status.as_deref(), Some("DELETED"));
    assert!(world.siblings.interfaces.lock().unwrap().is_empty(), "the interface is gone");
    node.desired_when(|desired| desired.tasks.is_empty()).await;
}

#[tokio::test]
async fn a_user_stops_a_task_and_the_reason_is_kept() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    world.register_web().await;
    let arn = world.run(world.run_web()).await.remove(0).task_arn.unwrap();
    node.task(&arn, DesiredStatus::Running).await;
    node.report(vec![running(&arn)]).await;
    let stop = |reason: Option<&str>| api::StopTaskRequest {
        task: arn.clone(),
        reason: reason.map(str::to_owned),
        ..Default::default()
    };
    let long = world.refused::<api::StopTask>(stop(Some(&"x".repeat(256)))).await;
    assert_eq!(long.message, "Reason must be at most 255 characters long.");
    world.call::<api::StopTask>(stop(None)).await.unwrap();
    world.call::<api::StopTask>(stop(Some("too late"))).await.unwrap();
    node.task(&arn, DesiredStatus::Stopped).await;
    node.report(vec![stopped(&arn, 143, ReasonCode::StopDesired)]).await;
    let task = world.until(&arn, "STOPPED").await;
    assert_eq!(task.stop_code.as_deref(), Some("UserInitiated"));
    assert_eq!(task.stopped_reason.as_deref(), Some("Task stopped by user"));
    assert_eq!(task.containers.unwrap()[0].exit_code, Some(143));
}

#[tokio::test]
async fn a_task_that_no_node_has_stops_at_once() {
    let world = World::still();
    world.register_web().await;
    let _node = SimNode::join(&world, "node-1").await;
    let arn = world.run(world.run_web()).await.remove(0).task_arn.unwrap();
    let input = api::StopTaskRequest {
        task: arn.clone(),
        reason: Some("changed my mind".into()),
        ..Default::default()
    };
    let task = world.call::<api::StopTask>(input).await.unwrap().task.unwrap();
    assert_eq!(task.last_status.as_deref(), Some("STOPPED"));
    assert_eq!(task.stopped_reason.as_deref(), Some("changed my mind"));
}

#[tokio::test]
async fn what_waits_for_its_place_takes_room() {
    let world = World::still();
    let _node = SimNode::join(&world, "node-1").await;
    world.register_web().await;
    // Sixteen fit; nothing is placed meanwhile.
    let ten = || api::RunTaskRequest { count: Some(10), ..world.run_web() };
    let first = world.call::<api::RunTask>(ten()).await.unwrap();
    assert_eq!(first.tasks.unwrap().len(), 10);
    let second = world.call::<api::RunTask>(ten()).await.unwrap();
    assert_eq!((second.tasks.unwrap().len(), second.failures.unwrap().len()), (6, 4));
    let third = world.call::<api::RunTask>(ten()).await.unwrap();
    assert_eq!(third.failures.unwrap().len(), 10);
}

#[tokio::test]
async fn without_room_a_run_says_for_each_node_why() {
    let world = World::new();
    world.register_web().await;
    let answer = world.call::<api::RunTask>(world.run_web()).await.unwrap();
    assert!(answer.tasks.unwrap().is_empty());
    assert_eq!(answer.failures.unwrap()[0].detail.as_deref(), Some("there is no node"));

    let _node = SimNode::join(&world, "node-1").await;
    let document = json!({"family": "big", "containerDefinitions": [
        {"name": "a", "image": "x", "memory": 9000, "cpu": 10}]});
    world.register(document).await;
    let input = api::RunTaskRequest { task_definition: "big".into(), ..Default::default() };
    let failure = world.call::<api::RunTask>(input).await.unwrap().failures.unwrap().remove(0);
    assert_eq!(failure.reason.as_deref(), Some("RESOURCE:MEMORY"));
    assert_eq!(failure.detail.as_deref(), Some("has 8192 MiB free and the task needs 9000"));
    assert!(failure.arn.unwrap().contains(":container-instance/default/"));

    // What fits is run, the rest is told.
    let input = api::RunTaskRequest {
        count: Some(10),
        overrides: Some(api::TaskOverride {
            cpu: Some("1024".into()),
            memory: Some("2048".into()),
            ..Default::default()
        }),
        ..world.run_web()
    };
    let answer = world.call::<api::RunTask>(input).await.unwrap();
    assert_eq!((answer.tasks.unwrap().len(), answer.failures.unwrap().len()), (4, 6));
}

#[tokio::test]
async fn the_same_request_again_gives_the_same_tasks() {
    let world = World::new();
    let _node = SimNode::join(&world, "node-1").await;
    world.register_web().await;
    let input = api::RunTaskRequest { client_token: Some("once".into()), count: Some(2), ..world.run_web() };
    let first = world.run(input.clone()).await;
    let second = world.run(input.clone()).await;
    let arns = |tasks: &[api::Task]| -> Vec<_> { tasks.iter().map(|task| task.task_arn.clone()).collect() };
    assert_eq!(arns(&first), arns(&second));
    let other = api::RunTaskRequest { count: Some(1), ..input };
    let error = world.refused::<api::RunTask>(other).await;
    assert_eq!(error.code, "ConflictException");
    assert_eq!(error.fields[0].0, "resourceIds");
}

#[tokio::test]
async fn overrides_reach_the_container_and_are_shown() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    world.register_web().await;
    let pair =
        |name: &str, value: &str| api::KeyValuePair { name: Some(name.into()), value: Some(value.into()) };
    let container = api::ContainerOverride {
        name: Some("app".into()),
        command: Some(vec!["env".into()]),
        environment: Some(vec![pair("AWS_ENDPOINT_URL", "http://mine"), pair("A", "1")]),
        ..Default::default()
    };
    let input = api::RunTaskRequest {
        overrides: Some(api::TaskOverride {
            container_overrides: Some(vec![container]),
            ..Default::default()
        }),
        ..world.run_web()
    };
    let task = world.run(input.clone()).await.remove(0);
    let shown = task.overrides.unwrap().container_overrides.unwrap();
    assert_eq!(shown[0].command.as_deref(), Some(&["env".to_string()][..]));
    let desired = node.task(&task.task_arn.unwrap(), DesiredStatus::Running).await;
    assert_eq!(desired.containers[0].command, ["env"]);
    let env = environment(&desired.containers[0]);
    assert_eq!((env["AWS_ENDPOINT_URL"], env["A"]), ("http://mine", "1"));

    let mut wrong = input;
    wrong.overrides.as_mut().unwrap().container_overrides.as_mut().unwrap()[0].name = Some("web".into());
    let error = world.refused::<api::RunTask>(wrong).await;
    assert_eq!(error.message, "Override for container named web is not a container in the TaskDefinition.");
}

#[tokio::test]
async fn the_network_of_a_run_must_be_there() {
    let world = World::new();
    let _node = SimNode::join(&world, "node-1").await;
    world.register_web().await;
    let with = |network: Option<api::NetworkConfiguration>| api::RunTaskRequest {
        network_configuration: network,
        ..world.run_web()
    };
    let mut groups = network(&["subnet-a"]);
    groups.awsvpc_configuration.as_mut().unwrap().security_groups = Some(vec!["sg-none".into()]);
    for (network, message) in [
        (None, "Network Configuration must be provided when networkMode 'awsvpc' is specified."),
        (
            Some(network(&["subnet-none"])),
            "Error retrieving subnet information for [subnet-none]: The subnet ID 'subnet-none' does not exist \
             (ErrorCode: InvalidSubnetID.NotFound)",
        ),
        (Some(network(&["subnet-a", "subnet-other"])), "The subnets must all be in the same VPC."),
        (
            Some(groups),
            "Error retrieving security group information for [sg-none]: The security group 'sg-none' does not exist \
             (ErrorCode: InvalidGroup.NotFound)",
        ),
    ] {
        let error = world.refused::<api::RunTask>(with(network)).await;
        assert_eq!((error.code.as_ref(), error.message.as_str()), ("InvalidParameterException", message));
    }
}

#[tokio::test]
async fn a_full_subnet_is_passed_over_and_a_task_without_any_says_so() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    world.register_web().await;
    let both = api::RunTaskRequest {
        network_configuration: Some(network(&["subnet-full", "subnet-b"])),
        count: Some(4),
        ..world.run_web()
    };
    let tasks = world.run(both).await;
    node.desired_when(|desired| desired.tasks.len() == tasks.len()).await;
    let full =
        api::RunTaskRequest { network_configuration: Some(network(&["subnet-full"])), ..world.run_web() };
    let arn = world.run(full).await.remove(0).task_arn.unwrap();
    let task = world.until(&arn, "STOPPED").await;
    assert_eq!(task.stop_code.as_deref(), Some("TaskFailedToStart"));
    assert_eq!(
        task.stopped_reason.as_deref(),
        Some(
            "ResourceInitializationError: Unexpected EC2 error while attempting to Create Network Interface: \
             InsufficientFreeAddressesInSubnet: The subnet is full."
        )
    );
}

#[tokio::test]
async fn roles_must_be_passed_and_must_trust_tasks() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    world
        .register(json!({
            "family": "web", "networkMode": "awsvpc", "cpu": "256", "memory": "512", "taskRoleArn": "app",
            "requiresCompatibilities": ["FARGATE"],
            "containerDefinitions": [{"name": "app", "image": "busybox"}],
        }))
        .await;
    let error = world.refused::<api::RunTask>(world.run_web()).await;
    assert_eq!(error.code, "ClientException");
    let start = "ECS was unable to assume the role 'arn:aws:iam::123456789012:role/app' that was provided";
    assert!(error.message.starts_with(start), "{}", error.message);

    world.roles.known.lock().unwrap().insert("arn:aws:iam::123456789012:role/app".into());
    let user = world
        .user(r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ecs:*","Resource":"*"}}"#);
    let denied = world.handlers.call::<api::RunTask>(&user, world.run_web()).await;
    assert!(matches!(denied, Err(Failure::Denied(denial)) if &*denial.action == "iam:PassRole"));

    let arn = world.run(world.run_web()).await.remove(0).task_arn.unwrap();
    let desired = node.task(&arn, DesiredStatus::Running).await;
    let role = desired.task_role.unwrap();
    assert_eq!(role.role_arn, "arn:aws:iam::123456789012:role/app");
    assert!(!role.id.is_empty() && role.session_token == "token");

    // Half of their life later they are renewed under the same id.
    world.clock.advance(Duration::from_secs(3 * 3600 + 1));
    world.runner.once(&gantry_ecs::loops::renewal::Renewal::new(world.ecs.clone())).await.unwrap();
    let renewed = node.task(&arn, DesiredStatus::Running).await.task_role.unwrap();
    assert_eq!(renewed.id, role.id);
    assert!(renewed.access_key_id != role.access_key_id && renewed.expires_at_ms > role.expires_at_ms);
}

#[tokio::test]
async fn what_gantry_does_not_do_is_refused_by_name() {
    let world = World::new();
    let _node = SimNode::join(&world, "node-1").await;
    world
        .register(json!({"family": "router", "containerDefinitions": [{
            "name": "a", "image": "x", "memory": 64, "firelensConfiguration": {"type": "fluentbit"}}]}))
        .await;
    let input = api::RunTaskRequest { task_definition: "router".into(), ..Default::default() };
    let error = world.refused::<api::RunTask>(input).await;
    assert_eq!(error.code, "UnsupportedFeatureException");
    assert_eq!(error.message, "Gantry does not support: containerDefinitions[a].firelensConfiguration");
    world.register_web().await;
    let volume = api::TaskVolumeConfiguration { name: "v".into(), ..Default::default() };
    let input = api::RunTaskRequest { volume_configurations: Some(vec![volume]), ..world.run_web() };
    assert_eq!(world.refused::<api::RunTask>(input).await.code, "UnsupportedFeatureException");
}

#[tokio::test]
async fn stopped_tasks_are_described_for_an_hour_and_forgotten_after() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    world.register_web().await;
    let arn = world.run(world.run_web()).await.remove(0).task_arn.unwrap();
    node.task(&arn, DesiredStatus::Running).await;
    node.report(vec![stopped(&arn, 0, ReasonCode::EssentialContainerExited)]).await;
    let task = world.until(&arn, "STOPPED").await;
    assert_eq!(task.stopped_at, Some(START));
    let forget = gantry_ecs::loops::forgetting::Forget::new(world.ecs.clone());
    world.clock.advance(Duration::from_secs(3599));
    world.runner.once(&forget).await.unwrap();
    world.describe(&arn).await;
    world.clock.advance(Duration::from_secs(1));
    world.runner.once(&forget).await.unwrap();
    let input = api::DescribeTasksRequest { tasks: vec![arn], ..Default::default() };
    let answer = world.call::<api::DescribeTasks>(input).await.unwrap();
    assert_eq!(answer.failures.unwrap()[0].reason.as_deref(), Some("MISSING"));
}

#[tokio::test]
async fn tasks_are_listed_by_what_they_are() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    world.register_web().await;
    let by = |who: &str| api::RunTaskRequest { started_by: Some(who.into()), ..world.run_web() };
    let ann = world.run(by("ann")).await.remove(0).task_arn.unwrap();
    let bob = world.run(by("bob")).await.remove(0).task_arn.unwrap();
    let list = async |input: api::ListTasksRequest| {
        world.call::<api::ListTasks>(input).await.unwrap().task_arns.unwrap()
    };
    assert_eq!(list(Default::default()).await.len(), 2);
    let input = api::ListTasksRequest { started_by: Some("ann".into()), ..Default::default() };
    assert_eq!(list(input).await, std::slice::from_ref(&ann));
    let input = api::ListTasksRequest { launch_type: Some("EC2".into()), ..Default::default() };
    assert!(list(input).await.is_empty());
    node.desired_when(|desired| desired.tasks.len() == 2).await;
    node.report(vec![stopped(&bob, 0, ReasonCode::EssentialContainerExited)]).await;
    world.until(&bob, "STOPPED").await;
    let input = api::ListTasksRequest { desired_status: Some("STOPPED".into()), ..Default::default() };
    assert_eq!(list(input).await, [bob]);
    assert_eq!(list(Default::default()).await, [ann]);
}

#[tokio::test]
async fn every_change_of_a_task_is_told_in_the_outbox() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    world.register_web().await;
    let arn = world.run(world.run_web()).await.remove(0).task_arn.unwrap();
    node.task(&arn, DesiredStatus::Running).await;
    node.report(vec![running(&arn)]).await;
    node.report(vec![stopped(&arn, 0, ReasonCode::EssentialContainerExited)]).await;
    world.until(&arn, "STOPPED").await;
    let entries = world.db.outbox(gantry_ecs::EVENTS_TOPIC).next(100).await.unwrap();
    let mut statuses: Vec<String> = Vec::new();
    for entry in entries {
        let event: serde_json::Value = entry.decode().unwrap();
        assert_eq!(event["detail-type"], "ECS Task State Change");
        assert_eq!(event["resources"][0], arn.as_str());
        assert!(event["detail"]["createdAt"].as_str().unwrap().ends_with('Z'));
        statuses.push(event["detail"]["lastStatus"].as_str().unwrap().to_owned());
    }
    statuses.dedup();
    world.clock.advance(gantry_ecs::loops::EVENTS_FOR);
    let forget = gantry_ecs::loops::forgetting::Forget::new(world.ecs.clone());
    world.runner.once(&forget).await.unwrap();
    let left = world.db.outbox(gantry_ecs::EVENTS_TOPIC);
    let waiting = tokio::time::timeout(Duration::from_millis(50), left.next(1)).await;
    assert!(waiting.is_err(), "what nobody takes is dropped in the end");
    assert_eq!(statuses, ["PROVISIONING", "PENDING", "RUNNING", "DEPROVISIONING", "STOPPED"]);
}
