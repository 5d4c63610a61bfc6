//! Looking at what runs: `gantry ps`, `top`, `logs` of a service, `open` and `explain`.

use std::process::Stdio;

use gantry_e2e::world::{eventually, run};
use gantry_e2e::{Image, World};
use serde_json::{Value, json};

use crate::{PATIENCE, define, execution_role};

/// What the command prints for programs.
fn shown(world: &World, arguments: &[&str]) -> Value {
    let output = run(world.gantry().arg("--json").args(arguments));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// What it prints for people.
fn written(world: &World, arguments: &[&str]) -> String {
    String::from_utf8_lossy(&run(world.gantry().args(arguments)).stdout).into_owned()
}

#[test]
fn a_service_is_looked_at_and_what_keeps_one_from_running_is_explained() {
    let mut world = World::start();
    let aws = world.aws();
    aws.ok(&["ecs", "create-cluster"]);
    let execution = execution_role(&aws);
    let server = Image::script(
        "mkdir -p /www; echo hello > /www/index.html; echo begun; trap 'echo over; exit 0' TERM
httpd -f -p 80 -h /www & while :; do sleep 0.2; done",
    );
    let more = json!({ "portMappings": [{ "containerPort": 80 }], "stopTimeout": 5 });
    define(&world, "web", &server, more, json!({ "executionRoleArn": execution }));
    let subnets = aws.ok(&["ec2", "describe-subnets"]);
    let subnet = subnets["Subnets"][0]["SubnetId"].as_str().expect("a subnet");
    let network = format!("awsvpcConfiguration={{subnets=[{subnet}],assignPublicIp=ENABLED}}");
    let service = ["ecs", "create-service", "--service-name", "shop", "--task-definition", "web"];
    let more = ["--desired-count", "1", "--launch-type", "FARGATE", "--network-configuration", &network];
    aws.ok(&[&service[..], &more[..]].concat());

    let task = eventually("its task runs", PATIENCE, || {
        let tasks = shown(&world, &["ps", "shop"]);
        tasks.as_array().expect("tasks").iter().find(|task| task["status"] == "RUNNING").cloned()
    });
    assert_eq!((&task["service"], &task["cluster"]), (&json!("shop"), &json!("default")), "{task}");
    assert!(task["node"].is_string() && task["hostname"].is_string(), "{task}");
    let arn = task["task_arn"].as_str().expect("an ARN").to_owned();
    let id = arn.rsplit('/').next().expect("an id");
    let table = written(&world, &["ps"]);
    assert!(table.contains(&id[..12]) && table.contains("RUNNING"), "{table}");
    assert_eq!(shown(&world, &["ps", "nothing"]), json!([]));

    let used = shown(&world, &["top", "--once"]);
    let used = used["tasks"].as_array().expect("tasks").iter().find(|one| one["task_arn"] == arn.as_str());
    let used = used.expect("the task is measured");
    assert_eq!((&used["of"], &used["memory_limit_bytes"]), (&json!("shop"), &json!(512 << 20)), "{used}");
    assert!(used["memory_bytes"].as_u64() > Some(0) && used["cpu_percent"].is_number(), "{used}");

    let url = written(&world, &["open", "shop"]);
    assert!(url.starts_with("http://") && url.trim_end().ends_with('/'), "{url}");
    let explained = written(&world, &["explain", "shop"]);
    assert!(explained.starts_with("service shop in default: ACTIVE, 1 of 1 tasks run"), "{explained}");

    // What the task says, to its end.
    eventually("its first line is stored", PATIENCE, || {
        written(&world, &["logs", "shop"]).contains("/main | begun").then_some(())
    });
    let follow =
        world.gantry().args(["logs", id, "--follow"]).stdout(Stdio::piped()).spawn().expect("it starts");
    aws.ok(&["ecs", "update-service", "--service", "shop", "--desired-count", "0"]);
    let said = follow.wait_with_output().expect("it ends with the task");
    assert_eq!(String::from_utf8_lossy(&said.stdout), "begun\nover\n");
    let explained = written(&world, &["explain", &id[..12]]);
    assert!(explained.contains("ServiceSchedulerInitiated: Scaling activity initiated by"), "{explained}");
    let stopped = written(&world, &["ps", "--all", "shop"]);
    assert!(stopped.contains("STOPPED (0)"), "{stopped}");

    // What no instance may take.
    let image = Image::script("while :; do sleep 1; done");
    let over =
        json!({ "requiresCompatibilities": ["EC2"], "networkMode": "none", "executionRoleArn": execution });
    define(&world, "job", &image, json!({}), over);
    let service = ["ecs", "create-service", "--service-name", "stuck", "--task-definition", "job"];
    let more = ["--desired-count", "1", "--launch-type", "EC2", "--placement-constraints"];
    let constraint = "type=memberOf,expression=attribute:rack == none";
    aws.ok(&[&service[..], &more[..], &[constraint]].concat());
    eventually("it is explained node by node", PATIENCE, || {
        let explained = written(&world, &["explain", "stuck"]);
        let by_node = explained.contains(": does not meet the memberOf constraint attribute:rack == none");
        let event = "was unable to place a task because no container instance met all of its requirements. The closest \
                     matching (container-instance ";
        (by_node && explained.contains(event)).then_some(())
    });

    let refused = world.gantry().args(["explain", "nothing"]).output().expect("it ran");
    assert!(!refused.status.success());
    let why = String::from_utf8_lossy(&refused.stderr);
    assert!(why.contains("no task, service or family nothing in any cluster"), "{why}");

    // Its tasks are stopped for good: a service starts none in their place meanwhile.
    aws.ok(&["ecs", "update-service", "--service", "shop", "--desired-count", "1"]);
    eventually("it runs again", PATIENCE, || {
        written(&world, &["explain", "shop"]).contains("1 of 1 tasks run").then_some(())
    });
    world.down();
}
