//! Secrets, files of variables, registry passwords and log streams: got as the execution role before a task starts.

use gantry_node_proto::v1::DesiredStatus;
use gantry_objects::Buckets;
use serde_json::{Value, json};

use crate::node::{SimNode, environment};
use crate::world::World;

const SECRET: &str = "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf";

fn document(container: Value) -> Value {
    let mut app = json!({"name": "app", "image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/app:1"});
    app.as_object_mut().unwrap().extend(container.as_object().unwrap().clone());
    json!({
        "family": "web", "networkMode": "awsvpc", "cpu": "256", "memory": "512", "executionRoleArn": "exec",
        "requiresCompatibilities": ["FARGATE"], "containerDefinitions": [app],
    })
}

fn world() -> World {
    let world = World::new();
    world.roles.known.lock().unwrap().insert("arn:aws:iam::123456789012:role/exec".into());
    world
}

#[tokio::test]
async fn values_reach_the_container_and_are_fetched_as_the_execution_role() {
    let world = world();
    let mut node = SimNode::join(&world, "node-1").await;
    world.siblings.secrets.lock().unwrap().insert(SECRET.into(), r#"{"user":"ann","port":5432}"#.into());
    world.siblings.parameters.lock().unwrap().insert("/app/level".into(), "debug".into());
    world
        .register(document(json!({"secrets": [
            {"name": "WHOLE", "valueFrom": SECRET},
            {"name": "DB_USER", "valueFrom": format!("{SECRET}:user::")},
            {"name": "PORT", "valueFrom": format!("{SECRET}:port::")},
            {"name": "LEVEL", "valueFrom": "arn:aws:ssm:us-east-1:123456789012:parameter/app/level"},
        ]})))
        .await;
    let arn = world.run(world.run_web()).await.remove(0).task_arn.unwrap();
    let desired = node.task(&arn, DesiredStatus::Running).await;
    let env = environment(&desired.containers[0]);
    assert_eq!((env["DB_USER"], env["PORT"], env["LEVEL"]), ("ann", "5432", "debug"));
    assert!(env["WHOLE"].contains("5432"));
    let image = desired.containers[0].image.as_ref().unwrap();
    assert_eq!((image.registry_url.as_str(), image.repository.as_str()), ("http://127.0.0.1:4566", "app"));
    let auth = image.auth.as_ref().unwrap();
    assert!(auth.username == "AWS" && auth.password.starts_with("of ASIA"));
    let id = desired.task_id;
    let asked = world.siblings.asked.lock().unwrap().join("\n");
    for operation in ["get_secret_value", "get_parameters", "get_authorization_token"] {
        let line = format!("arn:aws:sts::123456789012:assumed-role/exec/{id} {operation}");
        assert!(asked.contains(&line), "{line} in {asked}");
    }
}

#[tokio::test]
async fn a_secret_never_stands_in_the_store_as_it_is() {
    let world = world();
    let mut node = SimNode::join(&world, "node-1").await;
    world.siblings.secrets.lock().unwrap().insert(SECRET.into(), "hunter2-hunter2".into());
    world.register(document(json!({"secrets": [{"name": "P", "valueFrom": SECRET}]}))).await;
    let arn = world.run(world.run_web()).await.remove(0).task_arn.unwrap();
    node.task(&arn, DesiredStatus::Running).await;
    let everything = gantry_store::Range::new(vec![0], vec![0xff]);
    let page = world.db.kv().range(everything, 10_000, gantry_store::Order::Ascending).await.unwrap();
    assert!(page.kvs.len() > 5);
    for kv in page.kvs {
        assert!(!kv.value.windows(7).any(|some| some == b"hunter2"), "{:?}", kv.key);
    }
}

#[tokio::test]
async fn what_can_t_be_fetched_stops_the_task_with_aws_s_reason() {
    let world = world();
    let _node = SimNode::join(&world, "node-1").await;
    let start = "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval \
                 failed: ";
    let logs = json!({"logConfiguration": {"logDriver": "awslogs", "options": {
        "awslogs-group": "none", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "p"}}});
    world.siblings.secrets.lock().unwrap().insert(SECRET.into(), "no json".into());
    for (container, reason) in [
        (
            json!({"secrets": [{"name": "P", "valueFrom": "arn:aws:secretsmanager:us-east-1:123456789012:secret:no-AbCdEf"}]}),
            format!(
                "{start}unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch \
                 secret arn:aws:secretsmanager:us-east-1:123456789012:secret:no-AbCdEf from secrets manager: \
                 ResourceNotFoundException: Secrets Manager can't find the specified secret."
            ),
        ),
        (
            json!({"secrets": [{"name": "P", "valueFrom": format!("{SECRET}:user::")}]}),
            format!(
                "{start}unable to retrieve secret from asm: retrieved secret from Secrets Manager did not contain \
                 json key user"
            ),
        ),
        (
            json!({"secrets": [{"name": "P", "valueFrom": "/none"}]}),
            format!(
                "{start}unable to retrieve secrets from ssm: service call has been retried 1 time(s): invalid ssm \
                 parameters: /none"
            ),
        ),
        (
            logs,
            "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: \
             failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist."
                .to_owned(),
        ),
    ] {
        world.register(document(container)).await;
        let arn = world.run(world.run_web()).await.remove(0).task_arn.unwrap();
        let task = world.until(&arn, "STOPPED").await;
        assert_eq!(task.stop_code.as_deref(), Some("TaskFailedToStart"));
        assert_eq!(task.stopped_reason, Some(reason));
    }
    assert!(world.siblings.interfaces.lock().unwrap().is_empty(), "no interface is left");
}

fn file(key: &str) -> Value {
    json!({"type": "s3", "value": format!("arn:aws:s3:::settings/{key}.env")})
}

#[tokio::test]
async fn variables_of_files_reach_the_container_and_its_own_win() {
    let world = world();
    let mut node = SimNode::join(&world, "node-1").await;
    let put = async |key: &str, text: &'static str| {
        world.buckets.write("settings", key, text.into()).await.unwrap();
    };
    put("one.env", "# of one\nA=1 of one\nB=1\nC=1\n").await;
    put("two.env", "A=2\nD=\"2\"\n").await;
    put("three.env", "C=3\nE=3\n").await;
    let document = document(json!({
        "environmentFiles": [file("one"), file("two")], "environment": [{"name": "B", "value": "own"}],
    }));
    world.register(document).await;
    let arn = world.run(world.run_web()).await.remove(0).task_arn.unwrap();
    let desired = node.task(&arn, DesiredStatus::Running).await;
    let env = environment(&desired.containers[0]);
    assert_eq!((env["A"], env["B"], env["C"], env["D"]), ("1 of one", "own", "1", "\"2\""));

    // A run may name others instead, and they are shown.
    let mut run = world.run_web();
    let over = gantry_api_ecs::ContainerOverride {
        name: Some("app".into()),
        environment_files: Some(vec![gantry_api_ecs::EnvironmentFile {
            value: "arn:aws:s3:::settings/three.env".into(),
            r#type: "s3".into(),
        }]),
        ..Default::default()
    };
    run.overrides =
        Some(gantry_api_ecs::TaskOverride { container_overrides: Some(vec![over]), ..Default::default() });
    let task = world.run(run).await.remove(0);
    let shown = task.overrides.unwrap().container_overrides.unwrap().remove(0);
    assert_eq!(shown.environment_files.unwrap()[0].value, "arn:aws:s3:::settings/three.env");
    let desired = node.task(&task.task_arn.unwrap(), DesiredStatus::Running).await;
    let env = environment(&desired.containers[0]);
    assert_eq!((env["B"], env["C"], env["E"], env.get("A")), ("own", "3", "3", None));
}

#[tokio::test]
async fn a_file_that_can_t_be_had_stops_the_task_with_aws_s_reason() {
    let world = world();
    let _node = SimNode::join(&world, "node-1").await;
    world.buckets.write("settings", "one.env", "A=1".into()).await.unwrap();
    world.buckets.write("settings", "large.env", vec![b'x'; 70_000].into()).await.unwrap();
    let start = "ResourceInitializationError: failed to download env files: file download command: non empty error stream: ";
    let allow = |actions: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":[{actions}],"Resource":"*"}}}}"#
        )
    };
    let without_get = allow(r#""s3:GetBucketLocation","ecr:*""#);
    let without_location = allow(r#""s3:GetObject","ecr:*""#);
    for (key, policy, reason) in [
        ("none", None, "arn:aws:s3:::settings/none.env: NoSuchKey: The specified key does not exist."),
        ("large", None, "arn:aws:s3:::settings/large.env: EntityTooLarge: the object has 70000 bytes"),
        ("one", Some(without_get), "AccessDenied: User: arn:aws:sts::123456789012:assumed-role/exec/"),
        ("one", Some(without_location), "AccessDenied: User: arn:aws:sts::123456789012:assumed-role/exec/"),
    ] {
        *world.roles.policy.lock().unwrap() = policy;
        world.register(document(json!({"environmentFiles": [file(key)]}))).await;
        let arn = world.run(world.run_web()).await.remove(0).task_arn.unwrap();
        let task = world.until(&arn, "STOPPED").await;
        assert_eq!(task.stop_code.as_deref(), Some("TaskFailedToStart"));
        let said = task.stopped_reason.unwrap();
        assert!(said.starts_with(&format!("{start}{reason}")), "{said}");
    }
}
