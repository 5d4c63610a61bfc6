//! What a task definition may say.

use gantry_base::Partition;
use gantry_ecs_core::definition::{Document, Home, parse};
use gantry_ecs_core::overrides::{Overrides, apply};
use gantry_ecs_core::spec::{Compatibility, NetworkMode};
use gantry_ecs_core::{TaskSpec, definition};
use serde::Deserialize;
use serde_json::{Value, json};

fn home() -> Home {
    Home { account: "123456789012".parse().unwrap(), partition: Partition::Aws }
}

fn read(document: Value) -> Result<TaskSpec, String> {
    let document = Document::deserialize(document).map_err(|error| error.to_string())?;
    parse(&document, home()).map_err(|invalid| invalid.message)
}

/// A valid definition with one container `app`, changed: members of the task, and those of the container.
fn with(task: Value, container: Value) -> Value {
    let mut app = json!({"name": "app", "image": "busybox", "memory": 64});
    app.as_object_mut().unwrap().extend(container.as_object().unwrap().clone());
    let mut document = json!({"family": "web", "containerDefinitions": [app]});
    document.as_object_mut().unwrap().extend(task.as_object().unwrap().clone());
    document
}

fn refused(task: Value, container: Value) -> String {
    read(with(task, container)).expect_err("it should be refused")
}

#[test]
fn the_smallest_definition_is_valid() {
    let spec = read(with(json!({}), json!({}))).unwrap();
    assert_eq!((spec.network_mode, spec.containers[0].essential), (NetworkMode::Bridge, true));
    assert_eq!((spec.reserved_cpu_units(), spec.reserved_memory_mib()), (0, 64));
}

#[test]
fn texts_of_aws_are_given_where_it_has_them() {
    let none = || json!({});
    for (task, container, message) in [
        (json!({"family": ""}), none(), "Family should not be null or empty."),
        (none(), json!({"name": ""}), "Container.name should not be null or empty."),
        (none(), json!({"image": null}), "Container.image should not be null or empty."),
        (
            none(),
            json!({"memory": null}),
            "Invalid setting for container 'app'. At least one of 'memory' or 'memoryReservation' must be specified.",
        ),
        (
            json!({"memory": "32"}),
            none(),
            "The 'memory' setting for container 'app' is greater than for the task.",
        ),
        (
            json!({"cpu": "much"}),
            none(),
            "Invalid 'cpu' setting for task. For more information, see the Troubleshooting section of the Amazon ECS \
             Developer Guide.",
        ),
        (
            json!({"networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512"}),
            json!({"stopTimeout": 121}),
            "Tasks using the Fargate launch type must have a container stop timeout of less than 120 seconds.",
        ),
        (
            none(),
            json!({"stopTimeout": 1}),
            "Granular stop timeout on container 'app' must be at least 2 seconds.",
        ),
        (
            json!({"volumes": [{"name": "v", "dockerVolumeConfiguration": {"autoprovision": false}}]}),
            none(),
            "When 'scope' parameter is 'task', 'autoprovision' must either not be specified or set to 'True'.",
        ),
        (
            json!({"networkMode": "awsvpc"}),
            json!({"portMappings": [{"containerPort": 80, "hostPort": 8080}]}),
            "When networkMode=awsvpc, the host ports and container ports in port mappings must match.",
        ),
        (
            none(),
            json!({"dependsOn": [{"containerName": "db", "condition": "START"}]}),
            "Cannot depend on container + 'db' because it does not exist",
        ),
        (
            none(),
            json!({"dependsOn": [{"containerName": "app", "condition": "START"}]}),
            "Container dependencies should not have a cycle",
        ),
        (none(), json!({"links": ["app"]}), "Container links should not have a cycle"),
        (
            none(),
            json!({"logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-region": "r"}}}),
            "Log driver awslogs requires options: awslogs-group",
        ),
        (
            none(),
            json!({"logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-region": "r",
                "awslogs-group": "g", "log_key": "log"}}}),
            "Log driver awslogs disallows options: log_key",
        ),
        (
            none(),
            json!({"logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-region": "r",
                "awslogs-group": "g", "awslogs-create-group": "false"}}}),
            "Log driver awslogs option 'awslogs-create-group' should only be set to 'true', else omit option.",
        ),
        (json!({"taskRoleArn": "arn:aws:s3:::bucket"}), none(), "Role is not valid"),
        (
            none(),
            json!({"environment": [{"name": "A", "value": "1"}], "secrets": [{"name": "A", "valueFrom": "p"}]}),
            "The secret name must be unique and not shared with any new or existing environment variables set on the \
             container, such as 'A'.",
        ),
    ] {
        assert_eq!(refused(task, container), message);
    }
}

#[test]
fn what_aws_refuses_is_refused_in_its_words() {
    let none = || json!({});
    let awsvpc = || json!({"networkMode": "awsvpc"});
    let check = |more: Value| {
        let mut check = json!({"command": ["CMD-SHELL", "true"]});
        check.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "healthCheck": check })
    };
    let proxy = json!({"type": "APPMESH", "containerName": "envoy"});
    for (task, container, message) in [
        (
            json!({"volumes": [{"name": "v", "configuredAtLaunch": true}, {"name": "scratch"}]}),
            none(),
            "Volumes [v] are not referenced by any of the containers",
        ),
        (
            json!({"requiresCompatibilities": ["EC2"], "ephemeralStorage": {"sizeInGiB": 30}}),
            none(),
            "Tasks using the EC2 launch type do not support EphemeralStorage.",
        ),
        (
            json!({"ephemeralStorage": {"sizeInGiB": 201}}),
            none(),
            "EphemeralStorage size should be at most 200",
        ),
        (
            none(),
            json!({"logConfiguration": {"logDriver": "awsfirelens"}}),
            "When awsfirelens log driver is specified in log configuration, a firelens configuration object must be \
             configured in one of the containers.",
        ),
        (
            none(),
            json!({"secrets": [{"name": "X", "valueFrom": "name:key::"}]}),
            "The Systems Manager parameter name specified for secret X is invalid.",
        ),
        (
            json!({"networkMode": "awsvpc", "proxyConfiguration": proxy}),
            none(),
            "Proxy container [envoy] does not exist.",
        ),
        (
            json!({ "proxyConfiguration": proxy }),
            none(),
            "APPMESH proxy configuration is only supported in networkMode=awsvpc",
        ),
        (
            none(),
            check(json!({"timeout": 61})),
            "Health check timeout must be less than or equal to the maximum allowed value 60 for container 'app'",
        ),
        (
            none(),
            json!({"ulimits": [{"name": "nofile", "softLimit": 2, "hardLimit": 1}]}),
            "Soft limit exceeds hard limit for ulimit nofile",
        ),
        (
            awsvpc(),
            json!({"portMappings": [{"containerPortRange": "8080-8090"}, {"containerPortRange": "8085-8095"}]}),
            "TCP container port '8085' is used multiple times in task when networkMode=awsvpc.",
        ),
        (
            awsvpc(),
            json!({"portMappings": [{"containerPort": 1, "name": "a"}, {"containerPort": 2, "name": "a"}]}),
            "When networkMode=awsvpc, port mapping name is already used",
        ),
        (awsvpc(), json!({"links": ["b"]}), "Links are not supported when networkMode=awsvpc."),
        (
            awsvpc(),
            json!({"dnsServers": ["1.1.1.1"]}),
            "DNS servers are not supported on container when networkMode=awsvpc.",
        ),
        (
            none(),
            json!({"volumesFrom": [{"sourceContainer": "nope"}]}),
            "Invalid 'volumesFrom' setting. Unknown container: 'nope'.",
        ),
    ] {
        assert_eq!(refused(task, container), message);
    }
}

#[test]
fn what_containers_want_of_each_other_must_be_there_and_end() {
    let container = |name: &str, essential: bool, depends: Value| json!({"name": name, "image": "x", "memory": 4, "essential": essential, "dependsOn": depends});
    let on = |name: &str, condition: &str| json!([{"containerName": name, "condition": condition}]);
    let read = |containers: Value| read(json!({"family": "web", "containerDefinitions": containers}));
    assert!(
        read(json!([container("a", true, on("b", "SUCCESS")), container("b", false, json!([]))])).is_ok()
    );
    for (containers, message) in [
        (
            json!([container("a", true, on("b", "SUCCESS")), container("b", true, json!([]))]),
            "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container",
        ),
        (
            json!([container("a", true, on("b", "START")), container("b", true, on("a", "START"))]),
            "Container dependencies should not have a cycle",
        ),
        (
            json!([container("a", true, json!([])), container("a", true, json!([]))]),
            "Container names must be unique within a task definition",
        ),
        (json!([container("a", false, json!([]))]), "Task definition doesn't have any essential container."),
        (
            json!([container("a", true, on("b", "HEALTHY")), container("b", true, json!([]))]),
            "A dependency container with HEALTHY condition must have health check configured",
        ),
    ] {
        assert_eq!(read(containers).expect_err(message), message);
    }
}

#[test]
fn a_field_that_is_not_known_is_refused_by_its_name() {
    assert!(refused(json!({"shinyNewThing": 1}), json!({})).contains("unknown field `shinyNewThing`"));
    assert!(refused(json!({}), json!({"shinyNewThing": 1})).contains("unknown field `shinyNewThing`"));
}

#[test]
fn a_file_system_is_mounted_as_aws_says() {
    let volume = |efs: serde_json::Value| json!({"volumes": [{"name": "v", "efsVolumeConfiguration": efs}]});
    let point = |more: serde_json::Value| {
        let mut efs = json!({"fileSystemId": "fs-1", "authorizationConfig": {"accessPointId": "fsap-1"}});
        efs.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        volume(efs)
    };
    let root = refused(point(json!({"rootDirectory": "/a", "transitEncryption": "ENABLED"})), json!({}));
    assert!(root.contains("the root directory must either be set to"), "{root}");
    assert!(refused(point(json!({})), json!({})).contains("transit encryption must be enabled"));
    let iam = json!({"fileSystemId": "fs-1", "authorizationConfig": {"iam": "ENABLED"}});
    let message = "EFS IAM authorization requires TransitEncryption to be enabled.";
    assert_eq!(refused(volume(iam), json!({})), message);
    let port = json!({"fileSystemId": "fs-1", "transitEncryptionPort": 999});
    let message = "TransitEncryptionPort requires that TransitEncryption is enabled.";
    assert_eq!(refused(volume(port), json!({})), message);
    let both = json!({"volumes": [{"name": "v", "host": {"sourcePath": "/a"},
        "efsVolumeConfiguration": {"fileSystemId": "fs-1"}}]});
    assert!(refused(both, json!({})).contains("only one volume configuration type"));
}

#[test]
fn what_is_valid_and_not_run_is_named() {
    let spec = read(with(
        json!({}),
        json!({"firelensConfiguration": {"type": "fluentbit"}, "logConfiguration": {"logDriver": "splunk"}}),
    ))
    .unwrap();
    assert_eq!(
        spec.unsupported,
        [
            "containerDefinitions[app].firelensConfiguration",
            "containerDefinitions[app].logConfiguration.logDriver splunk"
        ]
    );
}

#[test]
fn what_aws_registers_and_nothing_here_runs_is_noted() {
    for (task, container, noted) in [
        (json!({}), json!({"image": "IMAGE"}), "containerDefinitions[app].image IMAGE"),
        (
            json!({"volumes": [{"name": "v", "host": {"sourcePath": "c:/data"}}]}),
            json!({}),
            "volumes[v].host.sourcePath c:/data",
        ),
        (
            json!({"volumes": [{"name": "v", "dockerVolumeConfiguration": {"autoprovision": true}}]}),
            json!({}),
            "volumes[v].dockerVolumeConfiguration.autoprovision with the scope task",
        ),
        (
            json!({"volumes": [{"name": "v"}]}),
            json!({"mountPoints": [{"sourceVolume": "v", "containerPath": "C:\\data"}]}),
            "containerDefinitions[app].mountPoints.containerPath",
        ),
    ] {
        let spec = read(with(task, container)).unwrap();
        assert_eq!(spec.unsupported, [noted]);
    }
}

#[test]
fn sizes_are_read_as_aws_reads_them() {
    for (text, units) in [("256", 256), ("1 vCPU", 1024), (".25vcpu", 256), (" 0.5 vCPU", 512)] {
        assert_eq!(definition::task_cpu(text).unwrap(), units, "{text}");
    }
    for (text, mib) in [("512", 512), ("1GB", 1024), ("0.5 gb", 512), ("30 GB", 30 * 1024)] {
        assert_eq!(definition::task_memory(text).unwrap(), mib, "{text}");
    }
    for bad in ["", "x", "-1", "1e99 vcpu", "NaN vCPU", "0.0001 vCPU"] {
        assert!(definition::task_cpu(bad).is_err(), "{bad}");
    }
}

#[test]
fn overrides_are_laid_over_and_held_against_the_table() {
    let spec = read(json!({
        "family": "web", "networkMode": "awsvpc", "cpu": "256", "memory": "512",
        "requiresCompatibilities": ["FARGATE"],
        "containerDefinitions": [{"name": "app", "image": "x", "environment": [{"name": "A", "value": "1"}]}],
    }))
    .unwrap();
    let laid = |overrides: Value| {
        let overrides = Overrides::deserialize(overrides).unwrap();
        apply(&spec, &overrides, Compatibility::Fargate, home()).map_err(|invalid| invalid.message)
    };
    let changed =
        laid(json!({"cpu": "1024", "memory": "2048", "taskRoleArn": "other", "containerOverrides": [
        {"name": "app", "environment": [{"name": "B", "value": "2"}, {"name": "A", "value": "3"}]}]}))
        .unwrap();
    assert_eq!(changed.cpu_units, Some(1024));
    assert_eq!(changed.task_role.unwrap().as_str(), "arn:aws:iam::123456789012:role/other");
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(changed.containers[0].environment, [pair("A", "3"), pair("B", "2")]);
    assert!(laid(json!({"memory": "9999"})).unwrap_err().starts_with("No Fargate configuration exists"));
    assert!(laid(json!({"ephemeralStorage": {"sizeInGiB": 7}})).is_err());
}

#[test]
fn fields_have_their_bounds() {
    let none = || json!({});
    let file = |arn: &str| json!({"environmentFiles": [{"type": "s3", "value": arn}]});
    for (task, container) in [
        (
            none(),
            json!({"restartPolicy": {"enabled": true, "restartAttemptPeriod": 60, "ignoredExitCodes": [0]}}),
        ),
        (none(), file("arn:aws:s3:::bucket/dir/app.env")),
        (
            none(),
            json!({"dockerSecurityOptions": ["no-new-privileges", "apparmor:unconfined", "label:type:x_t"]}),
        ),
        (none(), json!({"resourceRequirements": [{"type": "GPU", "value": "2"}]})),
        (
            none(),
            json!({"linuxParameters": {"devices": [{"hostPath": "/dev/fuse", "permissions": ["read"]}],
            "maxSwap": 8, "swappiness": 10, "tmpfs": [{"containerPath": "/t", "size": 8, "mountOptions": ["noexec", "mode=700"]}]}}),
        ),
        (none(), json!({"portMappings": [{"containerPortRange": "8000-8010"}]})),
        (none(), json!({"systemControls": [{"namespace": "net.core.somaxconn", "value": "9"}]})),
        (none(), json!({"startTimeout": 121, "stopTimeout": 120, "versionConsistency": "disabled"})),
        (
            none(),
            json!({"logConfiguration": {"logDriver": "json-file", "options": {"max-size": "10m", "max-file": "3"}}}),
        ),
        (
            json!({"volumes": [{"name": "v", "dockerVolumeConfiguration": {"scope": "shared", "autoprovision": true,
            "driver": "local", "driverOpts": {"type": "tmpfs", "device": "tmpfs"}, "labels": {"a": "b"}}}]}),
            none(),
        ),
    ] {
        let spec = read(with(task.clone(), container.clone()));
        assert!(spec.as_ref().is_ok_and(|spec| spec.unsupported.is_empty()), "{task} {container}: {spec:?}");
    }
    for (task, container) in [
        (none(), json!({"restartPolicy": {"enabled": true, "restartAttemptPeriod": 59}})),
        (none(), json!({"restartPolicy": {"enabled": true, "restartAttemptPeriod": 1801}})),
        (none(), file("arn:aws:s3:::bucket/app.txt")),
        (none(), file("s3://bucket/app.env")),
        (
            none(),
            json!({"environmentFiles": vec![json!({"type": "s3", "value": "arn:aws:s3:::b/k.env"}); 11]}),
        ),
        (none(), json!({"dockerSecurityOptions": ["seccomp:unconfined"]})),
        (none(), json!({"resourceRequirements": [{"type": "GPU", "value": "0"}]})),
        (none(), json!({"resourceRequirements": [{"type": "InferenceAccelerator", "value": "d"}]})),
        (none(), json!({"linuxParameters": {"swappiness": 101}})),
        (none(), json!({"linuxParameters": {"capabilities": {"add": ["FLY"]}}})),
        (
            none(),
            json!({"linuxParameters": {"tmpfs": [{"containerPath": "/t", "size": 8, "mountOptions": ["huge"]}]}}),
        ),
        (none(), json!({"portMappings": [{"containerPortRange": "9-8"}]})),
        (none(), json!({"portMappings": [{"containerPortRange": "1-101"}]})),
        (none(), json!({"portMappings": [{"containerPortRange": "8-9", "containerPort": 8}]})),
        (json!({"networkMode": "host"}), json!({"portMappings": [{"containerPortRange": "8-9"}]})),
        (
            json!({"networkMode": "host"}),
            json!({"systemControls": [{"namespace": "net.core.somaxconn", "value": "9"}]}),
        ),
        (
            json!({"ipcMode": "host"}),
            json!({"systemControls": [{"namespace": "kernel.shmmax", "value": "9"}]}),
        ),
        (none(), json!({"systemControls": [{"namespace": "vm.swappiness", "value": "9"}]})),
        (none(), json!({"ulimits": [{"name": "files", "softLimit": 1, "hardLimit": 1}]})),
        (none(), json!({"startTimeout": 1})),
        (none(), json!({"stopTimeout": 1})),
        (none(), json!({"healthCheck": {"command": ["CMD", "x"], "interval": 4}})),
        (none(), json!({"healthCheck": {"command": ["true"]}})),
        (none(), json!({"versionConsistency": "maybe"})),
        (none(), json!({"logConfiguration": {"logDriver": "json-file", "options": {"max-size": "big"}}})),
        (none(), json!({"logConfiguration": {"logDriver": "syslog", "options": {"awslogs-group": "g"}}})),
        (
            json!({"volumes": [{"name": "v", "dockerVolumeConfiguration": {"scope": "task", "autoprovision": false}}]}),
            none(),
        ),
        (json!({"networkMode": "awsvpc"}), json!({"disableNetworking": true})),
    ] {
        assert!(read(with(task.clone(), container.clone())).is_err(), "{task} {container}");
    }
}
