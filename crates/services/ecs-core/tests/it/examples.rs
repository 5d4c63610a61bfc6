//! Task definitions as Terraform's provider, CDK and AWS's own guide have them in their examples.

use gantry_base::Partition;
use gantry_ecs_core::definition::{Document, Home, parse};
use serde::Deserialize;
use serde_json::{Value, json};

/// Each is valid as it is; beside it stands what of it Gantry says that it does not run.
fn examples() -> Vec<(&'static str, Value, &'static [&'static str])> {
    let role = "arn:aws:iam::123456789012:role/ecsTaskExecutionRole";
    vec![
        (
            "terraform: basic",
            json!({"family": "service", "containerDefinitions": [
                {"name": "first", "image": "service-first", "cpu": 10, "memory": 512, "essential": true,
                 "portMappings": [{"containerPort": 80, "hostPort": 80}]},
                {"name": "second", "image": "service-second", "cpu": 10, "memory": 256, "essential": true,
                 "portMappings": [{"containerPort": 443, "hostPort": 443}]}],
                "volumes": [{"name": "service-storage", "host": {"sourcePath": "/ecs/service-storage"}}],
                "placementConstraints": [{"type": "memberOf",
                    "expression": "attribute:ecs.availability-zone in [us-west-2a, us-west-2b]"}]}),
            &[],
        ),
        (
            "terraform: App Mesh",
            json!({"family": "service", "networkMode": "awsvpc", "containerDefinitions": [
                {"name": "applicationContainerName", "image": "x", "memory": 8, "environment": [],
                "mountPoints": [], "volumesFrom": [], "portMappings": [], "systemControls": []}],
                "proxyConfiguration": {"type": "APPMESH", "containerName": "applicationContainerName", "properties": [
                    {"name": "AppPorts", "value": "8080"}, {"name": "EgressIgnoredIPs", "value": "169.254.170.2,169.254.169.254"},
                    {"name": "IgnoredUID", "value": "1337"}, {"name": "ProxyEgressPort", "value": "15001"},
                    {"name": "ProxyIngressPort", "value": "15000"}]}}),
            &["proxyConfiguration"],
        ),
        (
            "terraform: docker volume",
            json!({"family": "service", "containerDefinitions": [{"name": "a", "image": "x", "memory": 8}],
                "volumes": [{"name": "service-storage", "dockerVolumeConfiguration": {"scope": "shared",
                    "autoprovision": true, "driver": "local", "driverOpts": {"type": "nfs",
                    "device": "fs-1.efs.us-west-2.amazonaws.com:/", "o": "addr=fs-1.efs.us-west-2.amazonaws.com,rsize=1048576"}}}]}),
            &[],
        ),
        (
            "terraform: Fargate",
            json!({"family": "test", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "1024",
                "memory": "2048", "runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2019_CORE",
                "cpuArchitecture": "X86_64"}, "containerDefinitions": [{"name": "iis",
                "image": "mcr.microsoft.com/windows/servercore/iis", "cpu": 1024, "memory": 2048, "essential": true}]}),
            &["runtimePlatform.operatingSystemFamily"],
        ),
        (
            "cdk: Fargate",
            json!({"family": "StackTaskDef1", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc",
                "cpu": "256", "memory": "512", "executionRoleArn": role, "taskRoleArn": role,
                "ephemeralStorage": {"sizeInGiB": 100}, "containerDefinitions": [{"name": "web",
                "image": "amazon/amazon-ecs-sample", "essential": true,
                "portMappings": [{"containerPort": 80, "protocol": "tcp", "name": "web", "appProtocol": "http"}],
                "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "g", "awslogs-stream-prefix": "web",
                    "awslogs-region": "us-east-1", "mode": "non-blocking", "max-buffer-size": "25m"}},
                "restartPolicy": {"enabled": true, "ignoredExitCodes": [0, 127], "restartAttemptPeriod": 360}}]}),
            &[],
        ),
        (
            "cdk: instance",
            json!({"family": "StackTaskDef2", "requiresCompatibilities": ["EC2"], "networkMode": "bridge",
                "containerDefinitions": [{"name": "web", "image": "amazon/amazon-ecs-sample", "memory": 256, "essential": true,
                "ulimits": [{"name": "rss", "hardLimit": 128, "softLimit": 128}],
                "linuxParameters": {"capabilities": {"add": ["ALL"], "drop": ["KILL"]}, "initProcessEnabled": true,
                    "sharedMemorySize": 1024, "devices": [{"hostPath": "/dev/a", "permissions": ["read"]}],
                    "tmpfs": [{"containerPath": "/a", "size": 2, "mountOptions": ["rprivate"]}]},
                "secrets": []}]}),
            &[],
        ),
        (
            "guide: WordPress and MySQL",
            json!({"family": "hello_world", "containerDefinitions": [
                {"name": "wordpress", "links": ["mysql"], "image": "wordpress", "essential": true,
                 "portMappings": [{"containerPort": 80, "hostPort": 80}], "memory": 500, "cpu": 10},
                {"name": "mysql", "image": "mysql", "cpu": 10, "memory": 500, "essential": true,
                 "environment": [{"name": "MYSQL_ROOT_PASSWORD", "value": "password"}]}]}),
            &[],
        ),
        (
            "guide: container dependency",
            json!({"family": "appmesh-gateway", "executionRoleArn": role, "networkMode": "awsvpc", "memory": "500",
                "containerDefinitions": [
                {"name": "app", "image": "application_image", "essential": true, "startTimeout": 120,
                 "dependsOn": [{"containerName": "envoy", "condition": "HEALTHY"}]},
                {"name": "envoy", "image": "840364872350.dkr.ecr.us-west-2.amazonaws.com/aws-appmesh-envoy:v1.29.12.1-prod",
                 "essential": true, "environment": [{"name": "ENVOY_LOG_LEVEL", "value": "info"}],
                 "healthCheck": {"command": ["CMD-SHELL", "echo hello"], "interval": 5, "timeout": 2, "retries": 3}}]}),
            &[],
        ),
        (
            "guide: FireLens",
            json!({"family": "firelens-example", "taskRoleArn": role, "executionRoleArn": role, "cpu": "512", "memory": "1024",
                "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "containerDefinitions": [
                {"essential": true, "name": "log_router", "image": "906394416424.dkr.ecr.us-west-2.amazonaws.com/aws-for-fluent-bit:stable",
                 "firelensConfiguration": {"type": "fluentbit", "options": {"enable-ecs-log-metadata": "true"}},
                 "memoryReservation": 50},
                {"essential": true, "name": "app", "image": "nginx", "memoryReservation": 100,
                 "logConfiguration": {"logDriver": "awsfirelens", "options": {"Name": "firehose", "region": "us-west-2",
                 "delivery_stream": "my-stream"}}}]}),
            &[
                "containerDefinitions[log_router].firelensConfiguration",
                "containerDefinitions[app].logConfiguration.logDriver awsfirelens",
            ],
        ),
        (
            "guide: GPU",
            json!({"family": "ecs-gpu-task-def", "containerDefinitions": [{"memory": 80, "essential": true, "name": "gpu",
                "image": "nvidia/cuda:11.0.3-base", "resourceRequirements": [{"type": "GPU", "value": "1"}],
                "command": ["sh", "-c", "nvidia-smi"], "cpu": 100}]}),
            &[],
        ),
    ]
}

#[test]
fn public_examples_are_valid_as_they_are() {
    let home = Home { account: "123456789012".parse().unwrap(), partition: Partition::Aws };
    for (name, document, unsupported) in examples() {
        let document = Document::deserialize(document).unwrap_or_else(|error| panic!("{name}: {error}"));
        let spec = parse(&document, home).unwrap_or_else(|invalid| panic!("{name}: {invalid}"));
        assert_eq!(spec.unsupported, unsupported, "{name}");
    }
}
