//! Services that find each other by name, with real containers.

use gantry_e2e::world::{eventually, run};
use gantry_e2e::{Aws, Image, World};
use serde_json::{Value, json};

use crate::{PATIENCE, define, execution_role, lines, run_tasks};

/// A namespace of the default VPC with a service `web` in it; the service's ARN.
fn registry(aws: &Aws) -> String {
    let printed = aws.boto3(
        r#"
ec2 = boto3.client('ec2', endpoint_url=endpoint)
# DiscoverInstances goes to a host of its own, `data-HOST`, unless it is told not to.
from botocore.config import Config
names = boto3.client('servicediscovery', endpoint_url=endpoint, config=Config(inject_host_prefix=False))
vpc = ec2.describe_vpcs()['Vpcs'][0]['VpcId']
def done(answer):
    operation = names.get_operation(OperationId=answer['OperationId'])['Operation']
    assert operation['Status'] == 'SUCCESS', operation
    return operation['Targets']
namespace = done(names.create_private_dns_namespace(Name='shop.local', Vpc=vpc))['NAMESPACE']
service = names.create_service(
    Name='web', NamespaceId=namespace, HealthCheckCustomConfig={},
    DnsConfig={'RoutingPolicy': 'MULTIVALUE', 'DnsRecords': [{'Type': 'A', 'TTL': 1}]})['Service']
assert names.discover_instances(NamespaceName='shop.local', ServiceName='web')['Instances'] == []
print(service['Arn'])
"#,
    );
    printed.trim().to_owned()
}

fn last(aws: &Aws, group: &str) -> String {
    lines(aws, group).pop().unwrap_or_default()
}

#[test]
fn a_task_finds_a_service_by_name_and_loses_it_when_it_stops() {
    let world = World::start();
    let aws = world.aws();
    aws.ok(&["ecs", "create-cluster"]);
    let execution = execution_role(&aws);
    let over = json!({ "executionRoleArn": execution });
    let server = Image::script(
        "mkdir -p /www; echo here is web > /www/index.html; trap 'exit 0' TERM; httpd -f -p 80 -h /www & wait",
    );
    let client = Image::script(
        "while :; do
    found=$(nslookup web.shop.local 2>/dev/null | grep -c '^Address: ')
    echo \"$found named: $(wget -qO- http://web.shop.local/ 2>/dev/null)\"
    sleep 0.5
done",
    );
    let ports = json!({ "portMappings": [{ "containerPort": 80 }], "stopTimeout": 2 });
    define(&world, "web", &server, ports, over.clone());
    define(&world, "client", &client, json!({ "stopTimeout": 2 }), over);
    let registry = registry(&aws);

    let subnets = aws.ok(&["ec2", "describe-subnets"]);
    let subnet = subnets["Subnets"][0]["SubnetId"].as_str().expect("a subnet");
    let network = format!("awsvpcConfiguration={{subnets=[{subnet}],assignPublicIp=ENABLED}}");
    let made = aws.ok(&[
        &[
            "ecs",
            "create-service",
            "--service-name",
            "web",
            "--task-definition",
            "web",
            "--desired-count",
            "2",
        ][..],
        &["--launch-type", "FARGATE", "--network-configuration", &network],
        &["--service-registries", &format!("registryArn={registry}")],
    ]
    .concat());
    assert_eq!(made["service"]["serviceRegistries"], json!([{ "registryArn": registry }]));
    run_tasks(&aws, "client", 1);

    eventually("both are found and one answers", PATIENCE, || {
        (last(&aws, "/ecs/client") == "2 named: here is web").then_some(())
    });
    let id = registry.rsplit('/').next().expect("an id");
    let listed = aws.ok(&["servicediscovery", "list-instances", "--service-id", id]);
    let instances = listed["Instances"].as_array().expect("instances");
    assert_eq!(instances.len(), 2, "{listed}");
    let attribute = |name: &str| instances[0]["Attributes"][name].as_str().map(str::to_owned);
    assert_eq!(attribute("ECS_SERVICE_NAME").as_deref(), Some("web"));
    assert_eq!(attribute("ECS_TASK_DEFINITION_FAMILY").as_deref(), Some("web"));
    assert_eq!(attribute("AWS_INIT_HEALTH_STATUS").as_deref(), Some("HEALTHY"));

    // One task fails by itself: it leaves the answer, and another comes in its place.
    let first = instances[0]["Id"].as_str().expect("an id");
    aws.ok(&["ecs", "stop-task", "--task", first]);
    eventually("another is found in its place", PATIENCE, || {
        let listed = aws.ok(&["servicediscovery", "list-instances", "--service-id", id]);
        let ids: Vec<&Value> =
            listed["Instances"].as_array().into_iter().flatten().map(|one| &one["Id"]).collect();
        (ids.len() == 2 && ids.iter().all(|id| *id != first)).then_some(())
    });

    aws.ok(&["ecs", "update-service", "--service", "web", "--desired-count", "0"]);
    eventually("nobody is found", PATIENCE, || (last(&aws, "/ecs/client") == "0 named: ").then_some(()));
    let refused =
        aws.refused(&["servicediscovery", "get-instance", "--service-id", id, "--instance-id", first]);
    assert!(refused.contains("InstanceNotFound"), "{refused}");
    aws.ok(&["ecs", "delete-service", "--service", "web"]);
    aws.text(&["servicediscovery", "delete-service", "--id", id]);
}

#[test]
fn a_task_reaches_a_service_by_service_connect() {
    let world = World::start();
    let aws = world.aws();
    aws.ok(&["ecs", "create-cluster"]);
    let execution = execution_role(&aws);
    let over = json!({ "executionRoleArn": execution });
    // It listens where its own name is served: the node's proxy must not be in its way. One port is known to speak HTTP.
    let server = Image::script(
        "mkdir -p /www; hostname > /www/index.html; trap 'exit 0' TERM
httpd -p 81 -h /www; httpd -f -p 80 -h /www & wait",
    );
    let client = Image::script(
        "while :; do echo \"<$(wget -qO- http://raw:81/ 2>/dev/null)>\"; echo \"[$(wget -qO- http://front/ 2>/dev/null)]\"; sleep 0.3; done",
    );
    let http = json!({ "containerPort": 80, "name": "http", "appProtocol": "http" });
    let ports = json!({ "portMappings": [http, { "containerPort": 81, "name": "raw" }], "stopTimeout": 2 });
    define(&world, "front", &server, ports, over.clone());
    define(&world, "client", &client, json!({ "stopTimeout": 2 }), over);
    aws.boto3(
        r#"
names = boto3.client('servicediscovery', endpoint_url=endpoint)
names.create_http_namespace(Name='shop')
ecs = boto3.client('ecs', endpoint_url=endpoint)
subnet = boto3.client('ec2', endpoint_url=endpoint).describe_subnets()['Subnets'][0]['SubnetId']
network = {'awsvpcConfiguration': {'subnets': [subnet], 'assignPublicIp': 'ENABLED'}}
def make(name, **more):
    ecs.create_service(serviceName=name, taskDefinition=name, launchType='FARGATE', networkConfiguration=network, **more)
make('front', desiredCount=2, serviceConnectConfiguration={'enabled': True, 'namespace': 'shop', 'services': [
    {'portName': 'http', 'clientAliases': [{'port': 80, 'dnsName': 'front'}], 'timeout': {'perRequestTimeoutSeconds': 5}},
    {'portName': 'raw', 'clientAliases': [{'port': 81, 'dnsName': 'raw'}]}]})
make('client', desiredCount=1, serviceConnectConfiguration={'enabled': True, 'namespace': 'shop'})
"#,
    );
    let said = |from: usize| -> std::collections::BTreeSet<String> {
        let lines = lines(&aws, "/ecs/client");
        lines.into_iter().skip(from).filter(|line| line.starts_with('[') && line != "[]").collect()
    };
    eventually("both tasks answer", PATIENCE, || (said(0).len() == 2).then_some(()));
    eventually("they answer as bytes as well", PATIENCE, || {
        lines(&aws, "/ecs/client").iter().any(|line| line.starts_with('<') && line != "<>").then_some(())
    });
    let explained = run(world.gantry().args(["explain", "front"])).stdout;
    let explained = String::from_utf8_lossy(&explained);
    let counted = |name: &str| explained.lines().find(|line| line.trim_start().starts_with(name));
    assert!(counted("http: ").is_some_and(|line| line.contains(" requests, ")), "{explained}");
    assert!(counted("raw: ").is_some_and(|line| !line.contains("requests")), "{explained}");

    // A task that stops is out of the way; the name goes on.
    let tasks = aws.ok(&["ecs", "list-tasks", "--service-name", "front"]);
    let first = tasks["taskArns"][0].as_str().expect("an ARN");
    aws.ok(&["ecs", "stop-task", "--task", first]);
    eventually("another answers in its place", PATIENCE, || (said(0).len() == 3).then_some(()));
    aws.ok(&["ecs", "update-service", "--service", "front", "--desired-count", "0"]);
    eventually("nobody answers", PATIENCE, || (last(&aws, "/ecs/client") == "[]").then_some(()));
    let listed = aws.ok(&["ecs", "list-services-by-namespace", "--namespace", "shop"]);
    assert_eq!(listed["serviceArns"].as_array().map(Vec::len), Some(2), "{listed}");
}
