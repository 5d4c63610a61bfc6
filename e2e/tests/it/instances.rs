//! Tasks of the launch type EC2: the bridge of the host, and what keeps a task from starting.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use gantry_e2e::world::{eventually, free_port};
use gantry_e2e::{Aws, Image, World};
use serde_json::{Value, json};

use crate::{PATIENCE, allow, describe, execution_role, lines_of, role, wait_for};

/// Registers a definition for instances.
fn register(aws: &Aws, family: &str, containers: Value, over: Value) -> Value {
    let mut definition = json!({ "family": family, "containerDefinitions": containers });
    crate::merge(&mut definition, over);
    aws.ok(&["ecs", "register-task-definition", "--cli-input-json", &definition.to_string()])
}

fn run(aws: &Aws, family: &str) -> Value {
    aws.ok(&["ecs", "run-task", "--launch-type", "EC2", "--task-definition", family])
}

fn started(aws: &Aws, family: &str) -> String {
    let started = run(aws, family);
    assert_eq!(started["failures"], json!([]), "{started}");
    started["tasks"][0]["taskArn"].as_str().expect("an ARN").to_owned()
}

/// What a server of the host says at a port; empty when nothing answers.
fn ask(port: u16) -> String {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else { return String::new() };
    stream.set_read_timeout(Some(Duration::from_secs(5))).expect("a timeout can be set");
    if stream.write_all(b"GET / HTTP/1.0\r\n\r\n").is_err() {
        return String::new();
    }
    let mut said = String::new();
    let _ = stream.read_to_string(&mut said);
    said
}

fn log(aws: &Aws, name: &str) -> Value {
    json!({ "logDriver": "awslogs", "options": { "awslogs-group": "/ecs/bridge",
        "awslogs-region": aws.variable("AWS_REGION"), "awslogs-stream-prefix": name }})
}

#[test]
fn a_task_on_the_bridge_is_reached_by_ports_of_the_host() {
    let mut world = World::start();
    let aws = world.aws();
    aws.ok(&["ecs", "create-cluster"]);
    aws.ok(&["logs", "create-log-group", "--log-group-name", "/ecs/bridge"]);
    let execution = execution_role(&aws);
    let image = Image::script(
        r#"if [ "$ROLE" = server ]; then mkdir -p /www; echo found > /www/index.html; httpd -p 80 -h /www; httpd -f -p 81 -h /www; fi
grep -c store /etc/hosts; until wget -qO- http://store:80/; do sleep 0.1; done
wget -qO- "$ECS_CONTAINER_METADATA_URI_V4" | grep -o '"NetworkMode":"[^"]*"'; wget -qO- "http://169.254.170.2/v2/metadata" | grep -o '"Family":"[^"]*"'
wget -qO- "$ECS_AGENT_URI/task-protection/v1/state" 2>&1 | grep -o '"Reason":"[^"]*"\|server returned error: HTTP/1.1 [0-9]*'
wget -qO- $AWS_ENDPOINT_URL/_gantry/health | grep -o '"ready":true' | head -n 1; trap 'exit 0' TERM; while :; do sleep 0.1; done"#,
    );
    let (uri, _) = image.push(&world, "bridge");
    let fixed = free_port();
    let over = json!({ "executionRoleArn": execution });
    let server = json!({ "name": "server", "image": uri, "memory": 64, "stopTimeout": 2,
        "environment": [{ "name": "ROLE", "value": "server" }],
        "portMappings": [{ "containerPort": 80 }, { "containerPort": 81, "hostPort": fixed },
            { "containerPortRange": "90-92" }]});
    let client = json!({ "name": "client", "image": uri, "memory": 64, "stopTimeout": 2, "links": ["server:store"],
        "logConfiguration": log(&aws, "client") });
    let made = register(&aws, "bridge", json!([client, server]), over.clone());
    assert_eq!(made["taskDefinition"]["networkMode"], Value::Null, "none is bridge");
    let arn = started(&aws, "bridge");
    let task = wait_for(&aws, &arn, "RUNNING");
    let server = task["containers"].as_array().unwrap().iter().find(|it| it["name"] == "server").unwrap();
    let bindings = server["networkBindings"].as_array().unwrap();
    assert_eq!(bindings.len(), 3, "{bindings:?}");
    assert!(bindings.iter().all(|it| it["bindIP"] == "0.0.0.0" && it["protocol"] == "tcp"), "{bindings:?}");
    let dynamic = bindings[0]["hostPort"].as_u64().unwrap() as u16;
    assert!(dynamic >= 1024, "{bindings:?}");
    assert_eq!((&bindings[1]["hostPort"], &bindings[1]["containerPort"]), (&json!(fixed), &json!(81)));
    assert_eq!(bindings[2]["containerPortRange"], "90-92");
    let range = bindings[2]["hostPortRange"].as_str().unwrap();
    assert!(range.contains('-') && bindings[2]["hostPort"].is_null(), "{bindings:?}");
    assert_eq!(server["networkInterfaces"], json!([]));
    for port in [dynamic, fixed] {
        eventually("the server answers", PATIENCE, || ask(port).contains("found").then_some(()));
    }
    let stream = format!("client/client/{}", arn.rsplit('/').next().unwrap());
    let said = eventually("the log", PATIENCE, || {
        Some(lines_of(&aws, "/ecs/bridge", &stream)).filter(|lines| lines.len() >= 6)
    });
    assert_eq!(said[1], "found", "{said:?}");
    assert_eq!(said[2], "\"NetworkMode\":\"bridge\"", "{said:?}");
    assert_eq!(said[3], "\"Family\":\"bridge\"", "{said:?}");
    assert!(said[4].contains("403"), "it has no role: {said:?}");
    assert_eq!(said[5], "\"ready\":true", "{said:?}");

    // A second one finds the fixed port taken, by a task and then by somebody else.
    let refused = run(&aws, "bridge");
    assert_eq!(refused["failures"][0]["reason"], "RESOURCE:PORTS", "{refused}");
    let taken = TcpListener::bind(("0.0.0.0", 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let one = json!([{ "name": "main", "image": uri, "memory": 64,
        "portMappings": [{ "containerPort": 80, "hostPort": port }]}]);
    register(&aws, "taken", one, over);
    let other = started(&aws, "taken");
    let task = wait_for(&aws, &other, "STOPPED");
    assert_eq!(task["stopCode"], "TaskFailedToStart");
    let reason = task["containers"][0]["reason"].as_str().unwrap();
    assert!(reason.starts_with("CannotStartContainerError: Error response from daemon: "), "{reason}");
    assert!(reason.contains(&format!("0.0.0.0:{port}: bind: address already in use")), "{reason}");

    // It outlives a crash, is reached meanwhile, and leaves nothing.
    world.kill();
    assert!(ask(dynamic).contains("found"), "while Gantry is gone");
    world.up();
    let aws = world.aws();
    assert_eq!(describe(&aws, std::slice::from_ref(&arn))[0]["lastStatus"], "RUNNING");
    assert!(ask(fixed).contains("found"));
    assert!(TcpListener::bind(("0.0.0.0", fixed)).is_err() || ask(fixed).contains("found"));
    aws.ok(&["ecs", "stop-task", "--task", &arn]);
    wait_for(&aws, &arn, "STOPPED");
    assert_eq!(ask(fixed), "");
    drop(TcpListener::bind(("0.0.0.0", fixed)).expect("the port is free again"));
}

#[test]
fn every_reason_to_stop_is_told_in_aws_s_words() {
    let world = World::start();
    let aws = world.aws();
    aws.ok(&["ecs", "create-cluster"]);
    let execution = execution_role(&aws);
    let image = Image::script("x=x; while :; do x=$x$x; done");
    let (uri, _) = image.push(&world, "greedy");
    let over = json!({ "executionRoleArn": execution });

    // More memory than there is.
    register(&aws, "greedy", json!([{ "name": "main", "image": uri, "memory": 32 }]), over.clone());
    let arn = started(&aws, "greedy");
    let task = wait_for(&aws, &arn, "STOPPED");
    assert_eq!(task["stopCode"], "EssentialContainerExited", "{task}");
    assert_eq!(task["stoppedReason"], "Essential container in task exited");
    let container = &task["containers"][0];
    assert_eq!(container["exitCode"], 137, "{task}");
    assert_eq!(container["reason"], "OutOfMemoryError: Container killed due to memory usage");

    // An image that is not there.
    let absent = json!([{ "name": "main", "image": uri.replace(":latest", ":absent"), "memory": 32 }]);
    register(&aws, "absent", absent, over.clone());
    let arn = started(&aws, "absent");
    let task = wait_for(&aws, &arn, "STOPPED");
    let reason = task["stoppedReason"].as_str().unwrap();
    assert!(reason.starts_with("CannotPullContainerError: pull image manifest has been retried"), "{reason}");
    assert!(reason.contains("not found"), "{reason}");
    assert_eq!(task["stopCode"], "TaskFailedToStart");

    // A secret that is not there, and one that may not be read.
    allow(&aws, "execution", &["secretsmanager:GetSecretValue"], "arn:aws:secretsmanager:*:*:secret:open*");
    aws.ok(&["secretsmanager", "create-secret", "--name", "closed", "--secret-string", "x"]);
    for (name, said) in [("open", "ResourceNotFoundException"), ("closed", "AccessDeniedException")] {
        let secret = format!("arn:aws:secretsmanager:us-east-1:000000000000:secret:{name}");
        let one = json!([{ "name": "main", "image": uri, "memory": 32,
            "secrets": [{ "name": "X", "valueFrom": secret }] }]);
        register(&aws, name, one, over.clone());
        let arn = started(&aws, name);
        let task = wait_for(&aws, &arn, "STOPPED");
        let reason = task["stoppedReason"].as_str().unwrap();
        let begin = "ResourceInitializationError: unable to pull secrets or registry auth: ";
        assert!(reason.starts_with(begin) && reason.contains(said), "{reason}");
        assert_eq!(task["stopCode"], "TaskFailedToStart");
    }

    // A role that may not be passed.
    let task_role = role(&aws, "worker");
    let with_role = json!({ "executionRoleArn": execution, "taskRoleArn": task_role });
    register(&aws, "passed", json!([{ "name": "main", "image": uri, "memory": 32 }]), with_role);
    aws.ok(&["iam", "create-user", "--user-name", "limited"]);
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "ecs:*", "Resource": "*" }]})
    .to_string();
    let put = ["iam", "put-user-policy", "--user-name", "limited", "--policy-name", "p", "--policy-document"];
    aws.ok(&[&put[..], &[&policy]].concat());
    let key = aws.ok(&["iam", "create-access-key", "--user-name", "limited"]);
    let key = &key["AccessKey"];
    let limited =
        aws.with_keys(key["AccessKeyId"].as_str().unwrap(), key["SecretAccessKey"].as_str().unwrap(), None);
    let said = limited.refused(&["ecs", "run-task", "--task-definition", "passed"]);
    assert!(
        said.contains("User: arn:aws:iam::000000000000:user/limited is not authorized to perform: iam:PassRole on resource:"),
        "{said}"
    );

    // A pair of CPU and memory that Fargate does not have.
    let definition = json!({ "family": "pair", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc",
        "cpu": "256", "memory": "4096", "containerDefinitions": [{ "name": "main", "image": uri }]});
    let said = aws.refused(&["ecs", "register-task-definition", "--cli-input-json", &definition.to_string()]);
    assert!(
        said.contains("No Fargate configuration exists for given values: 256 CPU, 4096 memory. See the Amazon ECS documentation for the valid values."),
        "{said}"
    );

    // What is not done says so before anything starts.
    for (name, more) in [
        ("firelens", json!({ "firelensConfiguration": { "type": "fluentbit" } })),
        ("gpu", json!({ "resourceRequirements": [{ "type": "GPU", "value": "1" }] })),
    ] {
        let mut one = json!({ "name": "main", "image": uri, "memory": 32 });
        crate::merge(&mut one, more);
        register(&aws, name, json!([one]), over.clone());
        let output = aws.command(&["ecs", "run-task", "--task-definition", name]).output().unwrap();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        let wanted = if name == "gpu" { "RESOURCE:GPU" } else { "firelensConfiguration" };
        assert!(said.contains(wanted), "{name}: {said}");
    }
    let files = json!([{ "name": "main", "image": uri, "memory": 32,
        "environmentFiles": [{ "type": "s3", "value": "arn:aws:s3:::bucket/some.env" }] }]);
    register(&aws, "files", files, over);
    let arn = started(&aws, "files");
    let task = wait_for(&aws, &arn, "STOPPED");
    let reason = task["stoppedReason"].as_str().unwrap();
    assert!(reason.starts_with("ResourceInitializationError: failed to download env files:"), "{reason}");
}
