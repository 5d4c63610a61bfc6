//! A deployment that moves traffic behind a load balancer, with real containers, while somebody asks all the time.

use std::io::Write;
use std::process::{Child, Command, Stdio};

use gantry_e2e::world::{eventually, python};
use gantry_e2e::{Aws, Image, World};
use serde_json::{Value, json};

use crate::services::{curl, site};
use crate::{PATIENCE, define, execution_role};

/// Asks on several connections, new ones and old ones, until its input ends; then it says who answered how often, and
/// what went wrong.
const LOAD: &str = r#"
import http.client, json, sys, threading, time
host, port, name = sys.argv[1], int(sys.argv[2]), sys.argv[3]
stop, lock, counts, failures = threading.Event(), threading.Lock(), {}, []
def ask():
    while not stop.is_set():
        connection = http.client.HTTPConnection(host, port, timeout=20)
        try:
            for _ in range(25):
                connection.request('GET', '/', headers={'Host': name})
                answer = connection.getresponse()
                word = answer.read().decode().strip()
                with lock:
                    if answer.status == 200:
                        counts[word] = counts.get(word, 0) + 1
                    else:
                        failures.append(f'{answer.status} {word}')
                time.sleep(0.01)
        except Exception as error:
            with lock:
                failures.append(repr(error))
        connection.close()
threads = [threading.Thread(target=ask) for _ in range(3)]
[thread.start() for thread in threads]
sys.stdin.read()
stop.set()
[thread.join() for thread in threads]
print(json.dumps([counts, failures[:20]]))
"#;

struct Load(Child);

impl Load {
    fn start(address: &str, port: &str, name: &str) -> Load {
        let child = Command::new(python())
            .args(["-c", LOAD, address, port, name])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python is here");
        Load(child)
    }

    /// Who answered how often; every request was answered.
    fn end(mut self) -> Value {
        self.0.stdin.take().expect("its input").flush().expect("it is there");
        let output = self.0.wait_with_output().expect("it ends");
        let said: Value = serde_json::from_slice(&output.stdout).expect("what the load says");
        assert_eq!(said[1], json!([]), "requests were lost: {said}");
        said[0].clone()
    }
}

fn server(word: &str) -> Image {
    Image::script(&format!(
        "mkdir -p /www; echo {word} > /www/index.html; trap 'exit 0' TERM; httpd -f -p 80 -h /www & wait"
    ))
}

/// What a line of Python says of ECS, which it has as `ecs`; newer operations than old command lines know.
fn ecs(aws: &Aws, expression: &str) -> Value {
    let script = format!(
        "ecs = boto3.client('ecs', endpoint_url=endpoint)\nprint(json.dumps({expression}, default=str))"
    );
    serde_json::from_str(&aws.boto3(&script)).expect("what the script printed")
}

fn deployment(aws: &Aws, arn: &str) -> Value {
    ecs(
        aws,
        &format!(
            "ecs.describe_service_deployments(serviceDeploymentArns=['{arn}'])['serviceDeployments'][0]"
        ),
    )
}

/// Deploys that definition; the ARN of the service's deployment.
fn update(aws: &Aws, definition: &str, more: &str) -> String {
    let made = ecs(
        aws,
        &format!("ecs.update_service(service='shop', taskDefinition='{definition}'{more})['service']"),
    );
    made["currentServiceDeployment"].as_str().expect("a deployment under way").to_owned()
}

/// Lets the deployment go on at the hook at which it waits.
fn go_on(aws: &Aws, arn: &str) {
    let hook = eventually("the hook waits", PATIENCE, || {
        let hooks = deployment(aws, arn)["lifecycleHookDetails"].clone();
        let waits = hooks.as_array()?.iter().find(|hook| hook["status"] == "AWAITING_ACTION")?;
        waits["hookId"].as_str().map(str::to_owned)
    });
    let arguments = format!("serviceDeploymentArn='{arn}', hookId='{hook}', action='CONTINUE'");
    ecs(aws, &format!("ecs.continue_service_deployment({arguments})"));
}

fn ended(aws: &Aws, arn: &str, status: &str) -> Value {
    eventually(status, PATIENCE, || {
        let now = deployment(aws, arn);
        (now["status"] == status).then_some(now)
    })
}

#[test]
fn no_request_is_lost_while_a_canary_goes_out_and_a_bad_one_comes_back() {
    let world = World::start();
    let aws = world.aws();
    aws.ok(&["ecs", "create-cluster"]);
    let execution = execution_role(&aws);
    let more = json!({ "portMappings": [{ "containerPort": 80 }], "stopTimeout": 2 });
    let over = json!({ "executionRoleArn": execution, "family": "web" });
    define(&world, "one", &server("one"), more.clone(), over.clone());
    define(&world, "two", &server("two"), more, over);
    let site = site(&aws);
    let trust = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow",
        "Principal": { "Service": "ecs.amazonaws.com" }, "Action": "sts:AssumeRole" }] });
    let arguments = ["iam", "create-role", "--role-name", "balancers", "--assume-role-policy-document"];
    let made = aws.ok(&[&arguments[..], &[&trust.to_string()]].concat());
    let role = made["Role"]["Arn"].as_str().expect("an ARN").to_owned();
    let policy = "arn:aws:iam::aws:policy/AmazonECSInfrastructureRolePolicyForLoadBalancers";
    aws.ok(&["iam", "attach-role-policy", "--role-name", "balancers", "--policy-arn", policy]);
    let rule = aws.boto3(&format!(
        r#"
elb = boto3.client('elbv2', endpoint_url=endpoint)
ecs = boto3.client('ecs', endpoint_url=endpoint)
blue = elb.describe_target_groups(TargetGroupArns=['{group}'])['TargetGroups'][0]
green = elb.create_target_group(
    Name='green', Protocol='HTTP', Port=80, VpcId=blue['VpcId'], TargetType='ip', HealthCheckIntervalSeconds=5,
    HealthCheckTimeoutSeconds=2, HealthyThresholdCount=2, UnhealthyThresholdCount=2)['TargetGroups'][0]['TargetGroupArn']
elb.modify_target_group_attributes(TargetGroupArn=green, Attributes=[{{'Key': 'deregistration_delay.timeout_seconds', 'Value': '2'}}])
listener = elb.describe_listeners(LoadBalancerArn=blue['LoadBalancerArns'][0])['Listeners'][0]['ListenerArn']
rule = elb.create_rule(
    ListenerArn=listener, Priority=1, Conditions=[{{'Field': 'path-pattern', 'Values': ['/*']}}],
    Actions=[{{'Type': 'forward', 'TargetGroupArn': blue['TargetGroupArn']}}])['Rules'][0]['RuleArn']
ecs.create_service(
    serviceName='shop', taskDefinition='web:1', desiredCount=3, launchType='FARGATE',
    networkConfiguration={{'awsvpcConfiguration': {{'subnets': ['{subnet}'], 'assignPublicIp': 'ENABLED'}}}},
    loadBalancers=[{{'targetGroupArn': '{group}', 'containerName': 'main', 'containerPort': 80,
        'advancedConfiguration': {{'alternateTargetGroupArn': green, 'productionListenerRule': rule, 'roleArn': '{role}'}}}}],
    deploymentConfiguration={{'strategy': 'CANARY', 'bakeTimeInMinutes': 0,
        'canaryConfiguration': {{'canaryPercent': 10.0, 'canaryBakeTimeInMinutes': 0}},
        'deploymentCircuitBreaker': {{'enable': True, 'rollback': True}}}})
ecs.get_waiter('services_stable').wait(services=['shop'], WaiterConfig={{'Delay': 1, 'MaxAttempts': 120}})
print(rule)
"#,
        subnet = site.subnet,
        group = site.group
    ));
    let weights = || {
        let described = aws.ok(&["elbv2", "describe-rules", "--rule-arns", &rule]);
        let groups = described["Rules"][0]["Actions"][0]["ForwardConfig"]["TargetGroups"].clone();
        let weight = |group: &Value| {
            let is_blue = group["TargetGroupArn"] == site.group.as_str();
            (is_blue, group["Weight"].as_u64().expect("a weight"))
        };
        let mut all: Vec<(bool, u64)> = groups.as_array().expect("groups").iter().map(weight).collect();
        all.sort_unstable();
        all
    };
    eventually("it answers", PATIENCE, || (curl(&site.url) == "one").then_some(()));
    eventually("its deployment is over", PATIENCE, || {
        let listed = ecs(&aws, "ecs.list_service_deployments(service='shop')['serviceDeployments'][0]");
        (listed["status"] == "SUCCESSFUL").then_some(())
    });
    assert_eq!(weights(), [(false, 0), (true, 100)]);

    let address =
        Command::new("curl").args(["-s", "-o", "/dev/null", "-w", "%{remote_ip}", &site.url]).output();
    let address = String::from_utf8(address.expect("curl is here").stdout).expect("an address");
    let port = site.url.trim_end_matches('/').rsplit(':').next().expect("a port");
    let name = site.url.trim_start_matches("http://").split(':').next().expect("a name");
    let load = Load::start(&address, port, name);

    // A canary, which waits at each of its two steps until it is told to go on.
    let hooks = ", deploymentConfiguration={'lifecycleHooks': [{'targetType': 'PAUSE', 'lifecycleStages': \
                 ['PRE_PRODUCTION_TRAFFIC_SHIFT']}]}";
    let arn = update(&aws, "web:2", hooks);
    go_on(&aws, &arn);
    eventually("a tenth moves", PATIENCE, || (weights() == [(false, 10), (true, 90)]).then_some(()));
    eventually("both answer", PATIENCE, || (curl(&site.url) == "two").then_some(()));
    eventually("both answer", PATIENCE, || (curl(&site.url) == "one").then_some(()));
    go_on(&aws, &arn);
    let done = ended(&aws, &arn, "SUCCESSFUL");
    assert_eq!(done["targetServiceRevision"]["requestedProductionTrafficWeight"], 100.0, "{done}");
    assert_eq!(weights(), [(false, 100), (true, 0)]);
    assert_eq!(curl(&site.url), "two");

    // An image that is not there: back by itself.
    let definition = json!({
        "family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256",
        "memory": "512", "executionRoleArn": execution,
        "containerDefinitions": [{ "name": "main", "image": format!("localhost:{}/none", world.port()),
            "portMappings": [{ "containerPort": 80 }] }],
    });
    aws.ok(&["ecs", "register-task-definition", "--cli-input-json", &definition.to_string()]);
    let without = ", deploymentConfiguration={'lifecycleHooks': []}";
    let arn = update(&aws, "web:3", without);
    let back = ended(&aws, &arn, "ROLLBACK_SUCCESSFUL");
    assert_eq!(
        back["statusReason"],
        "Service deployment rolled back because the circuit breaker threshold was exceeded."
    );
    assert_eq!(weights(), [(false, 100), (true, 0)]);
    let counts = load.end();
    assert!(counts["one"].as_u64() > Some(0) && counts["two"].as_u64() > Some(0), "{counts}");
}
