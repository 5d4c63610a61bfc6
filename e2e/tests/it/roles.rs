//! A container acts as its task role, and as nothing more.

use gantry_e2e::world::eventually;
use gantry_e2e::{Image, World};
use serde_json::{Value, json};

use crate::{PATIENCE, allow, define, execution_role, lines, lines_of, role, run_tasks, wait_for};

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

/// Two applications on one cluster: each has the parameter of its own, and the role of one is of no use to the other.
#[test]
fn boto3_in_a_container_is_its_role() {
    let world = World::start();
    let aws = world.aws();
    aws.ok(&["ecs", "create-cluster"]);
    let execution = execution_role(&aws);
    let mut roles = Vec::new();
    for application in ["one", "two"] {
        roles.push(role(&aws, application));
        let resource = format!("arn:aws:ssm:us-east-1:000000000000:parameter/{application}/*");
        allow(&aws, application, &["ssm:GetParameter"], &resource);
        let name = format!("/{application}/a");
        aws.ok(&["ssm", "put-parameter", "--name", &name, "--type", "String", "--value", application]);
    }
    let image = Image::boto3(
        r#"
import boto3, os
from botocore.exceptions import ClientError
print(boto3.client("sts").get_caller_identity()["Arn"])
try:
    print(boto3.client("ssm").get_parameter(Name=os.environ["NAME"])["Parameter"]["Value"])
except ClientError as error:
    print(error.response["Error"]["Code"], error.response["Error"]["Message"])
"#,
    );
    define(&world, "first", &image, json!({}), json!({ "executionRoleArn": execution }));
    let described = aws.ok(&["ecs", "describe-task-definition", "--task-definition", "first"]);
    let container = &described["taskDefinition"]["containerDefinitions"][0];
    // What an application says, which is given a role and the name of a parameter.
    let says = |family: &str, role: &str, name: &str| -> (String, Vec<String>) {
        let mut container = container.clone();
        container["environment"] = json!([{ "name": "NAME", "value": name }]);
        container["logConfiguration"]["options"]["awslogs-stream-prefix"] = family.into();
        let definition = json!({
            "family": family, "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
            "cpu": "256", "memory": "512", "containerDefinitions": [container],
            "executionRoleArn": execution, "taskRoleArn": role,
        });
        aws.ok(&["ecs", "register-task-definition", "--cli-input-json", &definition.to_string()]);
        let arn = run_tasks(&aws, family, 1).remove(0);
        let task = wait_for(&aws, &arn, "STOPPED");
        let id = arn.rsplit('/').next().expect("an id").to_owned();
        let said = eventually("two lines", PATIENCE, || {
            let stream = format!("{family}/main/{id}");
            let said = lines_of(&aws, "/ecs/first", &stream);
            (said.len() >= 2).then_some(said)
        });
        assert_eq!(task["containers"][0]["exitCode"], 0, "{said:?}");
        (id, said)
    };
    let me = |role: &str, id: &str| format!("arn:aws:sts::000000000000:assumed-role/{role}/{id}");

    let (id, said) = says("first", &roles[0], "/one/a");
    assert_eq!(said, [me("one", &id), "one".to_owned()]);
    let (id, said) = says("second", &roles[0], "/two/a");
    let denied = format!(
        "AccessDeniedException User: {} is not authorized to perform: ssm:GetParameter on resource: \
         arn:aws:ssm:us-east-1:000000000000:parameter/two/a because no identity-based policy allows the \
         ssm:GetParameter action",
        me("one", &id)
    );
    assert_eq!(said, [me("one", &id), denied]);
    let (id, said) = says("second", &roles[1], "/two/a");
    assert_eq!(said, [me("two", &id), "two".to_owned()]);
}
