//! Capacity providers of an account's own: what they may be, and where their tasks go.

use std::time::Duration;

use gantry_api_ecs as api;
use gantry_ecs::Place;
use gantry_ecs::membership::{MembershipError, Ticket};
use gantry_ecs::tables::enrolment::Terms;
use gantry_ecs::tables::task::LaunchType;
use gantry_node_proto::v1::DesiredStatus;
use serde_json::json;

use crate::node::{SimNode, running};
use crate::world::World;

fn group(name: &str) -> String {
    format!("arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:0a:autoScalingGroupName/{name}")
}

fn create(name: &str) -> api::CreateCapacityProviderRequest {
    api::CreateCapacityProviderRequest {
        name: name.into(),
        auto_scaling_group_provider: Some(api::AutoScalingGroupProvider {
            auto_scaling_group_arn: group(name),
            ..Default::default()
        }),
        ..Default::default()
    }
}

async fn described(world: &World, name: &str) -> api::CapacityProvider {
    let input = api::DescribeCapacityProvidersRequest {
        capacity_providers: Some(vec![name.into()]),
        include: Some(vec!["TAGS".into()]),
        ..Default::default()
    };
    world.call::<api::DescribeCapacityProviders>(input).await.unwrap().capacity_providers.unwrap().remove(0)
}

fn item(provider: &str, base: i32, weight: i32) -> api::CapacityProviderStrategyItem {
    api::CapacityProviderStrategyItem {
        capacity_provider: provider.into(),
        base: Some(base),
        weight: Some(weight),
    }
}

fn associate(
    providers: &[&str],
    strategy: Vec<api::CapacityProviderStrategyItem>,
) -> api::PutClusterCapacityProvidersRequest {
    api::PutClusterCapacityProvidersRequest {
        cluster: "prod".into(),
        capacity_providers: providers.iter().map(|one| one.to_string()).collect(),
        default_capacity_provider_strategy: strategy,
    }
}

/// A cluster with two providers, and a definition.
async fn prepared(world: &World) {
    let input = api::CreateClusterRequest { cluster_name: Some("prod".into()), ..Default::default() };
    world.call::<api::CreateCluster>(input).await.unwrap();
    for name in ["blue", "green"] {
        world.call::<api::CreateCapacityProvider>(create(name)).await.unwrap();
    }
    let input = associate(&["blue", "green"], vec![item("blue", 0, 1)]);
    world.call::<api::PutClusterCapacityProviders>(input).await.unwrap();
    world
        .register(json!({"family": "job", "containerDefinitions": [
            {"name": "app", "image": "localhost:4566/job", "memory": 256, "cpu": 512}]}))
        .await;
}

fn run(strategy: Option<Vec<api::CapacityProviderStrategyItem>>) -> api::RunTaskRequest {
    api::RunTaskRequest {
        cluster: Some("prod".into()),
        task_definition: "job".into(),
        capacity_provider_strategy: strategy,
        ..Default::default()
    }
}

/// A machine that joined for a provider.
async fn joined(world: &World, provider: &str) -> (SimNode, String) {
    let terms = Terms {
        launch: LaunchType::Ec2,
        place: Place { account: world.account(), region: "us-east-1".parse().unwrap() },
        cluster: "prod".into(),
        zone: "us-east-1a".into(),
        attributes: Default::default(),
        capacity_provider: Some(provider.into()),
    };
    let expires = world.clock_now() + Duration::from_secs(3600);
    let (id, secret) = world.ecs.new_node_token(terms, expires, 1).await.unwrap();
    let ticket = Ticket::Token { id: &id, secret: &secret };
    let (node, ()) = world.ecs.join_node(ticket, "host", |_| Ok(())).await.unwrap();
    (SimNode::join(world, &node).await, node)
}

#[tokio::test]
async fn a_provider_is_made_changed_and_deleted() {
    let world = World::still();
    let tag = api::Tag { key: Some("team".into()), value: Some("blue".into()) };
    let input = api::CreateCapacityProviderRequest { tags: Some(vec![tag]), ..create("blue") };
    let made = world.call::<api::CreateCapacityProvider>(input).await.unwrap().capacity_provider.unwrap();
    let arn = "arn:aws:ecs:us-east-1:123456789012:capacity-provider/blue";
    assert_eq!((made.capacity_provider_arn.as_deref(), made.status.as_deref()), (Some(arn), Some("ACTIVE")));
    let provider = made.auto_scaling_group_provider.unwrap();
    assert_eq!(provider.auto_scaling_group_arn, group("blue"));
    let scaling = provider.managed_scaling.unwrap();
    assert_eq!((scaling.status.as_deref(), scaling.target_capacity), (Some("DISABLED"), Some(100)));
    assert_eq!(provider.managed_termination_protection.as_deref(), Some("DISABLED"));
    assert_eq!(described(&world, arn).await.tags.unwrap().len(), 1);

    let again = world.refused::<api::CreateCapacityProvider>(create("blue")).await;
    assert_eq!(again.code, "ClientException");
    assert!(
        again.message.starts_with("The specified capacity provider already exists."),
        "{}",
        again.message
    );
    let mut same_group = create("green");
    same_group.auto_scaling_group_provider.as_mut().unwrap().auto_scaling_group_arn = group("blue");
    let refused = world.refused::<api::CreateCapacityProvider>(same_group).await;
    assert!(
        refused.message.contains("already being used by another capacity provider"),
        "{}",
        refused.message
    );

    let scaling = api::ManagedScaling { target_capacity: Some(80), ..Default::default() };
    let update = |scaling| api::UpdateCapacityProviderRequest {
        name: "blue".into(),
        auto_scaling_group_provider: Some(api::AutoScalingGroupProviderUpdate {
            managed_scaling: Some(scaling),
            managed_draining: Some("DISABLED".into()),
            ..Default::default()
        }),
        ..Default::default()
    };
    let input = update(scaling);
    let made = world.call::<api::UpdateCapacityProvider>(input).await.unwrap().capacity_provider.unwrap();
    assert_eq!(made.update_status.as_deref(), Some("UPDATE_COMPLETE"));
    let provider = described(&world, "blue").await.auto_scaling_group_provider.unwrap();
    assert_eq!(provider.managed_scaling.unwrap().target_capacity, Some(80));
    assert_eq!(provider.managed_draining.as_deref(), Some("DISABLED"));

    let input = api::DeleteCapacityProviderRequest { capacity_provider: arn.into(), ..Default::default() };
    let gone =
        world.call::<api::DeleteCapacityProvider>(input.clone()).await.unwrap().capacity_provider.unwrap();
    assert_eq!(gone.update_status.as_deref(), Some("DELETE_IN_PROGRESS"));
    let known = described(&world, "blue").await;
    assert_eq!(
        (known.status.as_deref(), known.update_status.as_deref()),
        (Some("INACTIVE"), Some("DELETE_COMPLETE"))
    );
    let late = world.refused::<api::UpdateCapacityProvider>(update(Default::default())).await;
    assert_eq!(late.message, "The capacity provider could not be updated because it has been deleted.");
    let missing = world.refused::<api::DeleteCapacityProvider>(input).await;
    assert_eq!(
        missing.message,
        "The specified capacity provider does not exist. Specify a valid name or ARN and try again."
    );
    world.call::<api::CreateCapacityProvider>(create("blue")).await.unwrap();
}

#[tokio::test]
async fn what_a_provider_may_not_be() {
    let world = World::still();
    for name in ["aws-blue", "ECSblue", "fargate", "a b"] {
        let refused = world.refused::<api::CreateCapacityProvider>(create(name)).await;
        assert_eq!(refused.code, "ClientException");
        assert!(refused.message.starts_with("The specified capacity provider name is invalid."), "{name}");
    }
    let mut managed = create("blue");
    managed.auto_scaling_group_provider.as_mut().unwrap().managed_scaling =
        Some(api::ManagedScaling { status: Some("ENABLED".into()), ..Default::default() });
    assert_eq!(
        world.refused::<api::CreateCapacityProvider>(managed).await.code,
        "UnsupportedFeatureException"
    );
    let mut protected = create("blue");
    protected.auto_scaling_group_provider.as_mut().unwrap().managed_termination_protection =
        Some("ENABLED".into());
    assert_eq!(
        world.refused::<api::CreateCapacityProvider>(protected).await.code,
        "UnsupportedFeatureException"
    );
    let mut elsewhere = create("blue");
    elsewhere.auto_scaling_group_provider.as_mut().unwrap().auto_scaling_group_arn =
        group("blue").replace("us-east-1", "eu-west-1");
    assert_eq!(world.refused::<api::CreateCapacityProvider>(elsewhere).await.code, "ClientException");
    let none = api::CreateCapacityProviderRequest { auto_scaling_group_provider: None, ..create("blue") };
    assert_eq!(world.refused::<api::CreateCapacityProvider>(none).await.code, "InvalidParameterException");
    let input =
        api::DeleteCapacityProviderRequest { capacity_provider: "FARGATE".into(), ..Default::default() };
    assert_eq!(world.refused::<api::DeleteCapacityProvider>(input).await.code, "ClientException");
}

#[tokio::test]
async fn a_cluster_keeps_what_is_in_use_and_lists_come_by_pages() {
    let world = World::new();
    prepared(&world).await;
    let mix = associate(&["FARGATE", "blue"], vec![item("FARGATE", 0, 1), item("blue", 0, 1)]);
    let refused = world.refused::<api::PutClusterCapacityProviders>(mix).await;
    assert!(
        refused.message.starts_with("A capacity provider strategy cannot contain a mix"),
        "{}",
        refused.message
    );
    let unknown = world.refused::<api::PutClusterCapacityProviders>(associate(&["red"], Vec::new())).await;
    assert!(unknown.message.contains("'red' was not found"), "{}", unknown.message);

    let input = api::DeleteCapacityProviderRequest { capacity_provider: "blue".into(), ..Default::default() };
    let kept = world.call::<api::DeleteCapacityProvider>(input).await.unwrap().capacity_provider.unwrap();
    assert_eq!(
        (kept.status.as_deref(), kept.update_status.as_deref()),
        (Some("ACTIVE"), Some("DELETE_FAILED"))
    );
    assert!(kept.update_status_reason.unwrap().contains("associated with cluster: prod"));

    let _node = SimNode::join(&world, "node-1").await;
    world.run(run(None)).await;
    let refused = world.refused::<api::PutClusterCapacityProviders>(associate(&["green"], Vec::new())).await;
    assert_eq!(refused.code, "ResourceInUseException");
    assert_eq!(refused.message, "The specified capacity provider is in use and cannot be removed.");
    world.call::<api::PutClusterCapacityProviders>(associate(&["blue"], Vec::new())).await.unwrap();

    let (mut names, mut token) = (Vec::new(), None);
    loop {
        let input = api::DescribeCapacityProvidersRequest {
            max_results: Some(3),
            next_token: token,
            ..Default::default()
        };
        let page = world.call::<api::DescribeCapacityProviders>(input).await.unwrap();
        names.extend(page.capacity_providers.unwrap().into_iter().filter_map(|one| one.name));
        token = page.next_token;
        if token.is_none() {
            break;
        }
    }
    assert_eq!(names, ["FARGATE", "FARGATE_SPOT", "blue", "green"]);
    let input = api::DescribeCapacityProvidersRequest { cluster: Some("prod".into()), ..Default::default() };
    let of_cluster = world.call::<api::DescribeCapacityProviders>(input).await.unwrap();
    assert_eq!(of_cluster.capacity_providers.unwrap().len(), 1);
}

#[tokio::test]
async fn tasks_go_to_machines_of_their_provider() {
    let world = World::new();
    prepared(&world).await;
    let refused = world.refused::<api::RunTask>(run(None)).await;
    assert_eq!(refused.message, "No Container Instances were found in your cluster.");
    // Until a machine has joined for the provider, the control plane's own stands in.
    let mut own = SimNode::join(&world, "node-1").await;
    let task = world.run(run(None)).await.remove(0);
    assert_eq!(task.capacity_provider_name.as_deref(), Some("blue"), "by the cluster's default strategy");
    assert_eq!(task.launch_type.as_deref(), Some("EC2"));
    own.task(task.task_arn.as_deref().unwrap(), DesiredStatus::Running).await;

    let (mut blue, id) = joined(&world, "blue").await;
    let input = api::ListContainerInstancesRequest {
        cluster: Some("prod".into()),
        filter: Some(format!("ec2InstanceId == {id}")),
        ..Default::default()
    };
    let listed = world.call::<api::ListContainerInstances>(input).await.unwrap();
    let input = api::DescribeContainerInstancesRequest {
        cluster: Some("prod".into()),
        container_instances: listed.container_instance_arns.unwrap(),
        include: None,
    };
    let seen = world.call::<api::DescribeContainerInstances>(input).await.unwrap();
    let seen = seen.container_instances.unwrap().remove(0);
    assert_eq!(seen.capacity_provider_name.as_deref(), Some("blue"));

    let (mut green, _) = joined(&world, "green").await;
    let strategy = vec![item("blue", 1, 1), item("green", 0, 1)];
    let input = api::RunTaskRequest { count: Some(5), ..run(Some(strategy)) };
    let tasks = world.run(input).await;
    let of = |provider: &str| {
        let named = tasks.iter().filter(|task| task.capacity_provider_name.as_deref() == Some(provider));
        named.filter_map(|task| task.task_arn.clone()).collect::<Vec<_>>()
    };
    let (blues, greens) = (of("blue"), of("green"));
    assert_eq!((blues.len(), greens.len()), (3, 2), "a base of one, and halves of the rest");
    let on_blue = blue.desired_when(|desired| desired.tasks.len() == 3).await;
    assert!(on_blue.tasks.iter().all(|task| blues.contains(&task.task_arn)));
    let on_green = green.desired_when(|desired| desired.tasks.len() == 2).await;
    assert!(on_green.tasks.iter().all(|task| greens.contains(&task.task_arn)));

    let unknown = Terms {
        launch: LaunchType::Ec2,
        place: Place { account: world.account(), region: "us-east-1".parse().unwrap() },
        cluster: "prod".into(),
        zone: "us-east-1a".into(),
        attributes: Default::default(),
        capacity_provider: Some("red".into()),
    };
    let expires = world.clock_now() + Duration::from_secs(60);
    let refused = world.ecs.new_node_token(unknown, expires, 1).await.unwrap_err();
    assert!(matches!(refused, MembershipError::NoProvider(_)), "{refused}");
}

#[tokio::test]
async fn a_service_spreads_over_its_strategy() {
    let world = World::new();
    prepared(&world).await;
    let (mut blue, _) = joined(&world, "blue").await;
    let (mut green, _) = joined(&world, "green").await;
    let input = api::CreateServiceRequest {
        cluster: Some("prod".into()),
        service_name: "web".into(),
        task_definition: Some("job".into()),
        desired_count: Some(4),
        capacity_provider_strategy: Some(vec![item("blue", 0, 1), item("green", 0, 3)]),
        ..Default::default()
    };
    let made = world.call::<api::CreateService>(input).await.unwrap().service.unwrap();
    assert_eq!(made.launch_type, None);
    assert_eq!(made.capacity_provider_strategy.unwrap().len(), 2);
    let on_green = green.desired_when(|desired| desired.tasks.len() == 3).await;
    let on_blue = blue.desired_when(|desired| desired.tasks.len() == 1).await;
    blue.report(on_blue.tasks.iter().map(|task| running(&task.task_arn)).collect()).await;
    green.report(on_green.tasks.iter().map(|task| running(&task.task_arn)).collect()).await;
}

#[tokio::test]
async fn a_service_goes_to_other_providers_by_a_forced_deployment_alone() {
    let world = World::still();
    prepared(&world).await;
    let input = api::CreateServiceRequest {
        cluster: Some("prod".into()),
        service_name: "web".into(),
        task_definition: Some("job".into()),
        desired_count: Some(0),
        capacity_provider_strategy: Some(vec![item("blue", 0, 1)]),
        ..Default::default()
    };
    world.call::<api::CreateService>(input).await.unwrap();
    let change = |strategy, force| api::UpdateServiceRequest {
        cluster: Some("prod".into()),
        service: "web".into(),
        capacity_provider_strategy: Some(strategy),
        force_new_deployment: Some(force),
        ..Default::default()
    };
    world.call::<api::UpdateService>(change(vec![item("blue", 0, 1)], false)).await.unwrap();
    for other in [vec![item("green", 0, 1)], vec![]] {
        let refused = world.refused::<api::UpdateService>(change(other, false)).await;
        assert!(refused.message.ends_with("you must force a new deployment."), "{refused}");
    }
    let input = change(vec![item("green", 0, 1)], true);
    let moved = world.call::<api::UpdateService>(input).await.unwrap().service.unwrap();
    assert_eq!(moved.capacity_provider_strategy.unwrap()[0].capacity_provider, "green");
}
