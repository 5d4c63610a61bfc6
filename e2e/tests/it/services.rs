//! A service behind a load balancer: rolled out, gone back, mended, scaled and deleted, with real containers.

use std::process::Command;

use gantry_e2e::world::{eventually, free_port};
use gantry_e2e::{Aws, Image, World};
use serde_json::{Value, json};

use crate::{PATIENCE, define, execution_role};

/// A VPC that this machine reaches, a load balancer in it, and a target group of it.
pub(crate) struct Site {
    pub subnet: String,
    pub group: String,
    pub url: String,
}

pub(crate) fn site(aws: &Aws) -> Site {
    // A range of its own, so that Gantries side by side do not meet.
    let range = format!("10.{}.{}", 100 + std::process::id() % 90, std::process::id() / 90 % 250);
    let port = free_port();
    let printed = aws.boto3(&format!(
        r#"
ec2 = boto3.client('ec2', endpoint_url=endpoint)
elb = boto3.client('elbv2', endpoint_url=endpoint)
vpc = ec2.create_vpc(CidrBlock='{range}.0/24')['Vpc']['VpcId']
zones = [zone['ZoneName'] for zone in ec2.describe_availability_zones()['AvailabilityZones']]
subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f'{range}.{{at * 64}}/26', AvailabilityZone=zones[at])['Subnet']['SubnetId'] for at in range(2)]
gateway = ec2.create_internet_gateway()['InternetGateway']['InternetGatewayId']
ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
table = ec2.describe_route_tables(Filters=[{{'Name': 'vpc-id', 'Values': [vpc]}}])['RouteTables'][0]['RouteTableId']
ec2.create_route(RouteTableId=table, DestinationCidrBlock='0.0.0.0/0', GatewayId=gateway)
default = ec2.describe_security_groups(Filters=[{{'Name': 'vpc-id', 'Values': [vpc]}}])['SecurityGroups'][0]['GroupId']
ec2.authorize_security_group_ingress(GroupId=default, IpPermissions=[{{'IpProtocol': 'tcp', 'FromPort': 80, 'ToPort': 80, 'IpRanges': [{{'CidrIp': '0.0.0.0/0'}}]}}])
of = elb.create_load_balancer(Name='shop', Subnets=subnets)['LoadBalancers'][0]
group = elb.create_target_group(
    Name='shop', Protocol='HTTP', Port=80, VpcId=vpc, TargetType='ip', HealthCheckIntervalSeconds=5,
    HealthCheckTimeoutSeconds=2, HealthyThresholdCount=2, UnhealthyThresholdCount=2)['TargetGroups'][0]['TargetGroupArn']
elb.modify_target_group_attributes(TargetGroupArn=group, Attributes=[{{'Key': 'deregistration_delay.timeout_seconds', 'Value': '2'}}])
elb.create_listener(LoadBalancerArn=of['LoadBalancerArn'], Protocol='HTTP', Port={port},
    DefaultActions=[{{'Type': 'forward', 'TargetGroupArn': group}}])
print(json.dumps([subnets[0], group, of['DNSName']]))
"#
    ));
    let made: Value = serde_json::from_str(&printed).expect("what the script printed");
    let text = |at: usize| made[at].as_str().expect("text").to_owned();
    Site { subnet: text(0), group: text(1), url: format!("http://{}:{port}/", text(2)) }
}

/// A server that says its word, and stops when it is told.
fn server(word: &str) -> Image {
    Image::script(&format!(
        "mkdir -p /www; echo {word} > /www/index.html; trap 'exit 0' TERM; httpd -f -p 80 -h /www & wait"
    ))
}

pub(crate) fn curl(url: &str) -> String {
    let output = Command::new("curl").args(["-s", "--max-time", "10", url]).output().expect("curl is here");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn service(aws: &Aws) -> Value {
    aws.ok(&["ecs", "describe-services", "--services", "shop"])["services"][0].clone()
}

fn is_said(service: &Value, what: &str) -> bool {
    let events = service["events"].as_array().expect("events").iter();
    events.filter_map(|event| event["message"].as_str()).any(|message| message.contains(what))
}

fn tasks(aws: &Aws) -> Vec<Value> {
    let listed = aws.ok(&["ecs", "list-tasks", "--service-name", "shop"]);
    let arns: Vec<&str> =
        listed["taskArns"].as_array().expect("ARNs").iter().filter_map(Value::as_str).collect();
    if arns.is_empty() {
        return Vec::new();
    }
    let described = aws.ok(&[&["ecs", "describe-tasks", "--tasks"], &arns[..]].concat());
    described["tasks"].as_array().expect("tasks").clone()
}

/// Waits until its only deployment is done.
fn settled(aws: &Aws, definition: &str) -> Value {
    eventually(&format!("{definition} is rolled out"), PATIENCE, || {
        let service = service(aws);
        let deployments = service["deployments"].as_array().expect("deployments");
        let done = deployments.len() == 1 && deployments[0]["rolloutState"] == "COMPLETED";
        let is_it = service["taskDefinition"].as_str().is_some_and(|arn| arn.ends_with(definition));
        (done && is_it).then_some(service)
    })
}

#[test]
fn a_service_is_rolled_out_behind_a_load_balancer_and_survives() {
    let mut world = World::start();
    let aws = world.aws();
    aws.ok(&["ecs", "create-cluster"]);
    let execution = execution_role(&aws);
    let more = json!({ "portMappings": [{ "containerPort": 80 }], "stopTimeout": 2 });
    let over = json!({ "executionRoleArn": execution, "family": "web" });
    define(&world, "one", &server("one"), more.clone(), over.clone());
    define(&world, "two", &server("two"), more.clone(), over.clone());
    let site = site(&aws);
    aws.boto3(&format!(
        r#"
ecs = boto3.client('ecs', endpoint_url=endpoint)
ecs.create_service(
    serviceName='shop', taskDefinition='web:1', desiredCount=2, launchType='FARGATE',
    networkConfiguration={{'awsvpcConfiguration': {{'subnets': ['{subnet}'], 'assignPublicIp': 'ENABLED'}}}},
    loadBalancers=[{{'targetGroupArn': '{group}', 'containerName': 'main', 'containerPort': 80}}],
    deploymentConfiguration={{'deploymentCircuitBreaker': {{'enable': True, 'rollback': True}}}})
ecs.get_waiter('services_stable').wait(services=['shop'], WaiterConfig={{'Delay': 1, 'MaxAttempts': 120}})
"#,
        subnet = site.subnet,
        group = site.group
    ));
    let made = settled(&aws, "web:1");
    let registered = format!("registered 2 targets in (target-group {})", site.group);
    assert!(
        is_said(&made, "has reached a steady state.")
            && (is_said(&made, &registered) || is_said(&made, "registered 1 targets in")),
        "{made}"
    );
    assert_eq!(curl(&site.url), "one");

    // A new definition, while somebody asks all the time.
    aws.ok(&["ecs", "update-service", "--service", "shop", "--task-definition", "web:2"]);
    let mut answers = Vec::new();
    eventually("web:2 is rolled out", PATIENCE, || {
        answers.push(curl(&site.url));
        let service = service(&aws);
        (service["deployments"].as_array().is_some_and(|all| all.len() == 1)).then_some(())
    });
    assert!(answers.iter().all(|said| said == "one" || said == "two"), "a request was lost: {answers:?}");
    settled(&aws, "web:2");
    assert_eq!(curl(&site.url), "two");

    // An image that is not there: back by itself.
    let definition = json!({
        "family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256",
        "memory": "512", "executionRoleArn": execution,
        "containerDefinitions": [{ "name": "main", "image": format!("localhost:{}/none", world.port()),
            "portMappings": [{ "containerPort": 80 }] }],
    });
    aws.ok(&["ecs", "register-task-definition", "--cli-input-json", &definition.to_string()]);
    let before: Vec<Value> = tasks(&aws).iter().map(|task| task["taskArn"].clone()).collect();
    aws.ok(&["ecs", "update-service", "--service", "shop", "--task-definition", "web:3"]);
    eventually("it is gone back from", PATIENCE, || {
        assert_eq!(curl(&site.url), "two");
        is_said(&service(&aws), "rolling back to (deployment ").then_some(())
    });
    let back = settled(&aws, "web:2");
    assert!(is_said(&back, "deployment failed: tasks failed to start."), "{back}");
    let after: Vec<Value> = tasks(&aws).iter().map(|task| task["taskArn"].clone()).collect();
    assert_eq!(before.len(), 2);
    assert!(before.iter().all(|arn| after.contains(arn)), "those of before go on");
    let status = aws.boto3(
        r#"
ecs = boto3.client('ecs', endpoint_url=endpoint)
print(ecs.list_service_deployments(service='shop')['serviceDeployments'][0]['status'])
"#,
    );
    assert_eq!(status, "ROLLBACK_SUCCESSFUL");

    // One is stopped, and another comes; Gantry is killed in the middle of that, and doubles nothing.
    aws.ok(&["ecs", "stop-task", "--task", before[0].as_str().expect("an ARN")]);
    aws.ok(&["ecs", "update-service", "--service", "shop", "--force-new-deployment"]);
    eventually("new ones are begun", PATIENCE, || {
        tasks(&aws).iter().any(|task| !before.contains(&task["taskArn"])).then_some(())
    });
    world.kill();
    world.up();
    let done = settled(&aws, "web:2");
    assert_eq!(done["runningCount"], 2, "{done}");
    assert_eq!(tasks(&aws).len(), 2);
    assert_eq!(curl(&site.url), "two");

    aws.ok(&["ecs", "update-service", "--service", "shop", "--desired-count", "1"]);
    eventually("one is left", PATIENCE, || {
        let now = service(&aws);
        (now["runningCount"] == 1 && is_said(&now, "has begun draining connections on 1 tasks."))
            .then_some(())
    });
    aws.ok(&["ecs", "delete-service", "--service", "shop", "--force"]);
    aws.boto3(
        r#"
ecs = boto3.client('ecs', endpoint_url=endpoint)
ecs.get_waiter('services_inactive').wait(services=['shop'], WaiterConfig={'Delay': 1, 'MaxAttempts': 120})
"#,
    );
    assert!(tasks(&aws).is_empty());
    let health = aws.ok(&["elbv2", "describe-target-health", "--target-group-arn", &site.group]);
    let left = health["TargetHealthDescriptions"].as_array().expect("targets").iter();
    assert!(left.clone().all(|one| one["TargetHealth"]["State"] == "draining"), "{health}");
}

#[test]
fn a_push_deploys_a_service_anew_and_without_requests_it_sleeps_until_the_next_one() {
    let mut world = World::start();
    let aws = world.aws();
    aws.ok(&["ecs", "create-cluster"]);
    let execution = execution_role(&aws);
    let more = json!({ "portMappings": [{ "containerPort": 80 }], "stopTimeout": 2 });
    define(&world, "web", &server("one"), more, json!({ "executionRoleArn": execution }));
    let site = site(&aws);
    aws.boto3(&format!(
        r#"
ecs = boto3.client('ecs', endpoint_url=endpoint)
ecs.create_service(
    serviceName='shop', taskDefinition='web', desiredCount=2, launchType='FARGATE',
    networkConfiguration={{'awsvpcConfiguration': {{'subnets': ['{subnet}'], 'assignPublicIp': 'ENABLED'}}}},
    loadBalancers=[{{'targetGroupArn': '{group}', 'containerName': 'main', 'containerPort': 80}}],
    tags=[{{'key': 'gantry:redeploy-on-push', 'value': 'true'}},
        {{'key': 'gantry:scale-to-zero-after', 'value': '1m'}}])
ecs.get_waiter('services_stable').wait(services=['shop'], WaiterConfig={{'Delay': 1, 'MaxAttempts': 120}})
"#,
        subnet = site.subnet,
        group = site.group
    ));
    eventually("it answers", PATIENCE, || (curl(&site.url) == "one").then_some(()));

    // The same tag leads to another image.
    server("two").push(&world, "web");
    eventually("the push is deployed", PATIENCE, || (curl(&site.url) == "two").then_some(()));
    eventually("that is over", PATIENCE, || {
        let now = service(&aws);
        let all = now["deployments"].as_array()?;
        (all.len() == 1 && all[0]["rolloutState"] == "COMPLETED").then_some(())
    });
    assert!(is_said(&service(&aws), "is deployed anew as its images were pushed"), "{}", service(&aws));

    // Nobody asks.
    let asleep = eventually("it sleeps", PATIENCE, || {
        let now = service(&aws);
        (is_said(&now, "is asleep: no request for 1m.") && now["runningCount"] == 0).then_some(now)
    });
    assert_eq!(asleep["desiredCount"], 2, "{asleep}");
    // That it sleeps is known after a start too.
    world.kill();
    world.up();
    assert_eq!(service(&aws)["runningCount"], 0);
    let url = site.url.clone();
    let others: Vec<_> = (0..4)
        .map(|_| {
            std::thread::spawn({
                let url = url.clone();
                move || patient(&url)
            })
        })
        .collect();
    assert_eq!(patient(&url), "two", "whoever wakes it is answered");
    for other in others {
        assert_eq!(other.join().expect("it ends"), "two", "and whoever comes meanwhile");
    }
    let awake = service(&aws);
    let times = awake["events"].as_array().expect("events").iter();
    let times = times.filter(|event| event["message"].as_str().is_some_and(|it| it.contains("is awake")));
    assert_eq!(times.count(), 1, "{awake}");
    eventually("both are back", PATIENCE, || (service(&aws)["runningCount"] == 2).then_some(()));
}

/// What is answered to somebody who waits for it.
fn patient(url: &str) -> String {
    let output = Command::new("curl").args(["-s", "--max-time", "90", url]).output().expect("curl is here");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
