//! What whoever runs this Gantry is told of tasks: where they are, why not elsewhere, and what they use.

use gantry_api_ecs as api;
use gantry_ecs::tables::service::ServiceName;
use gantry_ecs::{Place, TaskName};
use gantry_node_proto::v1::{self, control_message};
use serde_json::json;

use crate::node::{SimNode, running};
use crate::world::World;

#[tokio::test]
async fn what_tasks_use_is_asked_of_their_nodes() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    let mute = SimNode::join(&world, "node-2").await;
    let ecs = world.ecs.clone();
    let asking = tokio::spawn(async move { ecs.usage().await });
    loop {
        if let Some(control_message::Message::Measure(_)) = node.next().await.unwrap() {
            break;
        }
    }
    let web = v1::ContainerUsage { name: "web".into(), cpu_ns: 7, memory_bytes: 9, ..Default::default() };
    let task = v1::TaskUsage { task_arn: "arn".into(), containers: vec![web], ..Default::default() };
    node.say_usage(v1::Usage { at_ms: 5, tasks: vec![task.clone()], ..Default::default() }).await;
    let told = asking.await.unwrap();
    assert_eq!(told.len(), 2);
    assert_eq!(told[0].node, "node-1");
    assert_eq!(told[0].usage.as_ref().unwrap().tasks, [task]);
    assert!(told[1].usage.is_none(), "it has not answered in time");
    drop(mute);
}

#[tokio::test]
async fn each_node_says_why_it_takes_no_more_of_a_service() {
    let world = World::new();
    world
        .register(json!({"family": "job", "containerDefinitions": [
            {"name": "app", "image": "busybox", "memory": 256, "cpu": 3000}]}))
        .await;
    let place = Place { account: world.account(), region: "us-east-1".parse().unwrap() };
    let name = ServiceName { place: place.clone(), cluster: "default".into(), name: "web".into() };
    assert_eq!(ServiceName::of_arn(name.arn().as_str()), Some(name.clone()));
    assert_eq!(world.ecs.verdicts_on_service(&name).await.unwrap(), None, "there is no such service");
    let mut node = SimNode::join(&world, "node-1").await;
    let task = world
        .run(api::RunTaskRequest { task_definition: "job".into(), ..Default::default() })
        .await
        .remove(0);
    let arn = task.task_arn.unwrap();
    node.task(&arn, v1::DesiredStatus::Running).await;
    node.report(vec![running(&arn)]).await;
    let located = world.ecs.locate(&TaskName::of_arn(&arn).unwrap()).await.unwrap().unwrap();
    assert_eq!((located.node.as_deref(), located.hostname.as_str()), (Some("node-1"), "node-1"));
    assert_eq!(located.waits, None);
    assert_eq!(world.ecs.verdicts_on_task(&TaskName::of_arn(&arn).unwrap()).await.unwrap(), None);

    let input = api::CreateServiceRequest {
        service_name: "web".into(),
        task_definition: Some("job".into()),
        desired_count: Some(1),
        launch_type: Some("EC2".into()),
        ..Default::default()
    };
    world.call::<api::CreateService>(input).await.unwrap();
    let verdicts = world.ecs.verdicts_on_service(&name).await.unwrap().unwrap();
    assert_eq!(verdicts.len(), 1);
    assert_eq!(verdicts[0].node, "node-1");
    assert!(verdicts[0].instance.is_some());
    assert_eq!(verdicts[0].refusal.as_deref(), Some("has 1096 CPU units free and the task needs 3000"));

    let described = || async {
        let input = api::DescribeServicesRequest { services: vec!["web".into()], ..Default::default() };
        world.call::<api::DescribeServices>(input).await.unwrap().services.unwrap().remove(0)
    };
    let instance = verdicts[0].instance.clone().unwrap();
    let said = format!(
        "(service web) was unable to place a task because no container instance met all of its requirements. The closest \
         matching (container-instance {instance}) has insufficient CPU units available."
    );
    for _ in 0..4000 {
        let events = described().await.events.unwrap_or_default();
        if events.iter().filter_map(|event| event.message.as_ref()).any(|message| message.starts_with(&said))
        {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("{}", gantry_wire::to_json(&described().await));
}
