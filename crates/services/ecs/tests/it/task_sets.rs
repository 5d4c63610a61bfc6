//! Task sets, in which somebody else deploys a service.

use std::time::Duration;

use gantry_api_ecs as api;

use crate::node::SimNode;
use crate::services::{create, describe, run_all, stop_all, until};
use crate::world::{World, network};

#[tokio::test]
async fn task_sets_share_a_service() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    world.register_web().await;
    let input = api::CreateServiceRequest {
        service_name: "shop".into(),
        desired_count: Some(4),
        deployment_controller: Some(api::DeploymentController { r#type: "EXTERNAL".into() }),
        ..Default::default()
    };
    create(&world, input).await;
    let set = |percent: f64| api::CreateTaskSetRequest {
        service: "shop".into(),
        cluster: "default".into(),
        task_definition: "web".into(),
        launch_type: Some("FARGATE".into()),
        network_configuration: Some(network(&["subnet-a"])),
        scale: Some(api::Scale { value: Some(percent), unit: Some("PERCENT".into()) }),
        ..Default::default()
    };
    let unscaled = api::CreateTaskSetRequest { scale: None, ..set(0.0) };
    let made = world.call::<api::CreateTaskSet>(unscaled).await.unwrap().task_set.unwrap();
    assert_eq!((made.scale.unwrap().value, made.computed_desired_count), (Some(0.0), Some(0)));
    let delete = api::DeleteTaskSetRequest {
        cluster: "default".into(),
        service: "shop".into(),
        task_set: made.id.unwrap(),
        force: None,
    };
    world.call::<api::DeleteTaskSet>(delete).await.unwrap();
    until(&world, "the end of the empty set", |service| {
        service.task_sets.as_ref().is_none_or(|sets| sets.is_empty())
    })
    .await;
    let made = world.call::<api::CreateTaskSet>(set(50.0)).await.unwrap().task_set.unwrap();
    assert_eq!(
        (made.computed_desired_count, made.stability_status.as_deref()),
        (Some(2), Some("STABILIZING"))
    );
    run_all(&world, &mut node, 2).await;
    let id = made.id.clone().unwrap();
    let primary = api::UpdateServicePrimaryTaskSetRequest {
        cluster: "default".into(),
        service: "shop".into(),
        primary_task_set: id.clone(),
    };
    let shown = world.call::<api::UpdateServicePrimaryTaskSet>(primary).await.unwrap().task_set.unwrap();
    assert_eq!(shown.status.as_deref(), Some("PRIMARY"));
    let ask = api::DescribeTaskSetsRequest {
        cluster: "default".into(),
        service: "shop".into(),
        ..Default::default()
    };
    let sets = world.call::<api::DescribeTaskSets>(ask).await.unwrap().task_sets.unwrap();
    assert_eq!((sets.len(), sets[0].running_count), (1, Some(2)));
    let delete = api::DeleteTaskSetRequest {
        cluster: "default".into(),
        service: "shop".into(),
        task_set: id,
        force: Some(true),
    };
    assert_eq!(
        world.call::<api::DeleteTaskSet>(delete).await.unwrap().task_set.unwrap().status.as_deref(),
        Some("DRAINING")
    );
    for _ in 0..2_000 {
        stop_all(&world, &mut node).await;
        if describe(&world).await.task_sets.unwrap().is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the task set does not go");
}
