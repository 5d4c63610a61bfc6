//! File systems of EFS in tasks.

use std::os::unix::fs::MetadataExt;

use gantry_e2e::world::eventually;
use gantry_e2e::{Aws, Image, World};
use serde_json::json;

use crate::{PATIENCE, define, execution_role, lines, run_tasks, wait_for};

/// The lines of a group, once there are so many.
fn said(aws: &Aws, group: &str, count: usize) -> Vec<String> {
    eventually("the log", PATIENCE, || Some(lines(aws, group)).filter(|lines| lines.len() >= count))
}

#[test]
fn tasks_of_both_kinds_share_a_file_system() {
    let world = World::start();
    let aws = world.aws();
    aws.ok(&["ecs", "create-cluster"]);
    let execution = execution_role(&aws);
    let made = aws.ok(&["efs", "create-file-system", "--creation-token", "shared"]);
    let id = made["FileSystemId"].as_str().unwrap();
    let point = aws.ok(&[
        "efs",
        "create-access-point",
        "--file-system-id",
        id,
        "--posix-user",
        "Uid=1500,Gid=1600",
        "--root-directory",
        "Path=/app,CreationInfo={OwnerUid=1500,OwnerGid=1600,Permissions=0750}",
    ]);
    let point = point["AccessPointId"].as_str().unwrap();
    let image = Image::script("eval \"$DO\"");
    let volume = |more: serde_json::Value| {
        let mut efs = json!({ "fileSystemId": id });
        crate::merge(&mut efs, more);
        json!([{ "name": "data", "efsVolumeConfiguration": efs }])
    };
    let container = |script: &str| {
        json!({ "environment": [{ "name": "DO", "value": script }], "stopTimeout": 2, "memory": 64,
            "mountPoints": [{ "sourceVolume": "data", "containerPath": "/data" }] })
    };
    let whole = volume(json!({}));
    let over = |volumes: &serde_json::Value| json!({ "executionRoleArn": execution, "volumes": volumes });
    let write =
        "echo of fargate > /data/file; busybox chown 7:8 /data/file; busybox stat -c %u:%g /data/file";
    define(&world, "writer", &image, container(write), over(&whole));

    // Without a mount target in its VPC a task finds nothing.
    let arn = run_tasks(&aws, "writer", 1).remove(0);
    let task = wait_for(&aws, &arn, "STOPPED");
    let reason = task["stoppedReason"].as_str().unwrap();
    let begin = format!(
        "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: Failed to resolve \"{id}.efs.us-east-1.amazonaws.com\""
    );
    assert!(reason.starts_with(&begin), "{reason}");
    let subnets = aws.ok(&["ec2", "describe-subnets"]);
    let subnet = subnets["Subnets"][0]["SubnetId"].as_str().unwrap();
    aws.ok(&["efs", "create-mount-target", "--file-system-id", id, "--subnet-id", subnet]);

    let arn = run_tasks(&aws, "writer", 1).remove(0);
    let task = wait_for(&aws, &arn, "STOPPED");
    assert_eq!(task["containers"][0]["exitCode"], 0, "{task}");
    let on_disk = world.data().join("efs").join(id);
    let file = std::fs::metadata(on_disk.join("file")).unwrap();
    assert_eq!((file.uid(), file.gid()), (7, 8), "on disk as within");

    // An instance's task reads it and adds to it.
    let read = "cat /data/file; busybox stat -c %u:%g /data/file; echo of an instance >> /data/file";
    let on_instance = json!({ "executionRoleArn": execution, "volumes": whole, "requiresCompatibilities": ["EC2"],
        "networkMode": "bridge" });
    define(&world, "reader", &image, container(read), on_instance);
    let started = aws.ok(&["ecs", "run-task", "--launch-type", "EC2", "--task-definition", "reader"]);
    let arn = started["tasks"][0]["taskArn"].as_str().unwrap().to_owned();
    let task = wait_for(&aws, &arn, "STOPPED");
    assert_eq!(task["containers"][0]["exitCode"], 0, "{task}");
    assert_eq!(said(&aws, "/ecs/reader", 2), ["of fargate", "7:8"]);
    let whole_file = std::fs::read_to_string(on_disk.join("file")).unwrap();
    assert_eq!(whole_file, "of fargate\nof an instance\n", "it outlives both");

    // An access point: its root is made as it says, and whoever comes by it is its user and sees nothing else.
    let by_point = volume(json!({ "transitEncryption": "ENABLED",
        "authorizationConfig": { "accessPointId": point } }));
    let script = "ls /data/..; echo mine > /data/mine; mkdir /data/sub; ls /data; busybox chown 9 /data/mine 2>/dev/null || echo no; cat /data/other 2>/dev/null || echo closed";
    define(&world, "point", &image, container(script), over(&by_point));
    let app = on_disk.join("app");
    let arn = run_tasks(&aws, "point", 1).remove(0);
    let task = wait_for(&aws, &arn, "STOPPED");
    assert_eq!(task["containers"][0]["exitCode"], 0, "{task}");
    let root = std::fs::metadata(&app).unwrap();
    assert_eq!((root.uid(), root.gid(), root.mode() & 0o777), (1500, 1600, 0o750));
    for name in ["mine", "sub"] {
        let file = std::fs::metadata(app.join(name)).unwrap();
        assert_eq!((file.uid(), file.gid()), (1500, 1600), "{name}");
    }
    let said_there = eventually("the log", PATIENCE, || {
        Some(lines(&aws, "/ecs/point")).filter(|lines| lines.contains(&"closed".to_owned()))
    });
    assert!(
        said_there.contains(&"mine".to_owned()) && said_there.contains(&"no".to_owned()),
        "{said_there:?}"
    );
    assert!(!said_there.contains(&"file".to_owned()), "it is kept in its root: {said_there:?}");
    // What is another's stays so, for root in a task, too.
    std::fs::write(app.join("other"), "secret\n").unwrap();
    std::fs::set_permissions(app.join("other"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let as_instance = json!({ "executionRoleArn": execution, "volumes": by_point,
        "requiresCompatibilities": ["EC2"], "networkMode": "bridge" });
    define(
        &world,
        "point-ec2",
        &image,
        container("cat /data/mine; cat /data/other 2>/dev/null || echo closed; echo two > /data/two"),
        as_instance,
    );
    let started = aws.ok(&["ecs", "run-task", "--launch-type", "EC2", "--task-definition", "point-ec2"]);
    let arn = started["tasks"][0]["taskArn"].as_str().unwrap().to_owned();
    let task = wait_for(&aws, &arn, "STOPPED");
    assert_eq!(task["containers"][0]["exitCode"], 0, "{task}");
    assert_eq!(said(&aws, "/ecs/point-ec2", 2), ["mine", "closed"]);
    assert_eq!(std::fs::metadata(app.join("two")).unwrap().uid(), 1500);

    // A policy that lets nobody in.
    let policy = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Deny", "Principal": "*",
        "Action": "elasticfilesystem:ClientMount", "Resource": "*" }]})
    .to_string();
    aws.ok(&["efs", "put-file-system-policy", "--file-system-id", id, "--policy", &policy]);
    let arn = run_tasks(&aws, "writer", 1).remove(0);
    let task = wait_for(&aws, &arn, "STOPPED");
    let reason = task["stoppedReason"].as_str().unwrap();
    assert!(reason.contains("b'mount.nfs4: access denied by server while mounting 127.0.0.1:/'"), "{reason}");
}
