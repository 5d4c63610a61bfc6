//! In which zones tasks are, and tasks that are moved or replaced though nobody deploys anything: between zones, and as
//! they grow old.

use std::time::Duration;

use gantry_api_ecs as api;
use gantry_ecs::Place;
use gantry_ecs::membership::Ticket;
use gantry_ecs::tables::enrolment::Terms;
use gantry_ecs::tables::task::LaunchType;
use gantry_node_proto::v1::ReasonCode;
use serde_json::json;

use crate::node::{SimNode, running, stopped};
use crate::services::{create, describe, nudge, said, tasks, until, web};
use crate::site;
use crate::world::{World, network};

/// A machine of that zone, which has joined the default cluster.
async fn joined(world: &World, zone: &str) -> SimNode {
    let terms = Terms {
        launch: LaunchType::Ec2,
        place: Place { account: world.account(), region: "us-east-1".parse().unwrap() },
        cluster: "default".into(),
        zone: zone.into(),
        attributes: Default::default(),
        capacity_provider: None,
    };
    let expires = world.clock_now() + Duration::from_secs(86_400);
    let (id, secret) = world.ecs.new_node_token(terms, expires, 1).await.unwrap();
    let ticket = Ticket::Token { id: &id, secret: &secret };
    let (node, _) =
        world.ecs.join_node(ticket, "host", |name| Ok(format!("signed for {name}"))).await.unwrap();
    SimNode::join(world, &node).await
}

/// Nodes, each with its zone, do what they are told, and time goes on.
async fn turn(world: &World, nodes: &mut [(&str, SimNode)]) {
    for (_, node) in nodes.iter_mut() {
        node.report(Vec::new()).await;
    }
    for desired in ["RUNNING", "STOPPED"] {
        for arn in tasks(world, desired).await {
            let task = world.describe(&arn).await;
            let zone = task.availability_zone.clone();
            let on = nodes.iter_mut().find(|(of, _)| zone.as_deref() == Some(*of));
            let Some((_, node)) = on else { continue };
            match (desired, task.last_status.as_deref()) {
                ("RUNNING", Some("PENDING")) if task.connectivity.is_some() => {
                    node.report(vec![running(&arn)]).await;
                }
                ("STOPPED", status) if status != Some("STOPPED") && node.was_told_to_stop(&arn) => {
                    node.report(vec![stopped(&arn, 0, ReasonCode::StopDesired)]).await;
                }
                _ => {}
            }
        }
    }
    world.clock.advance(Duration::from_secs(1));
    tokio::time::sleep(Duration::from_millis(5)).await;
    nudge(world).await;
}

/// How many running tasks that shall run are in each of two zones.
async fn spread(world: &World) -> (usize, usize) {
    let mut counts = (0, 0);
    for arn in tasks(world, "RUNNING").await {
        let task = world.describe(&arn).await;
        match (task.last_status.as_deref(), task.availability_zone.as_deref()) {
            (Some("RUNNING"), Some("us-east-1a")) => counts.0 += 1,
            (Some("RUNNING"), Some("us-east-1b")) => counts.1 += 1,
            _ => {}
        }
    }
    counts
}

#[tokio::test]
async fn tasks_move_to_a_zone_that_has_come_and_are_never_too_few() {
    let world = World::new();
    world
        .register(json!({"family": "job", "containerDefinitions": [
            {"name": "app", "image": "localhost:4566/job", "memory": 256, "cpu": 512}]}))
        .await;
    let mut nodes = vec![("us-east-1a", joined(&world, "us-east-1a").await)];
    let input = api::CreateServiceRequest {
        service_name: "shop".into(),
        task_definition: Some("job".into()),
        launch_type: Some("EC2".into()),
        desired_count: Some(4),
        ..Default::default()
    };
    let made = world.call::<api::CreateService>(input).await.unwrap().service.unwrap();
    assert_eq!(made.availability_zone_rebalancing.as_deref(), Some("ENABLED"));
    for _ in 0..200 {
        turn(&world, &mut nodes).await;
        if said(&describe(&world).await, "has reached a steady state") {
            break;
        }
    }
    assert_eq!(spread(&world).await, (4, 0));

    nodes.push(("us-east-1b", joined(&world, "us-east-1b").await));
    for _ in 0..400 {
        turn(&world, &mut nodes).await;
        let (a, b) = spread(&world).await;
        assert!(a + b >= 4, "as many as are wanted run all the time: {a} and {b}");
        if said(&describe(&world).await, "is AZ balanced with") {
            break;
        }
    }
    let moved = describe(&world).await;
    assert_eq!(spread(&world).await, (2, 2), "{}", gantry_wire::to_json(&moved));
    let begins = "is not AZ balanced with 4 tasks in us-east-1a, and 0 tasks in us-east-1b. AZ Rebalancing in progress.";
    assert!(said(&moved, begins), "{}", gantry_wire::to_json(&moved));
    assert!(said(&moved, "is AZ balanced with 2 tasks in us-east-1a, and 2 tasks in us-east-1b."));
}

#[tokio::test]
async fn tasks_that_are_too_old_are_replaced_within_the_percentages() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    world.register_web().await;
    let run = world.run_web();
    let tag = api::Tag { key: Some("gantry:max-task-lifetime".into()), value: Some("2m".into()) };
    let input = api::CreateServiceRequest {
        service_name: "shop".into(),
        task_definition: Some(run.task_definition),
        launch_type: run.launch_type,
        network_configuration: run.network_configuration,
        desired_count: Some(2),
        tags: Some(vec![tag]),
        ..Default::default()
    };
    world.call::<api::CreateService>(input).await.unwrap();
    site::settled(&world, &mut node).await;
    let first = tasks(&world, "RUNNING").await;
    let began = world.clock_now();
    let mut replaced_at = None;
    for _ in 0..300 {
        site::turn(&world, &mut node).await;
        let service = describe(&world).await;
        assert!(service.running_count >= Some(2), "{}", gantry_wire::to_json(&service));
        assert!(service.running_count.unwrap() + service.pending_count.unwrap() <= 4);
        let now = tasks(&world, "RUNNING").await;
        if now.len() == 2 && service.running_count == Some(2) && !now.iter().any(|arn| first.contains(arn)) {
            replaced_at = Some(world.clock_now());
            break;
        }
    }
    let replaced_at = replaced_at.expect("both are replaced");
    assert!(replaced_at.since(began) >= Duration::from_secs(90), "and not much before they are old");
    let deployments = describe(&world).await.deployments.unwrap();
    assert_eq!(deployments.len(), 1, "nothing was deployed for it");
}

#[tokio::test]
async fn new_tasks_are_spread_over_the_zones_of_their_subnets() {
    let world = World::new();
    let _node = SimNode::join(&world, "node-1").await;
    world.register_web().await;
    let six = api::CreateServiceRequest {
        network_configuration: Some(network(&["subnet-a", "subnet-b"])),
        desired_count: Some(6),
        ..web(&world)
    };
    create(&world, six).await;
    until(&world, "room for six", |it| it.pending_count == Some(6)).await;
    let mut subnets = Vec::new();
    for arn in tasks(&world, "RUNNING").await {
        let attachment = world.describe(&arn).await.attachments.unwrap().remove(0);
        let of = |pair: &&api::KeyValuePair| pair.name.as_deref() == Some("subnetId");
        let subnet = attachment.details.unwrap().iter().find(of).unwrap().value.clone().unwrap();
        subnets.push(subnet);
    }
    let in_a = subnets.iter().filter(|subnet| *subnet == "subnet-a").count();
    assert_eq!((in_a, subnets.len()), (3, 6), "{subnets:?}");
}
