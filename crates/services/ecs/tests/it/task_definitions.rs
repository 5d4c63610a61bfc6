//! Task definitions: registered with AWS's defaults, described, listed, deregistered, refused.

use gantry_api_ecs as api;
use gantry_service::Failure;
use gantry_wire::to_json;
use serde_json::json;

use crate::world::World;

fn describe(name: &str) -> api::DescribeTaskDefinitionRequest {
    api::DescribeTaskDefinitionRequest { task_definition: name.into(), ..Default::default() }
}

#[tokio::test]
async fn a_definition_is_kept_whole_and_shown_with_aws_s_defaults() {
    let world = World::still();
    let made = world
        .register(json!({
            "family": "web", "networkMode": "awsvpc", "cpu": ".25 vCPU", "memory": "0.5GB",
            "executionRoleArn": "exec", "requiresCompatibilities": ["FARGATE"],
            "volumes": [{"name": "data"}],
            "runtimePlatform": {"cpuArchitecture": "X86_64"},
            "containerDefinitions": [{
                "name": "app", "image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/app",
                "portMappings": [{"containerPort": 80}], "dockerLabels": {"a": "b"},
                "mountPoints": [{"sourceVolume": "data", "containerPath": "/data"}],
                "logConfiguration": {"logDriver": "awslogs", "options": {
                    "awslogs-group": "g", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "p"}},
                "linuxParameters": {"initProcessEnabled": true},
            }],
        }))
        .await;
    let shown = to_json(&made);
    assert_eq!(shown["taskDefinitionArn"], "arn:aws:ecs:us-east-1:123456789012:task-definition/web:1");
    assert_eq!((&shown["cpu"], &shown["memory"]), (&json!("256"), &json!("512")));
    assert_eq!(shown["executionRoleArn"], "arn:aws:iam::123456789012:role/exec");
    assert_eq!(shown["compatibilities"], json!(["EC2", "FARGATE"]));
    assert_eq!(shown["volumes"], json!([{"name": "data", "host": {}}]));
    let container = &shown["containerDefinitions"][0];
    assert_eq!(container["cpu"], 0);
    assert_eq!(container["essential"], true);
    assert_eq!(container["portMappings"], json!([{"containerPort": 80, "hostPort": 80, "protocol": "tcp"}]));
    for empty in ["environment", "volumesFrom", "systemControls"] {
        assert_eq!(container[empty], json!([]), "{empty}");
    }
    assert_eq!(container["dockerLabels"], json!({"a": "b"}));
    assert_eq!(container["linuxParameters"], json!({"initProcessEnabled": true}));
    let attributes = shown["requiresAttributes"].to_string();
    for needed in ["ecs.capability.task-eni", "ecs.capability.execution-role-awslogs", "capability.ecr-auth"]
    {
        assert!(attributes.contains(needed), "{needed}");
    }
    let again = world.call::<api::DescribeTaskDefinition>(describe("web")).await.unwrap();
    assert_eq!(to_json(&again.task_definition.unwrap()), shown);
}

#[tokio::test]
async fn a_definition_that_needs_nothing_shows_no_attributes() {
    let world = World::still();
    let made = world
        .register(
            json!({"family": "job", "containerDefinitions": [{"name": "app", "image": "job", "memory": 64}]}),
        )
        .await;
    assert!(to_json(&made).get("requiresAttributes").is_none());
}

#[tokio::test]
async fn a_file_system_s_root_is_shown_where_none_is_named() {
    let world = World::still();
    let made = world
        .register(json!({
            "family": "web",
            "volumes": [{"name": "data",
                "efsVolumeConfiguration": {"fileSystemId": "fs-1", "transitEncryption": "ENABLED"}}],
            "containerDefinitions": [{"name": "app", "image": "app", "memory": 64,
                "mountPoints": [{"sourceVolume": "data", "containerPath": "/data"}]}],
        }))
        .await;
    let shown = to_json(&made);
    assert_eq!(
        shown["volumes"][0]["efsVolumeConfiguration"],
        json!({"fileSystemId": "fs-1", "rootDirectory": "/", "transitEncryption": "ENABLED"})
    );
}

#[tokio::test]
async fn revisions_count_up_and_never_come_again() {
    let world = World::still();
    let document =
        || json!({"family": "job", "containerDefinitions": [{"name": "a", "image": "x", "memory": 64}]});
    for revision in 1..=3 {
        assert_eq!(world.register(document()).await.revision, Some(revision));
    }
    let input = api::DeregisterTaskDefinitionRequest { task_definition: "job:3".into() };
    let gone = world.call::<api::DeregisterTaskDefinition>(input).await.unwrap().task_definition.unwrap();
    assert_eq!(gone.status.as_deref(), Some("INACTIVE"));
    let latest = world.call::<api::DescribeTaskDefinition>(describe("job")).await.unwrap();
    assert_eq!(latest.task_definition.unwrap().revision, Some(2));
    assert_eq!(world.register(document()).await.revision, Some(4));

    let list = |status: &str| api::ListTaskDefinitionsRequest {
        family_prefix: Some("job".into()),
        status: Some(status.into()),
        sort: Some("DESC".into()),
        ..Default::default()
    };
    let arns = |answer: api::ListTaskDefinitionsResponse| -> Vec<String> {
        let all = answer.task_definition_arns.unwrap();
        all.iter().map(|arn| arn.rsplit('/').next().unwrap().to_owned()).collect()
    };
    let active = world.call::<api::ListTaskDefinitions>(list("ACTIVE")).await.unwrap();
    assert_eq!(arns(active), ["job:4", "job:2", "job:1"]);
    let inactive = world.call::<api::ListTaskDefinitions>(list("INACTIVE")).await.unwrap();
    assert_eq!(arns(inactive), ["job:3"]);
    let families = world.call::<api::ListTaskDefinitionFamilies>(Default::default()).await.unwrap();
    assert_eq!(families.families.unwrap(), ["job"]);
    let error = world.refused::<api::DescribeTaskDefinition>(describe("none")).await;
    assert_eq!(error.message, "Unable to describe task definition.");
}

#[tokio::test]
async fn what_fargate_does_not_take_is_refused_in_aws_s_words() {
    let world = World::still();
    let fargate = |changes: serde_json::Value| {
        let mut document = json!({
            "family": "web", "networkMode": "awsvpc", "cpu": "256", "memory": "512",
            "requiresCompatibilities": ["FARGATE"],
            "containerDefinitions": [{"name": "app", "image": "busybox"}],
        });
        for (key, value) in changes.as_object().unwrap() {
            document[key] = value.clone();
        }
        document
    };
    let of = |changes: serde_json::Value| {
        let mut container = json!({"name": "app", "image": "busybox"});
        for (key, value) in changes.as_object().unwrap() {
            container[key] = value.clone();
        }
        json!({ "containerDefinitions": [container] })
    };
    for (changes, message) in [
        (
            json!({"memory": "8192"}),
            "No Fargate configuration exists for given values: 256 CPU, 8192 memory. See the Amazon ECS documentation \
             for the valid values.",
        ),
        (json!({"networkMode": "bridge"}), "Fargate only supports network mode \u{2018}awsvpc\u{2019}."),
        (json!({"cpu": null}), "Fargate requires that 'cpu' be defined at the task level."),
        (json!({"ipcMode": "task"}), "Fargate compatible task definitions do not support ipcMode"),
        (json!({"containerDefinitions": []}), "Container list cannot be empty."),
        (
            of(json!({"logConfiguration": {"logDriver": "json-file"}})),
            "json-file is not a valid log driver. Must be one of [awslogs,splunk,awsfirelens]",
        ),
        (
            of(json!({"ulimits": [{"name": "nproc", "softLimit": 1, "hardLimit": 1}]})),
            "nproc is not a valid ulimit. Must be one of [nofile]",
        ),
        (
            of(json!({"healthCheck": {"command": ["curl", "localhost"]}})),
            "Invalid setting for container 'app'. The health check's command must begin with CMD or CMD-SHELL, and \
             name a command.",
        ),
        (
            of(json!({"startTimeout": 1})),
            "Granular start timeout on container 'app' must be at least 2 seconds.",
        ),
        (
            of(json!({"secrets": [{"name": "A", "valueFrom": "p"}]})),
            "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.",
        ),
        (
            of(json!({"restartPolicy": {"enabled": true, "restartAttemptPeriod": 59}})),
            "The 'restartAttemptPeriod' setting for container 'app' must be between 60 and 1800.",
        ),
        (
            of(json!({"linuxParameters": {"sharedMemorySize": 64}})),
            "Fargate compatible task definitions do not support sharedMemorySize",
        ),
        (
            of(json!({"privileged": true})),
            "Fargate requires that the \u{2018}privileged\u{2019} setting be \u{2018}false\u{2019} at the container \
             level.",
        ),
        (json!({"tags": []}), "Tags can not be empty."),
    ] {
        let input = gantry_wire::from_json(&fargate(changes)).unwrap();
        let error = world.refused::<api::RegisterTaskDefinition>(input).await;
        assert_eq!((error.code.as_ref(), error.message.as_str()), ("ClientException", message));
    }
}

#[tokio::test]
async fn a_role_may_be_registered_only_by_who_may_pass_it() {
    let world = World::still();
    let user = world
        .user(r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ecs:*","Resource":"*"}}"#);
    let input: api::RegisterTaskDefinitionRequest = gantry_wire::from_json(&json!({
        "family": "job", "taskRoleArn": "arn:aws:iam::123456789012:role/app",
        "containerDefinitions": [{"name": "a", "image": "x", "memory": 64}],
    }))
    .unwrap();
    match world.handlers.call::<api::RegisterTaskDefinition>(&user, input).await {
        Err(Failure::Denied(denial)) => assert_eq!(
            denial.to_string(),
            "User: arn:aws:iam::123456789012:user/ann is not authorized to perform: iam:PassRole on resource: \
             arn:aws:iam::123456789012:role/app because no identity-based policy allows the iam:PassRole action"
        ),
        other => panic!("{:?}", other.err()),
    }
}

#[tokio::test]
async fn a_deregistered_revision_is_deleted_once_nothing_runs_of_it() {
    let world = World::new();
    let mut node = crate::node::SimNode::join(&world, "node-1").await;
    world.register_web().await;
    let arn = world.run(world.run_web()).await.remove(0).task_arn.unwrap();
    // It is there before the clock goes on: a node that was not heard for a minute gets no task.
    node.task(&arn, gantry_node_proto::v1::DesiredStatus::Running).await;
    let delete = |names: &[&str]| api::DeleteTaskDefinitionsRequest {
        task_definitions: names.iter().map(|name| (*name).to_owned()).collect(),
    };
    let named = ["web:1", "web:7", "web"];
    let answer = world.call::<api::DeleteTaskDefinitions>(delete(&named)).await.unwrap();
    assert!(answer.task_definitions.unwrap().is_empty());
    let failures = answer.failures.unwrap();
    assert_eq!(
        failures[0].reason.as_deref(),
        Some(
            "The specified task definition is still in ACTIVE status. Please deregister the target and try again."
        )
    );
    assert!(failures[1].reason.as_ref().unwrap().contains("does not exist"));
    assert_eq!(failures[1].arn.as_deref(), Some("web:7"), "it is named as it was asked for");
    assert_eq!(
        (failures[2].arn.as_deref(), failures[2].reason.as_deref()),
        (
            Some("web"),
            Some(
                "The specified task definition identifier is invalid. Specify a valid name or ARN and try again."
            )
        )
    );
    let input = api::DeregisterTaskDefinitionRequest { task_definition: "web".into() };
    let refused = world.refused::<api::DeregisterTaskDefinition>(input).await;
    assert_eq!((&*refused.code, refused.message.as_str()), ("ClientException", "Revision is missing."));
    let input = api::DeregisterTaskDefinitionRequest { task_definition: "web:7".into() };
    let refused = world.refused::<api::DeregisterTaskDefinition>(input).await;
    assert_eq!(refused.message, "Unable to deregister task definition.");
    let eleven: Vec<&str> = vec!["web:1"; 11];
    assert_eq!(
        world.refused::<api::DeleteTaskDefinitions>(delete(&eleven)).await.code,
        "InvalidParameterException"
    );

    let input = api::DeregisterTaskDefinitionRequest { task_definition: "web:1".into() };
    world.call::<api::DeregisterTaskDefinition>(input.clone()).await.unwrap();
    let answer = world.call::<api::DeleteTaskDefinitions>(delete(&["web:1"])).await.unwrap();
    let deleted = answer.task_definitions.unwrap().remove(0);
    assert_eq!(deleted.status.as_deref(), Some("DELETE_IN_PROGRESS"));
    let refused = world.refused::<api::DeregisterTaskDefinition>(input).await;
    assert_eq!(
        refused.message,
        "The task definition could not be deregistered because it is in the process of being deleted."
    );
    assert!(deleted.delete_requested_at.is_some() && deleted.deregistered_at.is_some());
    let list = async |status: &str| {
        let input = api::ListTaskDefinitionsRequest { status: Some(status.into()), ..Default::default() };
        world.call::<api::ListTaskDefinitions>(input).await.unwrap().task_definition_arns.unwrap().len()
    };
    assert_eq!((list("INACTIVE").await, list("DELETE_IN_PROGRESS").await), (0, 1));
    let by_number = api::RunTaskRequest { task_definition: "web:1".into(), ..world.run_web() };
    assert_eq!(world.refused::<api::RunTask>(by_number).await.code, "ClientException");

    // A task of it runs, and so it stays.
    let deletion = gantry_ecs::loops::deletion::Deletion::new(world.ecs.clone());
    world.clock.advance(std::time::Duration::from_secs(61));
    world.runner.once(&deletion).await.unwrap();
    assert_eq!(list("DELETE_IN_PROGRESS").await, 1);
    let over = gantry_node_proto::v1::ReasonCode::EssentialContainerExited;
    node.report(vec![crate::node::stopped(&arn, 0, over)]).await;
    world.until(&arn, "STOPPED").await;
    world.runner.once(&deletion).await.unwrap();
    let input = api::DescribeTaskDefinitionRequest { task_definition: "web:1".into(), include: None };
    let error = world.refused::<api::DescribeTaskDefinition>(input).await;
    assert_eq!(
        (error.code.as_ref(), error.message.as_str()),
        ("ClientException", "Unable to describe task definition.")
    );
    let families = world.call::<api::ListTaskDefinitionFamilies>(Default::default()).await.unwrap();
    assert!(families.families.unwrap().is_empty());
    world.register_web().await;
    let input = api::DescribeTaskDefinitionRequest { task_definition: "web".into(), include: None };
    let next = world.call::<api::DescribeTaskDefinition>(input).await.unwrap().task_definition.unwrap();
    assert_eq!(next.revision, Some(2), "a number is never used again");
}

#[tokio::test]
async fn policies_bound_what_is_registered() {
    let world = World::still();
    let register = |changes: serde_json::Value| {
        let mut document = json!({
            "family": "job", "cpu": "1 vCPU", "memory": "2GB", "requiresCompatibilities": ["EC2"],
            "containerDefinitions": [{"name": "a", "image": "x", "privileged": changes["privileged"] == true}],
        });
        document.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        document.as_object_mut().unwrap().remove("privileged");
        gantry_wire::from_json::<api::RegisterTaskDefinitionRequest>(&document).unwrap()
    };
    let user = world.user(
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ecs:RegisterTaskDefinition","Resource":"*",
        "Condition":{"NumericLessThanEquals":{"ecs:task-cpu":"1024","ecs:task-memory":"2048"},
        "ForAllValues:StringEquals":{"ecs:compute-compatibility":["EC2"]},"Bool":{"ecs:privileged":"false"}}}}"#,
    );
    for (changes, allowed) in [
        (json!({}), true),
        (json!({"cpu": "2048"}), false),
        (json!({"memory": "3 GB"}), false),
        (json!({"requiresCompatibilities": ["EC2", "EXTERNAL"]}), false),
        (json!({"privileged": true}), false),
    ] {
        let input = register(changes.clone());
        let answer = world.handlers.call::<api::RegisterTaskDefinition>(&user, input).await.map(drop);
        assert_eq!(!matches!(answer, Err(Failure::Denied(_))), allowed, "{changes}: {answer:?}");
    }
}
