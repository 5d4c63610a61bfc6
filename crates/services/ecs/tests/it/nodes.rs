//! Machines that join, and nodes that come and go.

use std::time::Duration;

use gantry_api_ecs as api;
use gantry_ecs::Place;
use gantry_ecs::membership::{MembershipError, Ticket};
use gantry_ecs::tables::enrolment::Terms;
use gantry_ecs::tables::task::LaunchType;
use gantry_node_proto::v1::DesiredStatus;
use serde_json::json;
use tonic::Code;

use crate::node::{SimNode, client, hello, running};
use crate::world::World;

fn terms(world: &World, launch: LaunchType, zone: &str) -> Terms {
    Terms {
        launch,
        place: Place { account: world.account(), region: "us-east-1".parse().unwrap() },
        cluster: "prod".into(),
        zone: format!("us-east-1{zone}"),
        attributes: [("rack".to_owned(), format!("rack-{zone}"))].into(),
        capacity_provider: None,
    }
}

fn token<'a>(id: &'a str, secret: &'a str) -> Ticket<'a> {
    Ticket::Token { id, secret }
}

/// A machine that has joined, and its name.
async fn joined(world: &World, launch: LaunchType, zone: &str) -> (SimNode, String) {
    let day = Duration::from_secs(86_400);
    let expires = world.clock_now() + day;
    let (id, secret) = world.ecs.new_node_token(terms(world, launch, zone), expires, 1).await.unwrap();
    let sign = |name: &str| Ok(format!("signed for {name}"));
    let (node, signed) = world.ecs.join_node(token(&id, &secret), "host", sign).await.unwrap();
    assert_eq!(signed, format!("signed for {node}"));
    (SimNode::join(world, &node).await, node)
}

async fn cluster(world: &World) {
    let input = api::CreateClusterRequest { cluster_name: Some("prod".into()), ..Default::default() };
    world.call::<api::CreateCluster>(input).await.unwrap();
    world
        .register(json!({"family": "job", "containerDefinitions": [
            {"name": "app", "image": "localhost:4566/job", "memory": 256, "cpu": 512}]}))
        .await;
}

async fn instances(world: &World) -> Vec<api::ContainerInstance> {
    let input = api::ListContainerInstancesRequest { cluster: Some("prod".into()), ..Default::default() };
    let arns =
        world.call::<api::ListContainerInstances>(input).await.unwrap().container_instance_arns.unwrap();
    if arns.is_empty() {
        return Vec::new();
    }
    let input = api::DescribeContainerInstancesRequest {
        cluster: Some("prod".into()),
        container_instances: arns,
        include: None,
    };
    world.call::<api::DescribeContainerInstances>(input).await.unwrap().container_instances.unwrap()
}

fn run(launch: &str) -> api::RunTaskRequest {
    api::RunTaskRequest {
        cluster: Some("prod".into()),
        task_definition: "job".into(),
        launch_type: Some(launch.into()),
        ..Default::default()
    }
}

async fn described(world: &World, arn: &str) -> api::Task {
    let input = api::DescribeTasksRequest {
        cluster: Some("prod".into()),
        tasks: vec![arn.into()],
        ..Default::default()
    };
    world.call::<api::DescribeTasks>(input).await.unwrap().tasks.unwrap().remove(0)
}

async fn until(world: &World, arn: &str, status: &str) -> api::Task {
    for _ in 0..4000 {
        let task = described(world, arn).await;
        if task.last_status.as_deref() == Some(status) {
            return task;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{:?} and not {status}", described(world, arn).await.last_status);
}

#[tokio::test]
async fn a_token_is_good_once_and_until_it_expires() {
    let world = World::still();
    let sign = |_: &str| Ok(());
    let terms = terms(&world, LaunchType::Ec2, "a");
    let expires = world.clock_now() + Duration::from_secs(60);
    let refused = world.ecs.new_node_token(terms.clone(), expires, 1).await.unwrap_err();
    assert!(matches!(refused, MembershipError::NoCluster(_)), "{refused}");
    cluster(&world).await;
    let (id, secret) = world.ecs.new_node_token(terms.clone(), expires, 1).await.unwrap();
    let wrong = world.ecs.join_node(token(&id, "0000"), "host", sign).await.unwrap_err();
    assert!(matches!(wrong, MembershipError::BadToken), "{wrong}");
    // A machine whose request can't be signed may come again.
    let unsigned =
        world.ecs.join_node(token(&id, &secret), "host", |_| Err::<(), _>("no request".to_owned())).await;
    assert!(matches!(unsigned.unwrap_err(), MembershipError::Refused(why) if why == "no request"));
    let (node, ()) = world.ecs.join_node(token(&id, &secret), "host", sign).await.unwrap();
    assert!(node.starts_with("i-"), "{node}");
    assert!(matches!(
        world.ecs.join_node(token(&id, &secret), "host", sign).await.unwrap_err(),
        MembershipError::BadToken
    ));

    let activation = |code| Ticket::Activation { id: "activation-1", code, cluster: "prod" };
    let (node, ()) = world.ecs.join_node(activation("code"), "host", sign).await.unwrap();
    assert!(node.starts_with("mi-"), "{node}");
    assert!(matches!(
        world.ecs.join_node(activation("other"), "host", sign).await.unwrap_err(),
        MembershipError::BadToken
    ));

    let (id, secret) = world.ecs.new_node_token(terms, expires, 2).await.unwrap();
    world.ecs.join_node(token(&id, &secret), "host", sign).await.unwrap();
    world.clock.advance(Duration::from_secs(60));
    assert!(world.ecs.join_node(token(&id, &secret), "host", sign).await.is_err(), "it has expired");
}

#[tokio::test]
async fn who_joined_is_a_container_instance_of_its_cluster_with_its_zone_and_attributes() {
    let world = World::new();
    cluster(&world).await;
    let (mut node, id) = joined(&world, LaunchType::Ec2, "b").await;
    let seen = instances(&world).await.remove(0);
    assert_eq!(seen.ec2_instance_id.as_deref(), Some(id.as_str()));
    assert_eq!((seen.status.as_deref(), seen.agent_connected), (Some("ACTIVE"), Some(true)));
    let attributes = seen.attributes.unwrap();
    let attribute =
        |name: &str| attributes.iter().find(|one| one.name == name).and_then(|one| one.value.clone());
    assert_eq!(attribute("ecs.availability-zone").as_deref(), Some("us-east-1b"));
    assert_eq!(attribute("rack").as_deref(), Some("rack-b"));

    // Another cluster has no part of it, and Fargate's pool neither.
    let elsewhere = api::RunTaskRequest { cluster: None, ..run("EC2") };
    assert_eq!(
        world.refused::<api::RunTask>(elsewhere).await.message,
        "No Container Instances were found in your cluster."
    );
    let task = world.run(run("EC2")).await.remove(0);
    assert_eq!(task.availability_zone, None, "it is placed in a moment");
    let sent = node.task(task.task_arn.as_deref().unwrap(), DesiredStatus::Running).await;
    let image = sent.containers[0].image.as_ref().unwrap();
    assert_eq!(image.registry_url, gantry_node_proto::ENDPOINT_MARK, "its way to Gantry is its own");
    let endpoint = sent.containers[0].environment.iter().find(|one| one.name == "AWS_ENDPOINT_URL").unwrap();
    assert_eq!(endpoint.value, "http://169.254.170.2:4566");
}

#[tokio::test]
async fn external_machines_take_tasks_for_them_alone() {
    let world = World::new();
    cluster(&world).await;
    let (mut node, id) = joined(&world, LaunchType::External, "a").await;
    assert!(id.starts_with("mi-"), "{id}");
    let answer = world.call::<api::RunTask>(run("EC2")).await.unwrap();
    let failure = answer.failures.unwrap().remove(0);
    assert_eq!(failure.detail.as_deref(), Some("does not serve the launch type EC2"));
    let task = world.run(run("EXTERNAL")).await.remove(0);
    assert_eq!(task.launch_type.as_deref(), Some("EXTERNAL"));
    let arn = task.task_arn.unwrap();
    let sent = node.task(&arn, DesiredStatus::Running).await;
    assert_eq!(sent.metadata.unwrap().launch_type, "EXTERNAL");

    let instance = instances(&world).await.remove(0).container_instance_arn.unwrap();
    let input = api::StartTaskRequest {
        cluster: Some("prod".into()),
        container_instances: vec![instance],
        task_definition: "job".into(),
        ..Default::default()
    };
    let started = world.call::<api::StartTask>(input).await.unwrap();
    assert_eq!(started.tasks.unwrap()[0].launch_type.as_deref(), Some("EXTERNAL"));
    let input = api::DescribeClustersRequest {
        clusters: Some(vec!["prod".into()]),
        include: Some(vec!["STATISTICS".into()]),
    };
    let cluster = world.call::<api::DescribeClusters>(input).await.unwrap().clusters.unwrap().remove(0);
    let pending = cluster.statistics.unwrap();
    let pending =
        pending.iter().find(|one| one.name.as_deref() == Some("pendingExternalTasksCount")).unwrap();
    assert_eq!(pending.value.as_deref(), Some("2"));
}

#[tokio::test]
async fn tasks_spread_over_three_zones_and_what_is_impossible_is_explained_node_by_node() {
    let world = World::new();
    cluster(&world).await;
    let mut nodes = Vec::new();
    for zone in ["a", "b", "c"] {
        nodes.push(joined(&world, LaunchType::Ec2, zone).await);
    }
    let spread = api::PlacementStrategy {
        r#type: Some("spread".into()),
        field: Some("attribute:ecs.availability-zone".into()),
    };
    let input = api::RunTaskRequest { count: Some(6), placement_strategy: Some(vec![spread]), ..run("EC2") };
    let arns: Vec<String> = world.run(input).await.into_iter().filter_map(|task| task.task_arn).collect();
    for (node, _) in &mut nodes {
        let desired = node.desired_when(|desired| desired.tasks.len() == 2).await;
        assert!(desired.tasks.iter().all(|task| arns.contains(&task.task_arn)));
    }

    let impossible = api::PlacementConstraint {
        r#type: Some("memberOf".into()),
        expression: Some("attribute:rack == rack-z".into()),
    };
    let input = api::RunTaskRequest { placement_constraints: Some(vec![impossible]), ..run("EC2") };
    let answer = world.call::<api::RunTask>(input).await.unwrap();
    let failures = answer.failures.unwrap();
    let mut said: Vec<_> = failures.iter().filter_map(|failure| failure.arn.clone()).collect();
    let mut all: Vec<_> =
        instances(&world).await.into_iter().filter_map(|one| one.container_instance_arn).collect();
    said.sort();
    all.sort();
    assert_eq!(said, all, "each instance is told of");
    let why = "does not meet the memberOf constraint attribute:rack == rack-z";
    for failure in failures {
        assert_eq!(failure.detail.as_deref(), Some(why));
    }
}

#[tokio::test]
async fn a_removed_node_loses_its_tasks_and_may_not_come_back() {
    let world = World::new();
    cluster(&world).await;
    let (mut node, id) = joined(&world, LaunchType::Ec2, "a").await;
    let arn = world.run(run("EC2")).await.remove(0).task_arn.unwrap();
    node.task(&arn, DesiredStatus::Running).await;
    node.report(vec![running(&arn)]).await;
    assert_eq!(world.ecs.node_states().await.unwrap()[0].tasks, 1);

    world.ecs.remove_node(&id).await.unwrap();
    let task = until(&world, &arn, "STOPPED").await;
    assert_eq!(task.stop_code.as_deref(), Some("InfrastructureHealth"));
    assert!(instances(&world).await.is_empty());
    assert!(world.ecs.node_states().await.unwrap().is_empty());
    let refused = SimNode::dial(client(&world).await, hello(&id)).await.err().expect("it was removed");
    assert_eq!(refused.code(), Code::PermissionDenied);
    assert!(matches!(world.ecs.remove_node(&id).await, Err(MembershipError::UnknownNode(_))));
}

#[tokio::test]
async fn a_node_that_is_cut_off_loses_its_tasks_in_a_bounded_time_and_doubles_nothing() {
    let world = World::new();
    cluster(&world).await;
    let (mut node, id) = joined(&world, LaunchType::Ec2, "a").await;
    let standalone = world.run(run("EC2")).await.remove(0).task_arn.unwrap();
    let input = api::CreateServiceRequest {
        cluster: Some("prod".into()),
        service_name: "web".into(),
        task_definition: Some("job".into()),
        desired_count: Some(1),
        launch_type: Some("EC2".into()),
        ..Default::default()
    };
    world.call::<api::CreateService>(input).await.unwrap();
    let desired = node.desired_when(|desired| desired.tasks.len() == 2).await;
    let service =
        desired.tasks.iter().find(|task| task.task_arn != standalone).expect("the other").task_arn.clone();
    node.report(vec![running(&standalone), running(&service)]).await;
    until(&world, &service, "RUNNING").await;

    // Cut off, and back within the time: nothing happens.
    drop(node);
    let mut node = SimNode::dial(client(&world).await, hello(&id)).await.unwrap();
    node.report_all(vec![running(&standalone), running(&service)]).await;
    drop(node);
    for _ in 0..400 {
        if !world.ecs.connected().open().contains(&id) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let (mut other, _) = joined(&world, LaunchType::Ec2, "b").await;
    world.clock.advance(Duration::from_secs(31));
    other.report(Vec::new()).await;
    let lost = until(&world, &service, "STOPPED").await;
    assert_eq!(lost.stop_code.as_deref(), Some("InfrastructureHealth"));
    assert_eq!(lost.stopped_reason, Some(format!("The node {id} that the task was placed on is gone.")));
    let desired = other.desired_when(|desired| desired.tasks.len() == 1).await;
    let again = desired.tasks[0].task_arn.clone();
    assert_ne!(again, service, "the service has another task, on the other node");
    other.report(vec![running(&again)]).await;
    let lost = until(&world, &standalone, "STOPPED").await;
    assert_eq!(lost.stop_code.as_deref(), Some("InfrastructureHealth"));
    assert_eq!(lost.stopped_reason, Some(format!("The node {id} that the task was placed on is gone.")));

    // It is back, with all that it had: the lost tasks are none of its any more.
    let mut node = SimNode::dial(client(&world).await, hello(&id)).await.unwrap();
    node.report_all(vec![running(&standalone), running(&service)]).await;
    let desired = node.desired().await;
    assert!(desired.tasks.is_empty(), "it ends what was lost");
    assert_eq!(described(&world, &service).await.last_status.as_deref(), Some("STOPPED"));
    assert_eq!(described(&world, &standalone).await.last_status.as_deref(), Some("STOPPED"));
    assert_eq!(described(&world, &again).await.last_status.as_deref(), Some("RUNNING"));
}

#[tokio::test]
async fn the_control_planes_own_node_may_be_slow_to_come_back() {
    let world = World::new();
    cluster(&world).await;
    let mut node = SimNode::join(&world, "node-1").await;
    let standalone = world.run(run("EC2")).await.remove(0).task_arn.unwrap();
    node.task(&standalone, DesiredStatus::Running).await;
    node.report(vec![running(&standalone)]).await;
    until(&world, &standalone, "RUNNING").await;
    drop(node);
    for _ in 0..400 {
        if world.ecs.connected().open().is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    world.clock.advance(Duration::from_secs(60));
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(described(&world, &standalone).await.last_status.as_deref(), Some("RUNNING"));
    world.clock.advance(Duration::from_secs(15 * 60));
    until(&world, &standalone, "STOPPED").await;
}
