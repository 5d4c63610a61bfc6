//! Nodes as container instances, and the tasks that are placed on them.

use gantry_api_ecs as api;
use gantry_node_proto::v1::{DesiredStatus, ReasonCode};
use serde_json::json;

use crate::node::{SimNode, running, stopped};
use crate::world::World;

async fn cluster(world: &World, name: &str) {
    let input = api::CreateClusterRequest { cluster_name: Some(name.into()), ..Default::default() };
    let made = world.call::<api::CreateCluster>(input).await.unwrap().cluster.unwrap();
    assert_eq!(made.registered_container_instances_count, Some(0));
}

async fn job(world: &World) {
    world
        .register(json!({"family": "job", "containerDefinitions": [
            {"name": "app", "image": "busybox", "memory": 256, "cpu": 512}]}))
        .await;
}

fn run(cluster: &str) -> api::RunTaskRequest {
    api::RunTaskRequest {
        cluster: Some(cluster.into()),
        task_definition: "job".into(),
        launch_type: Some("EC2".into()),
        ..Default::default()
    }
}

async fn listed(world: &World, cluster: &str, filter: Option<&str>) -> Vec<String> {
    let input = api::ListContainerInstancesRequest {
        cluster: Some(cluster.into()),
        filter: filter.map(str::to_owned),
        ..Default::default()
    };
    world.call::<api::ListContainerInstances>(input).await.unwrap().container_instance_arns.unwrap()
}

async fn described(world: &World, cluster: &str, arn: &str) -> api::ContainerInstance {
    let input = api::DescribeContainerInstancesRequest {
        cluster: Some(cluster.into()),
        container_instances: vec![arn.into()],
        include: Some(vec!["TAGS".into(), "CONTAINER_INSTANCE_HEALTH".into()]),
    };
    world.call::<api::DescribeContainerInstances>(input).await.unwrap().container_instances.unwrap().remove(0)
}

fn number(resources: &[api::Resource], name: &str) -> i32 {
    let one = resources.iter().find(|one| one.name.as_deref() == Some(name)).unwrap();
    one.integer_value.unwrap()
}

async fn state(world: &World, arn: &str, status: &str) -> api::UpdateContainerInstancesStateResponse {
    let input = api::UpdateContainerInstancesStateRequest {
        cluster: Some("prod".into()),
        container_instances: vec![arn.into()],
        status: status.into(),
    };
    world.call::<api::UpdateContainerInstancesState>(input).await.unwrap()
}

#[tokio::test]
async fn a_node_comes_into_a_cluster_with_its_first_task_and_goes_with_it() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    cluster(&world, "prod").await;
    job(&world).await;
    assert!(listed(&world, "prod", None).await.is_empty());
    let task = world.run(run("prod")).await.remove(0);
    assert_eq!((task.last_status.as_deref(), task.launch_type.as_deref()), (Some("PENDING"), Some("EC2")));
    let arn = task.container_instance_arn.clone().unwrap();
    assert_eq!(listed(&world, "prod", None).await, std::slice::from_ref(&arn));

    let task_arn = task.task_arn.unwrap();
    node.task(&task_arn, DesiredStatus::Running).await;
    node.report(vec![running(&task_arn)]).await;
    let seen = described(&world, "prod", &arn).await;
    assert_eq!((seen.running_tasks_count, seen.status.as_deref()), (Some(1), Some("ACTIVE")));
    let id = seen.ec2_instance_id.unwrap();
    assert!(seen.agent_connected == Some(true) && id.starts_with("i-") && id.len() == 19, "{id}");
    assert_eq!(seen.health_status.unwrap().overall_status.as_deref(), Some("OK"));
    let (registered, remaining) = (seen.registered_resources.unwrap(), seen.remaining_resources.unwrap());
    assert_eq!((number(&registered, "CPU"), number(&remaining, "CPU")), (4096, 3584));
    assert_eq!((number(&registered, "MEMORY"), number(&remaining, "MEMORY")), (8192, 7936));

    // It goes with the cluster, as nobody registered it.
    let gone = api::DeleteClusterRequest { cluster: "prod".into() };
    assert_eq!(world.refused::<api::DeleteCluster>(gone.clone()).await.code, "ClusterContainsTasksException");
    node.report(vec![stopped(&task_arn, 0, ReasonCode::EssentialContainerExited)]).await;
    for _ in 0..1000 {
        let input = api::DescribeTasksRequest {
            cluster: Some("prod".into()),
            tasks: vec![task_arn.clone()],
            ..Default::default()
        };
        let task = world.call::<api::DescribeTasks>(input).await.unwrap().tasks.unwrap().remove(0);
        if task.last_status.as_deref() == Some("STOPPED") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    world.call::<api::DeleteCluster>(gone).await.unwrap();
}

#[tokio::test]
async fn a_node_that_was_registered_or_deregistered_stays_so() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    cluster(&world, "prod").await;
    job(&world).await;
    let register =
        api::RegisterContainerInstanceRequest { cluster: Some("prod".into()), ..Default::default() };
    let made = world.call::<api::RegisterContainerInstance>(register.clone()).await.unwrap();
    let arn = made.container_instance.unwrap().container_instance_arn.unwrap();
    let gone = api::DeleteClusterRequest { cluster: "prod".into() };
    assert_eq!(
        world.refused::<api::DeleteCluster>(gone).await.code,
        "ClusterContainsContainerInstancesException"
    );
    let task = world.run(run("prod")).await.remove(0);
    let deregister = |force: bool| api::DeregisterContainerInstanceRequest {
        cluster: Some("prod".into()),
        container_instance: arn.clone(),
        force: Some(force),
    };
    let error = world.refused::<api::DeregisterContainerInstance>(deregister(false)).await;
    assert_eq!(error.message, "Found running tasks on the instance.");
    let task_arn = task.task_arn.unwrap();
    node.task(&task_arn, DesiredStatus::Running).await;
    let ended = world.call::<api::DeregisterContainerInstance>(deregister(true)).await.unwrap();
    assert_eq!(ended.container_instance.unwrap().status.as_deref(), Some("INACTIVE"));
    node.task(&task_arn, DesiredStatus::Stopped).await;
    assert!(listed(&world, "prod", None).await.is_empty());
    assert_eq!(described(&world, "prod", &arn).await.status.as_deref(), Some("INACTIVE"));

    let error = world.refused::<api::RunTask>(run("prod")).await;
    assert_eq!(
        (error.code.as_ref(), error.message.as_str()),
        ("InvalidParameterException", "No Container Instances were found in your cluster.")
    );
    let again = world.call::<api::RegisterContainerInstance>(register).await.unwrap();
    let again = again.container_instance.unwrap().container_instance_arn.unwrap();
    assert_ne!(again, arn);
    assert_eq!(world.run(run("prod")).await[0].container_instance_arn.as_deref(), Some(again.as_str()));
}

#[tokio::test]
async fn constraints_and_draining_are_obeyed_and_refusals_say_so() {
    let world = World::new();
    let _one = SimNode::join(&world, "node-1").await;
    let _two = SimNode::join(&world, "node-2").await;
    cluster(&world, "prod").await;
    job(&world).await;
    let two = api::RunTaskRequest {
        count: Some(3),
        placement_constraints: Some(vec![api::PlacementConstraint {
            r#type: Some("distinctInstance".into()),
            expression: None,
        }]),
        ..run("prod")
    };
    let answer = world.call::<api::RunTask>(two).await.unwrap();
    let tasks = answer.tasks.unwrap();
    assert_eq!(tasks.len(), 2);
    assert_ne!(tasks[0].container_instance_arn, tasks[1].container_instance_arn);
    let failures = answer.failures.unwrap();
    assert_eq!(failures[0].reason.as_deref(), Some("DistinctInstance placement constraint unsatisfied."));

    let rivals = (0..8).map(|_| {
        world.call::<api::RunTask>(api::RunTaskRequest {
            placement_constraints: Some(vec![api::PlacementConstraint {
                r#type: Some("distinctInstance".into()),
                expression: None,
            }]),
            group: Some("rivals".into()),
            ..run("prod")
        })
    });
    let answers = futures::future::join_all(rivals).await;
    let placed: usize = answers.into_iter().map(|answer| answer.unwrap().tasks.unwrap().len()).sum();
    assert_eq!(placed, 2, "of those who look for room at once, no two get the same");

    let arns = listed(&world, "prod", None).await;
    let put = api::PutAttributesRequest {
        cluster: Some("prod".into()),
        attributes: vec![api::Attribute {
            name: "stack".into(),
            value: Some("prod".into()),
            target_type: None,
            target_id: Some(arns[0].clone()),
        }],
    };
    world.call::<api::PutAttributes>(put).await.unwrap();
    assert_eq!(listed(&world, "prod", Some("attribute:stack == prod")).await, arns[..1]);
    assert_eq!(listed(&world, "prod", Some("task:group == family:job")).await, arns);
    let named = api::ListAttributesRequest {
        cluster: Some("prod".into()),
        target_type: "container-instance".into(),
        attribute_name: Some("stack".into()),
        ..Default::default()
    };
    let attributes = world.call::<api::ListAttributes>(named).await.unwrap().attributes.unwrap();
    assert_eq!(attributes.len(), 1);
    assert_eq!(attributes[0].target_id.as_ref(), Some(&arns[0]));

    let member_of = |expression: &str| api::RunTaskRequest {
        placement_constraints: Some(vec![api::PlacementConstraint {
            r#type: Some("memberOf".into()),
            expression: Some(expression.into()),
        }]),
        ..run("prod")
    };
    let task = world.run(member_of("attribute:stack == prod")).await.remove(0);
    assert_eq!(task.container_instance_arn.as_ref(), Some(&arns[0]));
    let error = world.refused::<api::RunTask>(member_of("attribute:stack ==")).await;
    assert_eq!(error.code, "InvalidParameterException");

    let drained = state(&world, &arns[0], "DRAINING").await.container_instances.unwrap().remove(0);
    assert_eq!(drained.status.as_deref(), Some("DRAINING"));
    let answer = world.call::<api::RunTask>(member_of("attribute:stack == prod")).await.unwrap();
    let mut reasons: Vec<_> =
        answer.failures.unwrap().into_iter().filter_map(|failure| failure.reason).collect();
    reasons.sort();
    assert_eq!(reasons, ["INACTIVE", "MemberOf placement constraint unsatisfied."]);
    state(&world, &arns[0], "ACTIVE").await;
    world.run(member_of("attribute:stack == prod")).await;
}

#[tokio::test]
async fn a_task_is_started_where_it_was_asked_for() {
    let world = World::new();
    let mut two = SimNode::join(&world, "node-2").await;
    world.call::<api::CreateCluster>(Default::default()).await.unwrap();
    job(&world).await;
    // The default cluster has the nodes from its beginning.
    let arn = listed(&world, "default", None).await.remove(0);
    let id = described(&world, "default", &arn).await.ec2_instance_id.unwrap();
    let _one = SimNode::join(&world, "node-1").await;
    assert_eq!(
        listed(&world, "default", Some(&format!("ec2InstanceId == {id}"))).await,
        std::slice::from_ref(&arn)
    );
    let unknown = "0".repeat(32);
    let start = |instances: Vec<String>| api::StartTaskRequest {
        container_instances: instances,
        task_definition: "job".into(),
        started_by: Some("me".into()),
        ..Default::default()
    };
    let answer = world.call::<api::StartTask>(start(vec![arn.clone(), unknown])).await.unwrap();
    let task = answer.tasks.unwrap().remove(0);
    assert_eq!(task.container_instance_arn.as_ref(), Some(&arn));
    assert_eq!(answer.failures.unwrap()[0].reason.as_deref(), Some("MISSING"));
    two.task(&task.task_arn.unwrap(), DesiredStatus::Running).await;
    let error = world.refused::<api::StartTask>(start(Vec::new())).await;
    assert_eq!(error.code, "InvalidParameterException");
}

#[tokio::test]
async fn somebody_else_s_machine_is_kept_and_takes_no_tasks() {
    let world = World::new();
    cluster(&world, "prod").await;
    job(&world).await;
    let number = |name: &str, value: i32| api::Resource {
        name: Some(name.into()),
        r#type: Some("INTEGER".into()),
        integer_value: Some(value),
        ..Default::default()
    };
    let register = api::RegisterContainerInstanceRequest {
        cluster: Some("prod".into()),
        instance_identity_document: Some(
            r#"{"instanceId": "i-0123456789abcdef0", "instanceType": "m5.large"}"#.into(),
        ),
        total_resources: Some(vec![number("CPU", 4096), number("MEMORY", 8192)]),
        ..Default::default()
    };
    let made = world.call::<api::RegisterContainerInstance>(register).await.unwrap();
    let made = made.container_instance.unwrap();
    assert_eq!(made.ec2_instance_id.as_deref(), Some("i-0123456789abcdef0"));
    assert_eq!(made.agent_connected, Some(false));
    let answer = world.call::<api::RunTask>(run("prod")).await.unwrap();
    assert_eq!(answer.failures.unwrap()[0].reason.as_deref(), Some("AGENT"));
    let arn = made.container_instance_arn.unwrap();
    assert_eq!(
        listed(&world, "prod", Some("attribute:ecs.instance-type =~ m5.*")).await,
        std::slice::from_ref(&arn)
    );
    let tag = api::Tag { key: Some("team".into()), value: Some("a".into()) };
    let input = api::TagResourceRequest { resource_arn: arn.clone(), tags: vec![tag] };
    world.call::<api::TagResource>(input).await.unwrap();
    assert_eq!(described(&world, "prod", &arn).await.tags.unwrap().len(), 1);
    let input =
        api::UpdateContainerAgentRequest { cluster: Some("prod".into()), container_instance: arn.clone() };
    assert_eq!(world.refused::<api::UpdateContainerAgent>(input).await.code, "NoUpdateAvailableException");
}

#[tokio::test]
async fn an_agent_s_word_about_a_task_is_taken() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    world.call::<api::CreateCluster>(Default::default()).await.unwrap();
    job(&world).await;
    let arn = world.run(run("default")).await.remove(0).task_arn.unwrap();
    node.task(&arn, DesiredStatus::Running).await;
    let change = api::SubmitContainerStateChangeRequest {
        task: Some(arn.clone()),
        container_name: Some("app".into()),
        status: Some("RUNNING".into()),
        runtime_id: Some("abc".into()),
        ..Default::default()
    };
    world.call::<api::SubmitContainerStateChange>(change).await.unwrap();
    let task = world.describe(&arn).await;
    assert_eq!(task.containers.unwrap()[0].runtime_id.as_deref(), Some("abc"));
    let change = api::SubmitTaskStateChangeRequest {
        task: Some(arn.clone()),
        status: Some("STOPPED".into()),
        containers: Some(vec![api::ContainerStateChange {
            container_name: Some("app".into()),
            status: Some("STOPPED".into()),
            exit_code: Some(3),
            ..Default::default()
        }]),
        ..Default::default()
    };
    world.call::<api::SubmitTaskStateChange>(change.clone()).await.unwrap();
    let task = world.until(&arn, "STOPPED").await;
    assert_eq!(task.stop_code.as_deref(), Some("EssentialContainerExited"));
    assert_eq!(task.containers.unwrap()[0].exit_code, Some(3));
    // The node is no longer to have it.
    node.desired_when(|desired| desired.tasks.is_empty()).await;
    let input = api::SubmitTaskStateChangeRequest { task: Some("0".repeat(32)), ..change };
    assert_eq!(world.refused::<api::SubmitTaskStateChange>(input).await.code, "ClientException");
}

#[tokio::test]
async fn only_tasks_of_services_can_be_protected() {
    let world = World::new();
    let _node = SimNode::join(&world, "node-1").await;
    world.call::<api::CreateCluster>(Default::default()).await.unwrap();
    job(&world).await;
    let arn = world.run(run("default")).await.remove(0).task_arn.unwrap();
    let input = api::UpdateTaskProtectionRequest {
        cluster: "default".into(),
        tasks: vec![arn.clone(), "0".repeat(32)],
        protection_enabled: true,
        expires_in_minutes: None,
    };
    let answer = world.call::<api::UpdateTaskProtection>(input.clone()).await.unwrap();
    assert!(answer.protected_tasks.unwrap().is_empty());
    let reasons: Vec<_> = answer.failures.unwrap().into_iter().map(|one| one.reason.unwrap()).collect();
    assert_eq!(reasons, ["TASK_NOT_VALID", "MISSING"]);
    let long = api::UpdateTaskProtectionRequest { expires_in_minutes: Some(2881), ..input };
    assert_eq!(world.refused::<api::UpdateTaskProtection>(long).await.code, "InvalidParameterException");
    let input = api::GetTaskProtectionRequest { cluster: "default".into(), tasks: Some(vec![arn]) };
    let answer = world.call::<api::GetTaskProtection>(input).await.unwrap();
    assert_eq!(answer.failures.unwrap()[0].reason.as_deref(), Some("TASK_NOT_VALID"));
}

#[tokio::test]
async fn a_missing_cluster_is_said_before_a_name_that_can_not_be() {
    let world = World::new();
    let not_found = "ClusterNotFoundException";
    let task = api::ExecuteCommandRequest {
        cluster: Some("none".into()),
        task: "t".into(),
        command: "true".into(),
        interactive: true,
        ..Default::default()
    };
    assert_eq!(world.refused::<api::ExecuteCommand>(task).await.code, not_found);
    let protect = api::UpdateTaskProtectionRequest {
        cluster: "none".into(),
        tasks: vec!["t".into()],
        protection_enabled: true,
        ..Default::default()
    };
    assert_eq!(world.refused::<api::UpdateTaskProtection>(protect).await.code, not_found);
    let agent =
        api::UpdateContainerAgentRequest { cluster: Some("none".into()), container_instance: "i".into() };
    assert_eq!(world.refused::<api::UpdateContainerAgent>(agent).await.code, not_found);
    let gone = api::DeregisterContainerInstanceRequest {
        cluster: Some("none".into()),
        container_instance: "i".into(),
        ..Default::default()
    };
    assert_eq!(world.refused::<api::DeregisterContainerInstance>(gone).await.code, not_found);
}
