//! What a newcomer would do, with the clients they would use.

mod audit;
mod buckets;
mod chaos;
mod cli;
mod clients;
mod crash;
mod discovery;
mod ecs_api;
mod exec;
mod fleet;
mod images;
mod instances;
mod keys;
mod load_balancers;
mod logs;
mod look;
mod network;
mod nodes;
mod one_name;
mod reboot;
mod refused;
mod registry;
mod replicas;
mod roles;
mod s3;
mod secrecy;
mod services;
mod shifts;
mod starts;
mod tasks;
mod volumes;

use std::time::Duration;

use gantry_e2e::world::eventually;
use gantry_e2e::{Aws, Image, World};
use serde_json::{Value, json};

/// Generous: a test fails by it only when something hangs.
const PATIENCE: Duration = Duration::from_secs(180);

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
const EXECUTION: &str = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";

/// Makes a role that tasks may take; its ARN.
fn role(aws: &Aws, name: &str) -> String {
    let made = aws.ok(&["iam", "create-role", "--role-name", name, "--assume-role-policy-document", TRUST]);
    made["Role"]["Arn"].as_str().expect("an ARN").to_owned()
}

/// Makes an execution role with the policy that AWS has for it; its ARN.
fn execution_role(aws: &Aws) -> String {
    let arn = role(aws, "execution");
    aws.ok(&["iam", "attach-role-policy", "--role-name", "execution", "--policy-arn", EXECUTION]);
    arn
}

/// Lets a role do `actions` on `resource`.
fn allow(aws: &Aws, role: &str, actions: &[&str], resource: &str) {
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": actions, "Resource": resource }],
    });
    let policy = policy.to_string();
    let arguments = ["iam", "put-role-policy", "--role-name", role, "--policy-name", "test"];
    aws.ok(&[&arguments[..], &["--policy-document", &policy]].concat());
}

/// Registers a Fargate task definition of one container that logs to `/ecs/FAMILY`, with `more` laid over the
/// container and `over` over the definition.
fn define(world: &World, family: &str, image: &Image, more: Value, over: Value) {
    let aws = world.aws();
    let (uri, _) = image.push(world, family);
    let mut container = json!({
        "name": "main", "image": uri, "essential": true,
        "logConfiguration": { "logDriver": "awslogs", "options": {
            "awslogs-group": format!("/ecs/{family}"), "awslogs-region": aws.variable("AWS_REGION"),
            "awslogs-stream-prefix": "test",
        }},
    });
    merge(&mut container, more);
    let mut definition = json!({
        "family": family, "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
        "cpu": "256", "memory": "512", "containerDefinitions": [container],
    });
    merge(&mut definition, over);
    aws.ok(&["logs", "create-log-group", "--log-group-name", &format!("/ecs/{family}")]);
    aws.ok(&["ecs", "register-task-definition", "--cli-input-json", &definition.to_string()]);
}

fn merge(onto: &mut Value, over: Value) {
    let (Some(onto), Value::Object(over)) = (onto.as_object_mut(), over) else { return };
    onto.extend(over);
}

/// Runs `count` tasks of a family on Fargate in the first subnet of the default cluster, which is made if it is not
/// there; their ARNs.
fn run_tasks(aws: &Aws, family: &str, count: usize) -> Vec<String> {
    aws.ok(&["ecs", "create-cluster"]);
    let subnets = aws.ok(&["ec2", "describe-subnets"]);
    let subnet = subnets["Subnets"][0]["SubnetId"].as_str().expect("a subnet");
    let network = format!("awsvpcConfiguration={{subnets=[{subnet}],assignPublicIp=ENABLED}}");
    let count = count.to_string();
    let arguments =
        ["ecs", "run-task", "--launch-type", "FARGATE", "--task-definition", family, "--count", &count];
    let started = aws.ok(&[&arguments[..], &["--network-configuration", &network]].concat());
    assert_eq!(started["failures"], json!([]), "{started}");
    let arns = started["tasks"].as_array().expect("tasks").iter();
    arns.map(|task| task["taskArn"].as_str().expect("an ARN").to_owned()).collect()
}

/// The tasks as `describe-tasks` shows them.
fn describe(aws: &Aws, arns: &[String]) -> Vec<Value> {
    let arns: Vec<&str> = arns.iter().map(String::as_str).collect();
    let described = aws.ok(&[&["ecs", "describe-tasks", "--tasks"], &arns[..]].concat());
    assert_eq!(described["failures"], json!([]), "{described}");
    described["tasks"].as_array().expect("tasks").clone()
}

/// Waits until a task has this status.
fn wait_for(aws: &Aws, arn: &str, status: &str) -> Value {
    eventually(&format!("{arn} is {status}"), PATIENCE, || {
        let task = describe(aws, &[arn.to_owned()]).remove(0);
        assert!(status == "STOPPED" || task["lastStatus"] != "STOPPED", "it stopped: {task}");
        (task["lastStatus"] == status).then_some(task)
    })
}

/// All lines of a log stream, in the order of time.
fn lines_of(aws: &Aws, group: &str, stream: &str) -> Vec<String> {
    let arguments = ["logs", "filter-log-events", "--log-group-name", group, "--log-stream-names", stream];
    let found = aws.command(&arguments).output().expect("the AWS CLI is installed");
    // There is no stream before the first line.
    let found: Value = serde_json::from_slice(&found.stdout).unwrap_or_default();
    let events = found["events"].as_array().into_iter().flatten();
    events.map(|event| event["message"].as_str().expect("a message").to_owned()).collect()
}

/// All lines of a log group, in the order of time.
fn lines(aws: &Aws, group: &str) -> Vec<String> {
    let found = aws.ok(&["logs", "filter-log-events", "--log-group-name", group]);
    let events = found["events"].as_array().expect("events").iter();
    events.map(|event| event["message"].as_str().expect("a message").to_owned()).collect()
}
