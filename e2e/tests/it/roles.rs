//! A container acts as its task role, and as nothing more.

use gantry_e2e::world::eventually;
use gantry_e2e::{Image, World};
use serde_json::{Value, json};

use crate::{PATIENCE, allow, define, execution_role, lines, role, run_tasks, wait_for};

#[test]
fn a_container_has_its_own_role() {
    let world = World::start();
    let aws = world.aws();
    aws.ok(&["ecs", "create-cluster"]);
    let execution = execution_role(&aws);
    let task_role = role(&aws, "reader");
    allow(&aws, "reader", &["ssm:GetParameter"], "arn:aws:ssm:us-east-1:000000000000:parameter/shared/*");
    aws.ok(&["ssm", "put-parameter", "--name", "/shared/a", "--type", "String", "--value", "one"]);
    aws.ok(&["ssm", "put-parameter", "--name", "/other/b", "--type", "String", "--value", "two"]);
    let image = Image::script(
        r#"wget -qO- "http://169.254.170.2$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI" | tr -d '\n'; echo; sleep 60"#,
    );
    let over = json!({ "executionRoleArn": execution, "taskRoleArn": task_role });
    define(&world, "reader", &image, json!({ "stopTimeout": 2 }), over);
    let arn = run_tasks(&aws, "reader", 1).remove(0);
    wait_for(&aws, &arn, "RUNNING");
    let said = eventually("the credentials", PATIENCE, || lines(&aws, "/ecs/reader").pop());
    let credentials: Value = serde_json::from_str(&said).expect("the endpoint answers JSON");
    let text = |name: &str| credentials[name].as_str().expect("text").to_owned();
    assert_eq!(text("RoleArn"), task_role);
    let container = aws.with_keys(&text("AccessKeyId"), &text("SecretAccessKey"), Some(&text("Token")));

    let identity = container.ok(&["sts", "get-caller-identity"]);
    let me = identity["Arn"].as_str().expect("an ARN").to_owned();
    assert!(me.starts_with("arn:aws:sts::000000000000:assumed-role/reader/"), "{me}");
    assert_eq!(container.ok(&["ssm", "get-parameter", "--name", "/shared/a"])["Parameter"]["Value"], "one");
    let denied = container.refused(&["ssm", "get-parameter", "--name", "/other/b"]);
    assert!(denied.contains("AccessDenied"), "{denied}");
    let words = format!(
        "User: {me} is not authorized to perform: ssm:GetParameter on resource: arn:aws:ssm:us-east-1:000000000000:parameter/other/b"
    );
    assert!(denied.contains(&words), "{denied}");
    let without_token = aws.with_keys(&text("AccessKeyId"), &text("SecretAccessKey"), None);
    assert!(without_token.refused(&["sts", "get-caller-identity"]).contains("InvalidClientTokenId"));
    let printed = container.boto3(
        "print(boto3.client('ssm', endpoint_url=endpoint).get_parameter(Name='/shared/a')['Parameter']['Value'])",
    );
    assert_eq!(printed, "one");
}

#[test]
fn boto3_in_a_container_is_its_role() {
    let world = World::start();
    let aws = world.aws();
    aws.ok(&["ecs", "create-cluster"]);
    let execution = execution_role(&aws);
    let task_role = role(&aws, "second");
    allow(&aws, "second", &["ssm:GetParameter"], "arn:aws:ssm:us-east-1:000000000000:parameter/shared/*");
    aws.ok(&["ssm", "put-parameter", "--name", "/shared/a", "--type", "String", "--value", "one"]);
    let image = Image::boto3(
        r#"
import boto3
from botocore.exceptions import ClientError
print(boto3.client("sts").get_caller_identity()["Arn"])
print(boto3.client("ssm").get_parameter(Name="/shared/a")["Parameter"]["Value"])
try:
    boto3.client("ecs").delete_cluster(cluster="default")
except ClientError as error:
    print(error.response["Error"]["Code"], error.response["Error"]["Message"])
"#,
    );
    let over = json!({ "executionRoleArn": execution, "taskRoleArn": task_role });
    define(&world, "second", &image, json!({}), over);
    let arn = run_tasks(&aws, "second", 1).remove(0);
    let task = wait_for(&aws, &arn, "STOPPED");
    let said = eventually("three lines", PATIENCE, || {
        let said = lines(&aws, "/ecs/second");
        (said.len() >= 3).then_some(said)
    });
    assert_eq!(task["containers"][0]["exitCode"], 0, "{said:?}");
    let id = arn.rsplit('/').next().expect("an id");
    let me = format!("arn:aws:sts::000000000000:assumed-role/second/{id}");
    let denied = format!(
        "AccessDeniedException User: {me} is not authorized to perform: ecs:DeleteCluster on resource: \
         arn:aws:ecs:us-east-1:000000000000:cluster/default"
    );
    assert_eq!(said[..2], [me, "one".to_owned()]);
    assert!(said[2].starts_with(&denied), "{}", said[2]);
}
