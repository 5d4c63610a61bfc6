//! Sessions in containers: who may have one, in which container, and what comes of it on the node.

use std::time::Duration;

use gantry_api_ecs as api;
use gantry_node_proto::v1::processes_client::ProcessesClient;
use gantry_node_proto::v1::{
    self, ContainerStatus, DesiredStatus, ProcessOutput, control_message, process_input, process_output,
};
use gantry_objects::Buckets;
use gantry_service::Failure;
use gantry_service::processes::{FromProcess, Sessions, TerminalSize, ToProcess};
use serde_json::json;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Code;

use crate::node::{AT_MS, SimNode, channel, container, running};
use crate::world::{ACCOUNT, World};

/// A world with a task that may be looked into and runs, and the node that has it.
async fn having(world: &World, containers: &[&str]) -> (SimNode, String) {
    let mut node = SimNode::join(world, "node-1").await;
    let definitions: Vec<_> =
        containers.iter().map(|name| json!({ "name": name, "image": "busybox", "memory": 64 })).collect();
    world
        .register(json!({ "family": "web", "networkMode": "none", "containerDefinitions": definitions }))
        .await;
    let input = api::RunTaskRequest {
        task_definition: "web".into(),
        enable_execute_command: Some(true),
        tags: Some(vec![api::Tag { key: Some("team".into()), value: Some("a".into()) }]),
        ..Default::default()
    };
    let arn = world.run(input).await.remove(0).task_arn.unwrap();
    node.task(&arn, DesiredStatus::Running).await;
    let mut report = running(&arn);
    report.containers = containers
        .iter()
        .map(|name| v1::ContainerReport {
            started_at_ms: AT_MS + 20,
            ..container(name, ContainerStatus::Running, None)
        })
        .collect();
    node.report(vec![report]).await;
    world.until(&arn, "RUNNING").await;
    (node, arn)
}

fn ask(arn: &str) -> api::ExecuteCommandRequest {
    api::ExecuteCommandRequest {
        task: arn.into(),
        command: "/bin/sh -c 'echo a b'".into(),
        interactive: true,
        ..Default::default()
    }
}

#[tokio::test]
async fn the_agent_of_a_task_that_may_be_looked_into_is_shown() {
    let world = World::new();
    let (mut node, arn) = having(&world, &["app"]).await;
    let task = world.describe(&arn).await;
    assert_eq!(task.enable_execute_command, Some(true));
    let agents = task.containers.unwrap().remove(0).managed_agents.unwrap();
    assert_eq!(agents.len(), 1);
    assert_eq!(agents[0].name.as_deref(), Some("ExecuteCommandAgent"));
    assert_eq!(agents[0].last_status.as_deref(), Some("RUNNING"));
    assert_eq!(agents[0].last_started_at.unwrap().as_millis(), AT_MS + 20);

    let other = world
        .run(api::RunTaskRequest { task_definition: "web".into(), ..Default::default() })
        .await
        .remove(0);
    assert_eq!(other.enable_execute_command, Some(false));
    assert!(other.containers.unwrap()[0].managed_agents.is_none());
    let other = other.task_arn.unwrap();
    node.task(&other, DesiredStatus::Running).await;
    node.report(vec![running(&other)]).await;
    world.until(&other, "RUNNING").await;
    let error = world.refused::<api::ExecuteCommand>(ask(&other)).await;
    assert_eq!(error.code, "InvalidParameterException");
    assert_eq!(
        error.message,
        "The execute command failed because execute command was not enabled when the task was run or the execute \
         command agent isn\u{2019}t running. Wait and try again or run a new task with execute command enabled and \
         try again."
    );
}

#[tokio::test]
async fn what_can_not_be_is_refused() {
    let world = World::new();
    let (node, arn) = having(&world, &["app", "side"]).await;
    let named =
        |container: &str| api::ExecuteCommandRequest { container: Some(container.into()), ..ask(&arn) };
    let code = async |input| world.refused::<api::ExecuteCommand>(input).await.code;
    assert_eq!(code(ask(&arn)).await, "InvalidParameterException");
    assert_eq!(code(named("other")).await, "InvalidParameterException");
    assert_eq!(
        code(api::ExecuteCommandRequest { interactive: false, ..named("app") }).await,
        "InvalidParameterException"
    );
    assert_eq!(
        code(api::ExecuteCommandRequest { command: "sh -c 'open".into(), ..named("app") }).await,
        "InvalidParameterException"
    );
    assert_eq!(
        code(api::ExecuteCommandRequest {
            cluster: Some("other".into()),
            task: "0a".repeat(16),
            ..named("app")
        })
        .await,
        "ClusterNotFoundException"
    );
    let error = world
        .refused::<api::ExecuteCommand>(api::ExecuteCommandRequest { task: "0a".repeat(16), ..named("app") })
        .await;
    assert_eq!(error.code, "InvalidParameterException");
    drop(node);
    let mut tries = 0;
    while world.ecs.connected().open() == ["node-1"] {
        tries += 1;
        assert!(tries < 1000, "the node's session goes on");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(code(named("app")).await, "TargetNotConnectedException");
}

#[tokio::test]
async fn a_policy_may_name_cluster_task_container_and_tags() {
    let world = World::new();
    let (_node, arn) = having(&world, &["app"]).await;
    let cluster = format!("arn:aws:ecs:us-east-1:{ACCOUNT}:cluster/default");
    let may = async |statement: serde_json::Value| {
        let mut statement = statement;
        statement["Effect"] = "Allow".into();
        statement["Action"] = "ecs:ExecuteCommand".into();
        let policy = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
        let answer = world.handlers.call::<api::ExecuteCommand>(&world.user(&policy), ask(&arn)).await;
        match answer {
            Ok(_) => true,
            Err(Failure::Denied(_)) => false,
            Err(other) => panic!("{other:?}"),
        }
    };
    assert!(may(json!({ "Resource": "*" })).await);
    assert!(may(json!({ "Resource": [arn, cluster] })).await);
    assert!(!may(json!({ "Resource": [arn] })).await);
    assert!(!may(json!({ "Resource": [cluster] })).await);
    let equals = async |key: &str, value: &str| {
        may(json!({ "Resource": "*", "Condition": { "StringEquals": { key: value } } })).await
    };
    assert!(equals("ecs:container-name", "app").await && !equals("ecs:container-name", "side").await);
    assert!(equals("ecs:cluster", &cluster).await && !equals("ecs:cluster", "other").await);
    assert!(equals("ecs:task", &arn).await && !equals("ecs:task", "other").await);
}

#[tokio::test]
async fn a_session_reaches_the_node_and_its_process_whoever_has_its_token() {
    let world = World::new();
    let (mut node, arn) = having(&world, &["app"]).await;
    let answer = world.call::<api::ExecuteCommand>(ask(&arn)).await.unwrap();
    assert_eq!(answer.task_arn.as_deref(), Some(arn.as_str()));
    assert_eq!((answer.container_name.as_deref(), answer.interactive), (Some("app"), Some(true)));
    let shown = world.describe(&arn).await.containers.unwrap().remove(0);
    assert_eq!(answer.container_arn, shown.container_arn);
    let session = answer.session.unwrap();
    let (id, token) = (session.session_id.unwrap(), session.token_value.unwrap());
    assert!(id.starts_with("ecs-execute-command-"));
    assert_eq!(
        session.stream_url.unwrap(),
        format!("ws://127.0.0.1:4566/v1/data-channel/{id}?role=publish_subscribe")
    );

    assert!(world.ecs.enter(&id, "another").is_none());
    let entered = world.ecs.enter(&id, &token).unwrap();
    assert!(world.ecs.enter(&id, &token).is_none(), "a token lets in once");
    assert_eq!(entered.command, "/bin/sh -c 'echo a b'");

    let ecs = world.ecs.clone();
    let size = TerminalSize { columns: 90, rows: 30 };
    let starting = tokio::spawn(async move { ecs.start(&entered, Some(size)).await });
    let wanted = loop {
        if let Some(control_message::Message::StartProcess(wanted)) = node.next().await.unwrap() {
            break wanted;
        }
    };
    assert_eq!((wanted.session_id.as_str(), wanted.task_arn.as_str()), (id.as_str(), arn.as_str()));
    assert_eq!(wanted.runtime_id, "0a0b");
    assert_eq!(wanted.args, ["/bin/sh", "-c", "echo a b"]);
    assert_eq!(wanted.terminal, Some(v1::TerminalSize { columns: 90, rows: 30 }));

    let mut processes = ProcessesClient::new(channel(&world).await);
    let hello = |node: &str| ProcessOutput {
        message: Some(process_output::Message::Hello(v1::AttachHello {
            node_id: node.into(),
            session_id: id.clone(),
        })),
    };
    let (_say, said) = mpsc::channel(4);
    _say.send(hello("node-2")).await.unwrap();
    let refused = processes.attach(ReceiverStream::new(said)).await;
    assert_eq!(refused.unwrap_err().code(), Code::NotFound, "another node is not asked for it");

    let (say, said) = mpsc::channel(4);
    say.send(hello("node-1")).await.unwrap();
    let mut heard = processes.attach(ReceiverStream::new(said)).await.unwrap().into_inner();
    let mut process = starting.await.unwrap().unwrap();
    process.input.send(ToProcess::Input("typed".into())).await.unwrap();
    let input = heard.message().await.unwrap().unwrap().message.unwrap();
    assert_eq!(input, process_input::Message::Input("typed".into()));
    for message in [process_output::Message::Output("a b\n".into()), process_output::Message::ExitCode(0)] {
        say.send(ProcessOutput { message: Some(message) }).await.unwrap();
    }
    assert_eq!(process.output.recv().await, Some(FromProcess::Output("a b\n".into())));
    assert_eq!(process.output.recv().await, Some(FromProcess::Exited(0)));
    drop(process);
    assert!(heard.message().await.is_ok_and(|message| message.is_none()), "the node hears of the end");
}

#[tokio::test]
async fn what_a_cluster_asks_for_and_is_not_done_is_refused() {
    let world = World::new();
    let (_node, arn) = having(&world, &["app"]).await;
    let input = api::UpdateClusterRequest {
        cluster: "default".into(),
        configuration: Some(api::ClusterConfiguration {
            execute_command_configuration: Some(api::ExecuteCommandConfiguration {
                kms_key_id: Some("alias/exec".into()),
                logging: Some("NONE".into()),
                ..Default::default()
            }),
            ..Default::default()
        }),
        ..Default::default()
    };
    world.call::<api::UpdateCluster>(input).await.unwrap();
    let error = world.refused::<api::ExecuteCommand>(ask(&arn)).await;
    assert!(error.message.contains("kmsKeyId"), "{}", error.message);
}

#[tokio::test]
async fn what_is_said_is_kept_in_the_bucket_of_the_cluster() {
    let world = World::new();
    // Whoever writes for a task without roles, on an instance.
    world.roles.known.lock().unwrap().insert(format!("arn:aws:iam::{ACCOUNT}:role/ecsInstanceRole"));
    let (mut node, arn) = having(&world, &["app"]).await;
    let keep_in = async |bucket: &str| {
        let to = api::ExecuteCommandLogConfiguration {
            s3_bucket_name: Some(bucket.into()),
            s3_key_prefix: Some("of/exec".into()),
            ..Default::default()
        };
        let configuration = api::ClusterConfiguration {
            execute_command_configuration: Some(api::ExecuteCommandConfiguration {
                logging: Some("OVERRIDE".into()),
                log_configuration: Some(to),
                ..Default::default()
            }),
            ..Default::default()
        };
        let input = api::UpdateClusterRequest {
            cluster: "default".into(),
            configuration: Some(configuration),
            ..Default::default()
        };
        world.call::<api::UpdateCluster>(input).await.unwrap();
    };
    keep_in("nowhere").await;
    let error = world.refused::<api::ExecuteCommand>(ask(&arn)).await;
    assert!(error.message.contains("NoSuchBucket"), "{}", error.message);

    keep_in("settings").await;
    let session = world.call::<api::ExecuteCommand>(ask(&arn)).await.unwrap().session.unwrap();
    let (id, token) = (session.session_id.unwrap(), session.token_value.unwrap());
    let entered = world.ecs.enter(&id, &token).unwrap();
    let ecs = world.ecs.clone();
    let starting = tokio::spawn(async move { ecs.start(&entered, None).await });
    while !matches!(node.next().await.unwrap(), Some(control_message::Message::StartProcess(_))) {}
    let mut processes = ProcessesClient::new(channel(&world).await);
    let (say, said) = mpsc::channel(4);
    let hello = v1::AttachHello { node_id: "node-1".into(), session_id: id.clone() };
    say.send(ProcessOutput { message: Some(process_output::Message::Hello(hello)) }).await.unwrap();
    let _heard = processes.attach(ReceiverStream::new(said)).await.unwrap();
    let mut process = starting.await.unwrap().unwrap();
    for message in [process_output::Message::Output("a b\n".into()), process_output::Message::ExitCode(0)] {
        say.send(ProcessOutput { message: Some(message) }).await.unwrap();
    }
    assert_eq!(process.output.recv().await, Some(FromProcess::Output("a b\n".into())));
    assert_eq!(process.output.recv().await, Some(FromProcess::Exited(0)));
    let key = format!("of/exec/{id}.log");
    assert_eq!(world.buckets.keys("settings"), [key.as_str()]);
    assert_eq!(&world.buckets.read("settings", &key, 100).await.unwrap()[..], b"a b\n");
}
