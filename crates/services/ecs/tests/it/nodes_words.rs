//! What only a node knows and says: ports of bridge tasks, a container's wish for protection; and what it is told of file
//! systems.

use gantry_node_proto::v1::{self, DesiredStatus};
use serde_json::json;

use crate::node::{SimNode, running};
use crate::world::World;

#[tokio::test]
async fn ports_of_the_host_are_shown_as_the_node_bound_them() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    world
        .register(
            json!({"family": "web", "containerDefinitions": [{"name": "app", "image": "app", "memory": 64,
            "portMappings": [{"containerPort": 80}, {"containerPortRange": "90-91"}]}]}),
        )
        .await;
    let mut input = world.run_web();
    input.launch_type = Some("EC2".into());
    input.network_configuration = None;
    let arn = world.run(input).await.remove(0).task_arn.unwrap();
    let desired = node.task(&arn, DesiredStatus::Running).await;
    assert_eq!(desired.network.unwrap().mode(), v1::NetworkMode::Bridge, "none is bridge");
    let ports = &desired.containers[0].port_mappings;
    assert_eq!((ports[0].host_port, ports[1].host_port, ports[1].container_port_end), (0, 0, 91));
    let mut report = running(&arn);
    let binding = |container_port, host_port, ends: (u32, u32)| v1::NetworkBinding {
        bind_ip: "0.0.0.0".into(),
        container_port,
        host_port,
        container_port_end: ends.0,
        host_port_end: ends.1,
        ..Default::default()
    };
    report.containers[0].network_bindings = vec![binding(80, 32768, (0, 0)), binding(90, 32770, (91, 32771))];
    node.report(vec![report]).await;
    let task = world.until(&arn, "RUNNING").await;
    let bindings = task.containers.unwrap().remove(0).network_bindings.unwrap();
    assert_eq!((bindings[0].container_port, bindings[0].host_port), (Some(80), Some(32768)));
    assert_eq!(bindings[0].container_port_range, None);
    assert_eq!((bindings[1].container_port, bindings[1].host_port), (None, None));
    assert_eq!(bindings[1].container_port_range.as_deref(), Some("90-91"));
    assert_eq!(bindings[1].host_port_range.as_deref(), Some("32770-32771"));
    assert_eq!(bindings[1].protocol.as_deref(), Some("tcp"));
}

#[tokio::test]
async fn a_container_asks_for_protection_as_its_task_s_role() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    world.roles.known.lock().unwrap().insert("arn:aws:iam::123456789012:role/worker".into());
    for (role, status, said) in [
        (None, 403, "no task IAM role credentials available for task"),
        (Some("worker"), 200, "TASK_NOT_VALID"),
    ] {
        let mut definition = json!({"family": "web", "networkMode": "host",
            "containerDefinitions": [{"name": "app", "image": "app", "memory": 64}]});
        if let Some(role) = role {
            definition["taskRoleArn"] = json!(role);
        }
        world.register(definition).await;
        let mut input = world.run_web();
        input.launch_type = Some("EC2".into());
        input.network_configuration = None;
        let arn = world.run(input).await.remove(0).task_arn.unwrap();
        node.task(&arn, DesiredStatus::Running).await;
        let request = v1::TaskProtectionRequest {
            node_id: "node-1".into(),
            task_arn: arn.clone(),
            update: Some(v1::TaskProtectionUpdate { enabled: true, expires_in_minutes: None }),
        };
        let answer = node.client.task_protection(request).await.unwrap().into_inner();
        assert_eq!(answer.status, status, "{}", answer.body);
        assert!(answer.body.contains(said) && answer.body.contains(&arn), "{}", answer.body);
    }
}

#[tokio::test]
async fn a_file_system_is_mounted_or_the_task_says_why_not() {
    let world = World::new();
    let mut node = SimNode::join(&world, "node-1").await;
    let definition = |efs: serde_json::Value| {
        json!({"family": "web", "networkMode": "host",
            "volumes": [{"name": "data", "efsVolumeConfiguration": efs}],
            "containerDefinitions": [{"name": "app", "image": "app", "memory": 64,
                "mountPoints": [{"sourceVolume": "data", "containerPath": "/data"}]}]})
    };
    let run = || {
        let mut input = world.run_web();
        input.launch_type = Some("EC2".into());
        input.network_configuration = None;
        input
    };
    world.register(definition(json!({"fileSystemId": "fs-1", "rootDirectory": "/data"}))).await;
    let arn = world.run(run()).await.remove(0).task_arn.unwrap();
    let desired = node.task(&arn, DesiredStatus::Running).await;
    let Some(v1::volume::Source::Shared(shared)) = &desired.volumes[0].source else { panic!("{desired:?}") };
    assert_eq!(
        (shared.path.as_str(), shared.read_only, shared.root_is_nobody),
        ("/efs/fs-1/data", true, false)
    );
    world.register(definition(json!({"fileSystemId": "fs-2"}))).await;
    let arn = world.run(run()).await.remove(0).task_arn.unwrap();
    let task = world.until(&arn, "STOPPED").await;
    assert_eq!(task.stop_code.as_deref(), Some("TaskFailedToStart"));
    let reason = task.stopped_reason.unwrap();
    let begin = "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: Failed \
                 to resolve \"fs-2.efs.us-east-1.amazonaws.com\" - ";
    assert!(reason.starts_with(begin) && reason.ends_with("execution; code: 1"), "{reason}");
}
