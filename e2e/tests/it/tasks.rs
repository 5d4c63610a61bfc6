//! The main job: an image, a task, its log, its end.

use gantry_e2e::world::eventually;
use gantry_e2e::{Image, World};
use serde_json::json;

use crate::{PATIENCE, allow, define, execution_role, lines, role, run_tasks, wait_for};

#[test]
fn a_fargate_task_runs_says_something_and_ends() {
    let world = World::start();
    let aws = world.aws();
    aws.ok(&["ecs", "create-cluster"]);
    let execution = execution_role(&aws);
    let task_role = role(&aws, "worker");
    let secret =
        aws.ok(&["secretsmanager", "create-secret", "--name", "greeting", "--secret-string", "hush"]);
    let secret = secret["ARN"].as_str().unwrap();
    aws.ok(&["ssm", "put-parameter", "--name", "/app/colour", "--type", "SecureString", "--value", "blue"]);
    allow(&aws, "execution", &["secretsmanager:GetSecretValue", "ssm:GetParameters"], "*");
    let image = Image::script(
        r#"echo "secret=$SECRET colour=$COLOUR plain=$PLAIN"
ip -4 -o addr show dev eth0 | sed 's/.*inet \([0-9.]*\).*/address=\1/'
wget -qO- "http://169.254.170.2$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI" | grep -o '"RoleArn":"[^"]*"'
wget -qO- "$ECS_CONTAINER_METADATA_URI_V4/task" | grep -o '"Family":"[^"]*"'
exit 3"#,
    );
    define(
        &world,
        "hello",
        &image,
        json!({
            "environment": [{ "name": "PLAIN", "value": "yes" }],
            "secrets": [
                { "name": "SECRET", "valueFrom": secret },
                { "name": "COLOUR", "valueFrom": "/app/colour" },
            ],
        }),
        json!({ "executionRoleArn": execution, "taskRoleArn": task_role }),
    );
    let arn = run_tasks(&aws, "hello", 1).remove(0);
    let task = wait_for(&aws, &arn, "STOPPED");
    let container = &task["containers"][0];
    assert_eq!(container["exitCode"], 3, "{task}");
    assert_eq!(task["stopCode"], "EssentialContainerExited");
    assert_eq!(task["stoppedReason"], "Essential container in task exited");
    assert_eq!(task["launchType"], "FARGATE");
    for time in [
        "createdAt",
        "pullStartedAt",
        "pullStoppedAt",
        "startedAt",
        "executionStoppedAt",
        "stoppingAt",
        "stoppedAt",
    ] {
        assert!(!task[time].is_null(), "{time}: {task}");
    }
    let address = container["networkInterfaces"][0]["privateIpv4Address"].as_str().expect("an address");
    assert!(address.starts_with("172.31."), "{address}");
    let details = task["attachments"][0]["details"].as_array().expect("details");
    assert!(
        details.iter().any(|detail| detail["name"] == "privateIPv4Address" && detail["value"] == address)
    );

    let said =
        eventually("the log", PATIENCE, || Some(lines(&aws, "/ecs/hello")).filter(|lines| lines.len() >= 4));
    assert_eq!(said[0], "secret=hush colour=blue plain=yes");
    assert_eq!(said[1], format!("address={address}"));
    assert_eq!(said[2], format!("\"RoleArn\":\"{task_role}\""));
    assert_eq!(said[3], "\"Family\":\"hello\"");
    let tailed = aws.text(&["logs", "tail", "/ecs/hello", "--since", "10m"]);
    assert!(tailed.contains("secret=hush"), "{tailed}");
}

#[test]
fn a_task_is_stopped_with_a_signal_and_then_by_force() {
    let world = World::start();
    let aws = world.aws();
    aws.ok(&["ecs", "create-cluster"]);
    let execution = execution_role(&aws);
    let polite = Image::script("trap 'echo bye; exit 9' TERM; echo up; while :; do sleep 0.1; done");
    let deaf = Image::script("trap '' TERM; echo up; while :; do sleep 0.1; done");
    let over = json!({ "executionRoleArn": execution });
    define(&world, "polite", &polite, json!({ "stopTimeout": 20 }), over.clone());
    define(&world, "deaf", &deaf, json!({ "stopTimeout": 2 }), over);
    for (family, code) in [("polite", 9), ("deaf", 137)] {
        let arn = run_tasks(&aws, family, 1).remove(0);
        wait_for(&aws, &arn, "RUNNING");
        eventually("it is up", PATIENCE, || {
            lines(&aws, &format!("/ecs/{family}")).contains(&"up".to_owned()).then_some(())
        });
        aws.ok(&["ecs", "stop-task", "--task", &arn, "--reason", "enough"]);
        let task = wait_for(&aws, &arn, "STOPPED");
        assert_eq!(task["containers"][0]["exitCode"], code, "{task}");
        assert_eq!(task["stopCode"], "UserInitiated");
        assert_eq!(task["stoppedReason"], "enough");
        assert_eq!(task["desiredStatus"], "STOPPED");
    }
}

#[test]
fn tasks_reach_each_other_and_gantry() {
    let world = World::start();
    let aws = world.aws();
    aws.ok(&["ecs", "create-cluster"]);
    let execution = execution_role(&aws);
    let over = json!({ "executionRoleArn": execution });
    let server = Image::script("mkdir -p /www; echo found > /www/index.html; httpd -f -p 80 -h /www");
    define(&world, "server", &server, json!({ "stopTimeout": 2 }), over.clone());
    let arn = run_tasks(&aws, "server", 1).remove(0);
    let task = wait_for(&aws, &arn, "RUNNING");
    let address =
        task["containers"][0]["networkInterfaces"][0]["privateIpv4Address"].as_str().unwrap().to_owned();
    let client = Image::script(&format!(
        "until wget -qO- http://{address}/ 2>/dev/null; do sleep 0.1; done; wget -qO- $AWS_ENDPOINT_URL/_gantry/health | grep -o '\"ready\":true' | head -n 1"
    ));
    define(&world, "client", &client, json!({}), over);
    let arn = run_tasks(&aws, "client", 1).remove(0);
    let task = wait_for(&aws, &arn, "STOPPED");
    assert_eq!(task["containers"][0]["exitCode"], 0, "{task}");
    let said =
        eventually("the log", PATIENCE, || Some(lines(&aws, "/ecs/client")).filter(|lines| lines.len() >= 2));
    assert_eq!(said, ["found", "\"ready\":true"]);
}

#[test]
fn what_cannot_start_says_why() {
    let world = World::start();
    let aws = world.aws();
    aws.ok(&["ecs", "create-cluster"]);
    let execution = execution_role(&aws);
    let over = json!({ "executionRoleArn": execution });
    let image = Image::script("exit 0");
    define(&world, "sound", &image, json!({}), over.clone());
    let repository = aws.ok(&["ecr", "describe-repositories", "--repository-names", "sound"]);
    let uri = repository["repositories"][0]["repositoryUri"].as_str().unwrap();
    define(&world, "no-image", &image, json!({ "image": format!("{uri}:nothing") }), over.clone());
    let secret = "arn:aws:secretsmanager:us-east-1:000000000000:secret:nothing-AbCdEf";
    define(&world, "no-secret", &image, json!({ "secrets": [{ "name": "X", "valueFrom": secret }] }), over);
    for (family, reason) in
        [("no-image", "CannotPullContainerError"), ("no-secret", "ResourceInitializationError")]
    {
        let arn = run_tasks(&aws, family, 1).remove(0);
        let task = wait_for(&aws, &arn, "STOPPED");
        let said = task["stoppedReason"].as_str().expect("a reason");
        assert!(said.starts_with(reason), "{said}");
        assert_eq!(task["stopCode"], "TaskFailedToStart", "{task}");
    }
    let arn = run_tasks(&aws, "sound", 1).remove(0);
    assert_eq!(wait_for(&aws, &arn, "STOPPED")["containers"][0]["exitCode"], 0);
}
