//! Container output on its way to CloudWatch Logs.

use std::sync::atomic::Ordering;

use gantry_node_proto::packed::pack;
use gantry_node_proto::v1::{DesiredStatus, LogBatch, Output, PutLogsRequest};
use serde_json::json;

use crate::node::SimNode;
use crate::world::World;

fn batch(arn: &str, stream: &str, start: u64, lines: &[(&str, u64)]) -> PutLogsRequest {
    let mut events = Vec::new();
    for (text, end) in lines {
        pack(&mut events, 1_800_000_000_000, *end, text);
    }
    let batch = LogBatch {
        task_arn: arn.into(),
        container: "app".into(),
        output: Output::Stdout.into(),
        region: "us-east-1".into(),
        group: "/ecs/web".into(),
        stream: stream.into(),
        start_offset: start,
        end_offset: lines.last().unwrap().1,
        events: events.into(),
    };
    PutLogsRequest { node_id: "node-1".into(), batches: vec![batch] }
}

#[tokio::test]
async fn lines_are_stored_once_whatever_is_sent_again() {
    let world = World::new();
    world.roles.known.lock().unwrap().insert("arn:aws:iam::123456789012:role/exec".into());
    let mut node = SimNode::join(&world, "node-1").await;
    world
        .register(json!({
            "family": "web", "networkMode": "awsvpc", "cpu": "256", "memory": "512", "executionRoleArn": "exec",
            "requiresCompatibilities": ["FARGATE"],
            "containerDefinitions": [{"name": "app", "image": "busybox", "logConfiguration": {
                "logDriver": "awslogs", "options": {"awslogs-group": "/ecs/web", "awslogs-create-group": "true",
                "awslogs-region": "us-east-1", "awslogs-stream-prefix": "p"}}}],
        }))
        .await;
    let arn = world.run(world.run_web()).await.remove(0).task_arn.unwrap();
    let desired = node.task(&arn, DesiredStatus::Running).await;
    let log = desired.containers[0].log_configuration.clone().unwrap();
    let stream = format!("p/app/{}", desired.task_id);
    assert_eq!((log.group.as_str(), log.stream.as_str()), ("/ecs/web", stream.as_str()));
    let key = ("/ecs/web".to_string(), stream.clone());
    let lines = || world.siblings.lines.lock().unwrap()[&key].clone();
    assert!(lines().is_empty(), "the stream is there before the task starts");

    let ack = node.client.put_logs(batch(&arn, &stream, 0, &[("one", 4), ("two", 8)])).await.unwrap();
    assert_eq!(ack.into_inner().acks[0].accepted_offset, 8);
    let again = batch(&arn, &stream, 4, &[("two", 8), ("three", 14)]);
    let ack = node.client.put_logs(again).await.unwrap().into_inner();
    assert_eq!((ack.acks[0].accepted_offset, ack.acks[0].refused.as_str()), (14, ""));
    assert_eq!(lines(), ["one", "two", "three"]);

    // Gantry dies when the lines are stored and that is not written down yet; the node sends them again, and more.
    world.siblings.dies_after_a_put.store(true, Ordering::Relaxed);
    let sent = batch(&arn, &stream, 14, &[("dying", 20), ("too", 24)]);
    node.client.put_logs(sent).await.unwrap_err();
    let more = batch(&arn, &stream, 14, &[("dying", 20), ("too", 24), ("alive", 30)]);
    let ack = node.client.put_logs(more).await.unwrap().into_inner();
    assert_eq!((ack.acks[0].accepted_offset, ack.acks[0].refused.as_str()), (30, ""));
    assert_eq!(lines(), ["one", "two", "three", "dying", "too", "alive"]);

    // A stream that somebody deleted is made anew; a group is not, and the lines are refused for good.
    world.siblings.lines.lock().unwrap().clear();
    node.client.put_logs(batch(&arn, &stream, 30, &[("four", 35)])).await.unwrap();
    assert_eq!(lines(), ["four"]);
    world.siblings.lines.lock().unwrap().clear();
    world.siblings.groups.lock().unwrap().clear();
    let ack = node.client.put_logs(batch(&arn, &stream, 35, &[("five", 40)])).await.unwrap().into_inner();
    assert!(ack.acks[0].refused.contains("log group does not exist"), "{}", ack.acks[0].refused);
    assert_eq!(ack.acks[0].accepted_offset, 40);

    let stranger = batch("arn:aws:ecs:us-east-1:123456789012:task/default/00", &stream, 0, &[("x", 2)]);
    let ack = node.client.put_logs(stranger).await.unwrap().into_inner();
    assert!(!ack.acks[0].refused.is_empty());
}
