//! Load balancers with real clients and real traffic, to targets that have addresses of their own.

use std::process::{Child, Command, Stdio};

use gantry_e2e::world::{eventually, free_port, python, run};
use gantry_e2e::{Aws, Image, World};
use serde_json::{Value, json};

use super::{PATIENCE, define, execution_role, lines};

/// A server in a network namespace of its own, with an address that load balancers take for a target's.
struct Target {
    namespace: String,
    address: String,
    server: Child,
}

/// Answers each request with its name and what the load balancer said of the client.
const SERVER: &str = r#"
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def do_GET(self):
        body = f"{sys.argv[1]} {self.path} {self.headers.get('X-Forwarded-Proto')}".encode()
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer(('0.0.0.0', 8080), Handler).serve_forever()
"#;

fn ip(arguments: &str) {
    let output = Command::new("ip").args(arguments.split(' ')).output().expect("iproute2 is here");
    assert!(output.status.success(), "ip {arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

impl Target {
    fn new(name: &str, number: u32) -> Target {
        let pid = std::process::id();
        let namespace = format!("gt{pid}-{name}");
        let link = format!("gt{}{name}", pid % 1_000_000);
        // A range of four addresses that follows from the process, so that tests side by side do not meet.
        let base = (pid % 4096) * 16 + number * 4;
        let net = format!("10.{}.{}", 200 + base / 65536, base / 256 % 256);
        let (host, address) = (format!("{net}.{}", base % 256 + 1), format!("{net}.{}", base % 256 + 2));
        ip(&format!("netns add {namespace}"));
        ip(&format!("link add {link} type veth peer name eth0 netns {namespace}"));
        ip(&format!("addr add {host}/30 dev {link}"));
        ip(&format!("link set {link} up"));
        ip(&format!("-n {namespace} addr add {address}/30 dev eth0"));
        ip(&format!("-n {namespace} link set eth0 up"));
        let server = Command::new("ip")
            .args(["netns", "exec", &namespace])
            .arg(python())
            .args(["-c", SERVER, name])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("Python is here");
        Target { namespace, address, server }
    }

    fn stop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        self.stop();
        let _ = Command::new("ip").args(["netns", "del", &self.namespace]).status();
    }
}

fn curl(arguments: &[&str]) -> String {
    let output =
        Command::new("curl").args(["-s", "--max-time", "10"]).args(arguments).output().expect("curl is here");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}

/// A load balancer over a group of these targets, listening at `port`: its name, its ARN and the group's.
fn balance(aws: &Aws, port: u16, targets: &[&Target]) -> (String, String, String) {
    let ids: Vec<String> = targets
        .iter()
        .map(|target| format!("{{'Id': '{}', 'AvailabilityZone': 'all'}}", target.address))
        .collect();
    let printed = aws.boto3(&format!(
        r#"
import json
ec2 = boto3.client('ec2', endpoint_url=endpoint)
elb = boto3.client('elbv2', endpoint_url=endpoint)
subnets = ec2.describe_subnets()['Subnets']
of = elb.create_load_balancer(Name='web', Subnets=[it['SubnetId'] for it in subnets])['LoadBalancers'][0]
elb.get_waiter('load_balancer_available').wait(LoadBalancerArns=[of['LoadBalancerArn']])
group = elb.create_target_group(
    Name='app', Protocol='HTTP', Port=8080, VpcId=subnets[0]['VpcId'], TargetType='ip',
    HealthCheckIntervalSeconds=5, HealthCheckTimeoutSeconds=2, HealthyThresholdCount=2)['TargetGroups'][0]
elb.register_targets(TargetGroupArn=group['TargetGroupArn'], Targets=[{targets}])
elb.create_listener(
    LoadBalancerArn=of['LoadBalancerArn'], Protocol='HTTP', Port={port},
    DefaultActions=[{{'Type': 'forward', 'TargetGroupArn': group['TargetGroupArn']}}])
elb.get_waiter('target_in_service').wait(TargetGroupArn=group['TargetGroupArn'])
print(json.dumps([of['DNSName'], of['LoadBalancerArn'], group['TargetGroupArn']]))
"#,
        targets = ids.join(", ")
    ));
    let made: Value = serde_json::from_str(printed.trim()).expect("what the script printed");
    (text(&made[0]), text(&made[1]), text(&made[2]))
}

#[test]
fn curl_reaches_targets_through_a_load_balancer_and_its_rules() {
    let mut world = World::start();
    let aws = world.aws();
    let (mut a, b) = (Target::new("a", 0), Target::new("b", 1));
    let port = free_port();
    let (name, of, group) = balance(&aws, port, &[&a, &b]);
    let url = format!("http://{name}:{port}/x");
    let answers: Vec<String> = (0..4).map(|_| curl(&[&url])).collect();
    for name in ["a", "b"] {
        assert_eq!(answers.iter().filter(|it| **it == format!("{name} /x http")).count(), 2, "{answers:?}");
    }

    let listed = aws.ok(&["elbv2", "describe-listeners", "--load-balancer-arn", &of]);
    let listener = text(&listed["Listeners"][0]["ListenerArn"]);
    let rule = ["elbv2", "create-rule", "--listener-arn", &listener, "--priority", "1"];
    let conditions = ["--conditions", "Field=path-pattern,Values=/tea"];
    let action =
        "Type=fixed-response,FixedResponseConfig={StatusCode=418,ContentType=text/plain,MessageBody=teapot}";
    aws.ok(&[&rule[..], &conditions, &["--actions", action]].concat());
    let tea = format!("http://{name}:{port}/tea");
    eventually("the rule holds", PATIENCE, || (curl(&[&tea]) == "teapot").then_some(()));

    // A target that is gone is not asked any more, and no request is lost by it.
    a.stop();
    for _ in 0..10 {
        assert_eq!(curl(&[&url]), "b /x http");
    }
    let health = ["elbv2", "describe-target-health", "--target-group-arn", &group];
    eventually("the target is unhealthy", PATIENCE, || {
        let health = aws.ok(&health);
        let all = health["TargetHealthDescriptions"].as_array()?.iter();
        let sick = all.filter(|it| it["TargetHealth"]["State"] == "unhealthy").count();
        (sick == 1).then_some(())
    });

    // Killed and started again, it carries on where it was.
    world.kill();
    world.up();
    eventually("traffic is back", PATIENCE, || (curl(&[&url]) == "b /x http").then_some(()));

    // Drained without a delay, the group is empty.
    let attribute = "Key=deregistration_delay.timeout_seconds,Value=0";
    let modify = ["elbv2", "modify-target-group-attributes", "--target-group-arn", &group];
    aws.ok(&[&modify[..], &["--attributes", attribute]].concat());
    let deregister = ["elbv2", "deregister-targets", "--target-group-arn", &group, "--targets"];
    aws.ok(&[&deregister[..], &[&format!("Id={}", a.address), &format!("Id={}", b.address)]].concat());
    eventually("nobody answers", PATIENCE, || curl(&[&url]).contains("503 Service").then_some(()));
    aws.ok(&["elbv2", "delete-load-balancer", "--load-balancer-arn", &of]);
    eventually("nobody listens", PATIENCE, || curl(&[&url]).is_empty().then_some(()));
}

#[test]
fn a_certificate_of_acm_serves_https() {
    let world = World::start();
    let aws = world.aws();
    let a = Target::new("c", 2);
    let (_, of, group) = balance(&aws, free_port(), &[&a]);
    let arn = aws.ok(&["acm", "request-certificate", "--domain-name", "shop.example.com"]);
    let arn = text(&arn["CertificateArn"]);
    let port = free_port().to_string();
    let listener =
        ["elbv2", "create-listener", "--load-balancer-arn", &of, "--protocol", "HTTPS", "--port", &port];
    let action = format!("Type=forward,TargetGroupArn={group}");
    let certificate = format!("CertificateArn={arn}");
    aws.ok(&[&listener[..], &["--certificates", &certificate, "--default-actions", &action]].concat());
    let in_use = aws.refused(&["acm", "delete-certificate", "--certificate-arn", &arn]);
    assert!(in_use.contains("ResourceInUseException"), "{in_use}");

    let described = aws.ok(&["elbv2", "describe-load-balancers"]);
    let name = text(&described["LoadBalancers"][0]["DNSName"]);
    let authority = world.data().join("pki/ca.pem");
    let authority = authority.to_str().expect("text");
    let url = format!("https://shop.example.com:{port}/s");
    let insecure = format!("https://{name}:{port}/s");
    eventually("it is served", PATIENCE, || (curl(&["-k", &insecure]) == "c /s https").then_some(()));
    let two = curl(&["-k", "-o", "/dev/null", "-w", "%{http_version}", &insecure]);
    assert_eq!(two, "2");
    let address = own_address(&world, port.parse().expect("a number"));
    // By the certificate's name as well, at its own address and at everybody's.
    for address in [address.as_str(), "127.0.0.1"] {
        let resolve = format!("shop.example.com:{port}:{address}");
        assert_eq!(curl(&["--cacert", authority, "--resolve", &resolve, &url]), "c /s https", "{address}");
    }
}

/// The address of loopback at which a Gantry's load balancer listens.
fn own_address(world: &World, port: u16) -> String {
    let own = own_addresses(world, port);
    own.into_iter().next().unwrap_or_else(|| panic!("no address of its own at port {port}"))
}

/// The addresses of loopback at which a Gantry's load balancers listen.
fn own_addresses(world: &World, port: u16) -> Vec<String> {
    let output = run(Command::new("ss").args(["-Hltnp", &format!("sport = :{port}")]));
    let listed = String::from_utf8_lossy(&output.stdout).into_owned();
    let pid = format!("pid={},", world.pid());
    let own =
        listed.lines().filter(|line| line.contains(&pid)).filter_map(|line| line.split_whitespace().nth(3));
    let own = own.filter_map(|local| local.rsplit_once(':')).map(|(address, _)| address.to_owned());
    own.filter(|address| address != "127.0.0.1").collect()
}

/// In each of two VPCs of the same range: an internal load balancer over a service in private subnets, whose group lets in
/// the load balancer's alone, and whose own lets in the clients'. Prints for each its name, its group and the clients'.
const PRIVATE: &str = r#"
import json
ec2 = boto3.client('ec2', endpoint_url=endpoint)
elb = boto3.client('elbv2', endpoint_url=endpoint)
ecs = boto3.client('ecs', endpoint_url=endpoint)
def group(vpc, name, source=None):
    made = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)['GroupId']
    if source:
        ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[
            {'IpProtocol': 'tcp', 'FromPort': 80, 'ToPort': 80, 'UserIdGroupPairs': [{'GroupId': source}]}])
    return made
told = []
for name in ['one', 'two']:
    vpc = ec2.create_vpc(CidrBlock='10.77.0.0/16')['Vpc']['VpcId']
    subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f'10.77.{at}.0/24', AvailabilityZone=f'us-east-1{zone}')['Subnet']['SubnetId']
               for at, zone in enumerate('ab')]
    clients = group(vpc, 'clients')
    balancer = group(vpc, 'balancer', clients)
    tasks = group(vpc, 'tasks', balancer)
    of = elb.create_load_balancer(Name=name, Subnets=subnets, SecurityGroups=[balancer], Scheme='internal')['LoadBalancers'][0]
    targets = elb.create_target_group(
        Name=name, Protocol='HTTP', Port=80, VpcId=vpc, TargetType='ip', HealthCheckIntervalSeconds=5,
        HealthCheckTimeoutSeconds=2, HealthyThresholdCount=2)['TargetGroups'][0]['TargetGroupArn']
    elb.create_listener(LoadBalancerArn=of['LoadBalancerArn'], Protocol='HTTP', Port=80,
        DefaultActions=[{'Type': 'forward', 'TargetGroupArn': targets}])
    network = lambda group: {'awsvpcConfiguration': {'subnets': subnets, 'securityGroups': [group]}}
    ecs.create_service(serviceName=name, taskDefinition=name, desiredCount=1, launchType='FARGATE',
        networkConfiguration=network(tasks), loadBalancers=[
            {'targetGroupArn': targets, 'containerName': 'main', 'containerPort': 80}])
    told.append({'name': of['DNSName'], 'balancer': balancer, 'clients': clients, 'subnets': subnets, 'targets': targets})
ecs.run_task(taskDefinition='client', launchType='FARGATE', networkConfiguration={'awsvpcConfiguration': {
    'subnets': told[0]['subnets'], 'securityGroups': [told[0]['clients']]}},
    overrides={'containerOverrides': [{'name': 'main', 'environment': [
        {'name': 'OWN', 'value': told[0]['name']}, {'name': 'OTHER', 'value': told[1]['name']}]}]})
for one in told:
    elb.get_waiter('target_in_service').wait(TargetGroupArn=one['targets'])
print(json.dumps(told))
"#;

#[test]
fn tasks_in_private_subnets_are_balanced_and_find_the_load_balancer_by_name() {
    let world = World::start();
    let aws = world.aws();
    aws.ok(&["ecs", "create-cluster"]);
    let over = json!({ "executionRoleArn": execution_role(&aws) });
    for name in ["one", "two"] {
        let server = Image::script(&format!(
            "mkdir -p /www; echo {name} > /www/index.html; trap 'exit 0' TERM; httpd -f -p 80 -h /www & wait"
        ));
        let ports = json!({ "portMappings": [{ "containerPort": 80 }], "stopTimeout": 2 });
        define(&world, name, &server, ports, over.clone());
    }
    let client = Image::script(
        "exec 2>/dev/null; while :; do echo \"[$(timeout 2 wget -qO- http://$OWN/)] [$(timeout 2 wget -qO- http://$OTHER/)]\"
sleep 0.3; done",
    );
    define(&world, "client", &client, json!({ "stopTimeout": 2 }), over);
    let told: Value = serde_json::from_str(aws.boto3(PRIVATE).trim()).expect("what the script printed");

    // Each reaches its own VPC's, though both have the same range. At the front door of this machine, which may have
    // somebody else at port 80, they go by their own addresses.
    let last = || lines(&aws, "/ecs/client").pop().unwrap_or_default();
    eventually("a task finds its VPC's by name, and no other", PATIENCE, || {
        (last() == "[one] []").then_some(())
    });
    let own = own_addresses(&world, 80);
    let mut said: Vec<String> = own.iter().map(|address| curl(&[&format!("http://{address}/")])).collect();
    said.sort();
    assert_eq!(said, ["one\n", "two\n"]);

    // Its security group holds for who comes in.
    let [balancer, clients] = ["balancer", "clients"].map(|key| text(&told[0][key]));
    let rule = format!("IpProtocol=tcp,FromPort=80,ToPort=80,UserIdGroupPairs=[{{GroupId={clients}}}]");
    let change = |what: &str| {
        aws.ok(&["ec2", what, "--group-id", &balancer, "--ip-permissions", &rule]);
    };
    change("revoke-security-group-ingress");
    eventually("nobody comes in", PATIENCE, || (last() == "[] []").then_some(()));
    change("authorize-security-group-ingress");
    eventually("they come in again", PATIENCE, || (last() == "[one] []").then_some(()));

    // Killed and started again, it is in its VPC as it was.
    let mut world = world;
    world.kill();
    world.up();
    let before = lines(&aws, "/ecs/client").len();
    eventually("it is found again", PATIENCE, || {
        let lines = lines(&aws, "/ecs/client");
        (lines.len() > before && lines.last().is_some_and(|line| line == "[one] []")).then_some(())
    });
}

/// A network load balancer over a service whose group lets in the load balancer's alone, and a client. Prints the targets
/// and the load balancer's addresses.
const KEPT: &str = r#"
import json
ec2 = boto3.client('ec2', endpoint_url=endpoint)
elb = boto3.client('elbv2', endpoint_url=endpoint)
ecs = boto3.client('ecs', endpoint_url=endpoint)
vpc = ec2.create_vpc(CidrBlock='10.78.0.0/16')['Vpc']['VpcId']
subnet = ec2.create_subnet(VpcId=vpc, CidrBlock='10.78.0.0/24', AvailabilityZone='us-east-1a')['Subnet']['SubnetId']
def group(name, source=None):
    made = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)['GroupId']
    if source:
        ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[
            {'IpProtocol': 'tcp', 'FromPort': 80, 'ToPort': 80, 'UserIdGroupPairs': [{'GroupId': source}]}])
    return made
clients = group('clients')
balancer = group('balancer', clients)
tasks = group('tasks', balancer)
of = elb.create_load_balancer(Name='kept', Type='network', Subnets=[subnet], SecurityGroups=[balancer], Scheme='internal')['LoadBalancers'][0]
targets = elb.create_target_group(
    Name='kept', Protocol='TCP', Port=80, VpcId=vpc, TargetType='ip', HealthCheckIntervalSeconds=5,
    HealthCheckTimeoutSeconds=2, HealthyThresholdCount=2)['TargetGroups'][0]['TargetGroupArn']
elb.create_listener(LoadBalancerArn=of['LoadBalancerArn'], Protocol='TCP', Port=80,
    DefaultActions=[{'Type': 'forward', 'TargetGroupArn': targets}])
network = lambda group: {'awsvpcConfiguration': {'subnets': [subnet], 'securityGroups': [group]}}
ecs.create_service(serviceName='who', taskDefinition='who', desiredCount=1, launchType='FARGATE',
    networkConfiguration=network(tasks), loadBalancers=[
        {'targetGroupArn': targets, 'containerName': 'main', 'containerPort': 80}])
elb.get_waiter('target_in_service').wait(TargetGroupArn=targets)
ecs.run_task(taskDefinition='client', launchType='FARGATE', networkConfiguration=network(clients), overrides={
    'containerOverrides': [{'name': 'main', 'environment': [{'name': 'NLB', 'value': of['DNSName']}]}]})
at = ec2.describe_network_interfaces(Filters=[{'Name': 'description', 'Values': ['ELB net/kept/*']}])['NetworkInterfaces']
print(json.dumps({'targets': targets, 'at': at[0]['PrivateIpAddress']}))
"#;

#[test]
fn a_target_of_a_network_load_balancer_sees_its_client_if_that_is_wanted() {
    let world = World::start();
    let aws = world.aws();
    aws.ok(&["ecs", "create-cluster"]);
    let over = json!({ "executionRoleArn": execution_role(&aws) });
    let server = Image::script(
        "mkdir -p /www/cgi-bin; printf '#!/bin/sh\\necho; echo $REMOTE_ADDR | tr -dc 0-9.' > /www/cgi-bin/who; chmod +x /www/cgi-bin/who
trap 'exit 0' TERM; httpd -f -p 80 -h /www & wait",
    );
    let ports = json!({ "portMappings": [{ "containerPort": 80 }], "stopTimeout": 2 });
    define(&world, "who", &server, ports, over.clone());
    let client = Image::script(
        "exec 2>/dev/null; while :; do echo \"[$(timeout 2 wget -qO- http://$NLB/cgi-bin/who)] $(hostname -i)\"
sleep 0.3; done",
    );
    define(&world, "client", &client, json!({ "stopTimeout": 2 }), over);
    let told: Value = serde_json::from_str(aws.boto3(KEPT).trim()).expect("what the script printed");

    let [targets, at] = ["targets", "at"].map(|key| text(&told[key]));
    let seen = |wanted: &dyn Fn(&str, &str) -> bool| {
        let last = lines(&aws, "/ecs/client").pop().unwrap_or_default();
        let (seen, own) = last.strip_prefix('[')?.split_once("] ")?;
        wanted(seen, own).then_some(())
    };
    eventually("the target sees the load balancer", PATIENCE, || seen(&|seen, _| seen == at));
    let keep = |how: &str| {
        let attribute = format!("Key=preserve_client_ip.enabled,Value={how}");
        aws.ok(&[
            "elbv2",
            "modify-target-group-attributes",
            "--target-group-arn",
            &targets,
            "--attributes",
            &attribute,
        ]);
    };
    keep("true");
    eventually("the target sees the client", PATIENCE, || seen(&|seen, own| seen == own));
    keep("false");
    eventually("the target sees the load balancer again", PATIENCE, || seen(&|seen, _| seen == at));
}

#[test]
fn tasks_on_the_bridge_of_an_instance_are_targets_at_its_ports() {
    let world = World::start();
    let aws = world.aws();
    aws.ok(&["ecs", "create-cluster"]);
    let server = Image::script(
        "mkdir -p /www; echo bridged > /www/index.html; trap 'exit 0' TERM; httpd -f -p 80 -h /www & wait",
    );
    let (uri, _) = server.push(&world, "bridged");
    let container = json!({ "name": "main", "image": uri, "memory": 64, "stopTimeout": 2,
        "portMappings": [{ "containerPort": 80 }] });
    let definition = json!({ "family": "bridged", "networkMode": "bridge", "containerDefinitions": [container],
        "executionRoleArn": execution_role(&aws) });
    aws.ok(&["ecs", "register-task-definition", "--cli-input-json", &definition.to_string()]);
    let port = free_port();
    let printed = aws.boto3(&format!(
        r#"
ec2 = boto3.client('ec2', endpoint_url=endpoint)
elb = boto3.client('elbv2', endpoint_url=endpoint)
subnets = ec2.describe_subnets()['Subnets']
of = elb.create_load_balancer(Name='web', Subnets=[it['SubnetId'] for it in subnets])['LoadBalancers'][0]
group = elb.create_target_group(
    Name='machines', Protocol='HTTP', Port=80, VpcId=subnets[0]['VpcId'], HealthCheckIntervalSeconds=5,
    HealthCheckTimeoutSeconds=2, HealthyThresholdCount=2)['TargetGroups'][0]['TargetGroupArn']
elb.modify_target_group_attributes(TargetGroupArn=group, Attributes=[{{'Key': 'deregistration_delay.timeout_seconds', 'Value': '1'}}])
elb.create_listener(
    LoadBalancerArn=of['LoadBalancerArn'], Protocol='HTTP', Port={port},
    DefaultActions=[{{'Type': 'forward', 'TargetGroupArn': group}}])
ecs = boto3.client('ecs', endpoint_url=endpoint)
ecs.create_service(serviceName='web', taskDefinition='bridged', desiredCount=2, launchType='EC2', loadBalancers=[
    {{'targetGroupArn': group, 'containerName': 'main', 'containerPort': 80}}])
elb.get_waiter('target_in_service').wait(TargetGroupArn=group)
print(of['DNSName'], group)
"#
    ));
    let (name, group) = printed.trim().split_once(' ').expect("what the script printed");
    let url = format!("http://{name}:{port}/");
    eventually("a task answers", PATIENCE, || (curl(&[&url]) == "bridged\n").then_some(()));
    let health = ["elbv2", "describe-target-health", "--target-group-arn", group];
    let targets = eventually("both tasks are targets", PATIENCE, || {
        let health = aws.ok(&health);
        let all = health["TargetHealthDescriptions"].as_array()?.clone();
        let well = all.iter().filter(|it| it["TargetHealth"]["State"] == "healthy").count();
        (well == 2).then_some(all)
    });
    let listed = aws.ok(&["ecs", "list-container-instances"]);
    let instance = text(&listed["containerInstanceArns"][0]);
    let described = aws.ok(&["ecs", "describe-container-instances", "--container-instances", &instance]);
    let id = text(&described["containerInstances"][0]["ec2InstanceId"]);
    assert!(id.starts_with("i-"), "{id}");
    assert!(targets.iter().all(|it| it["Target"]["Id"] == id.as_str()), "{targets:?}");
    assert_ne!(targets[0]["Target"]["Port"], targets[1]["Target"]["Port"]);
    aws.ok(&["ecs", "update-service", "--service", "web", "--desired-count", "0"]);
    eventually("nobody is left", PATIENCE, || {
        (aws.ok(&health)["TargetHealthDescriptions"] == json!([])).then_some(())
    });
}
