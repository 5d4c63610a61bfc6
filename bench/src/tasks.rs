//! Starting tasks, beside `docker run -d`.

use std::time::Instant;

use gantry_e2e::world::run;
use gantry_e2e::{Docker, Image, World};
use serde_json::json;

use crate::report::{Aim, Report, median, millis};

const ROUNDS: usize = 15;
const BURST: usize = 50;
/// How often a hundred tasks are described.
const DESCRIPTIONS: usize = 400;

/// A world with an image, a task definition and a subnet, each used once so that the image is present; `arguments` are more to `gantry up`.
pub fn prepare(arguments: &[&str]) -> (World, Image) {
    furnish(World::start_with(arguments))
}

/// The same in a world that runs.
pub fn furnish(world: World) -> (World, Image) {
    let image = Image::script("trap 'exit 0' TERM; while :; do sleep 1; done");
    let (uri, _) = image.push(&world, "bench");
    let aws = world.aws();
    let definition = json!({
        "family": "bench", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
        "cpu": "256", "memory": "512", "executionRoleArn": execution_role(&world),
        "containerDefinitions": [{ "name": "main", "image": uri, "essential": true, "stopTimeout": 2 }],
    });
    aws.ok(&["ecs", "create-cluster"]);
    aws.ok(&["ecs", "register-task-definition", "--cli-input-json", &definition.to_string()]);
    (world, image)
}

pub fn execution_role(world: &World) -> String {
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    let aws = world.aws();
    let made =
        aws.ok(&["iam", "create-role", "--role-name", "bench", "--assume-role-policy-document", trust]);
    let policy = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";
    aws.ok(&["iam", "attach-role-policy", "--role-name", "bench", "--policy-arn", policy]);
    made["Role"]["Arn"].as_str().expect("an ARN").to_owned()
}

/// Runs tasks with boto3 in one process; prints, as JSON, seconds until all of a round were RUNNING.
pub fn gantry_seconds(world: &World, rounds: usize, count: usize) -> Vec<f64> {
    let script = format!(
        r#"
import time
ecs = boto3.client('ecs', endpoint_url=endpoint)
ecs.create_cluster()
subnet = boto3.client('ec2', endpoint_url=endpoint).describe_subnets()['Subnets'][0]['SubnetId']
def start(count):
    arns = []
    began = time.monotonic()
    while len(arns) < count:
        answer = ecs.run_task(taskDefinition='bench', launchType='FARGATE', count=min(10, count - len(arns)),
            networkConfiguration=dict(awsvpcConfiguration=dict(subnets=[subnet])))
        assert not answer['failures'], answer['failures']
        arns += [task['taskArn'] for task in answer['tasks']]
    while True:
        states = [task['lastStatus'] for task in ecs.describe_tasks(tasks=arns)['tasks']]
        assert 'STOPPED' not in states, ecs.describe_tasks(tasks=arns)['tasks'][0]
        if all(state == 'RUNNING' for state in states):
            took = time.monotonic() - began
            break
        # One task's moment matters; asking after fifty without a pause would take a core for itself.
        time.sleep(0.004 if count == 1 else 0.05)
    for arn in arns:
        ecs.stop_task(task=arn)
    while any(task['lastStatus'] != 'STOPPED' for task in ecs.describe_tasks(tasks=arns)['tasks']):
        time.sleep(0.1)
    return took
start(1)
print(json.dumps([start({count}) for _ in range({rounds})]))
"#
    );
    serde_json::from_str(&world.aws().boto3(&script)).expect("the script prints JSON")
}

fn docker_with_image(world: &World, image: &Image) -> Docker {
    let docker = Docker::start(world.folder());
    image.push(world, "bench");
    let registry = format!("127.0.0.1:{}", world.port());
    let password = world.aws().text(&["ecr", "get-login-password"]);
    docker.ok(&["login", "--username", "AWS", "--password", password.trim(), &registry]);
    let name = format!("{registry}/bench:latest");
    docker.ok(&["pull", "--quiet", &name]);
    docker.ok(&["tag", &name, "bench"]);
    docker
}

/// One task from the call to RUNNING, beside `docker run -d`.
pub fn latency(report: &mut Report) {
    let (world, image) = prepare(&[]);
    let docker = docker_with_image(&world, &image);
    let ours = median(gantry_seconds(&world, ROUNDS, 1));
    let mut theirs = Vec::new();
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let id = docker.ok(&["run", "--detach", "bench"]);
        theirs.push(began.elapsed().as_secs_f64());
        docker.ok(&["rm", "--force", &id]);
    }
    let theirs = median(theirs);
    let what = "run-task to RUNNING (median)";
    report.add(what, millis(ours), format!("docker {}", millis(theirs)), ours / theirs, Aim::AtMost(0.6));
}

/// Fifty tasks at once, beside fifty `docker run -d` at once.
pub fn burst(report: &mut Report) {
    let (world, image) = prepare(&[]);
    let docker = docker_with_image(&world, &image);
    let ours = BURST as f64 / median(gantry_seconds(&world, 3, BURST));
    let mut rates = Vec::new();
    for _ in 0..3 {
        let began = Instant::now();
        let running: Vec<_> = (0..BURST)
            .map(|_| {
                let mut command = docker.command(&["run", "--detach", "bench"]);
                command.stdout(std::process::Stdio::piped()).spawn().expect("docker is installed")
            })
            .collect();
        let mut ids = Vec::new();
        for child in running {
            let output = child.wait_with_output().expect("our own child");
            assert!(output.status.success(), "docker run failed");
            ids.push(String::from_utf8_lossy(&output.stdout).trim().to_owned());
        }
        rates.push(BURST as f64 / began.elapsed().as_secs_f64());
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        docker.ok(&[&["rm", "--force"], &ids[..]].concat());
    }
    let theirs = median(rates);
    let what = "50 tasks at once, a second";
    report.add(
        what,
        format!("{ours:.1}/s"),
        format!("docker {theirs:.1}/s"),
        ours / theirs,
        Aim::AtLeast(2.0),
    );
}

/// What a description of a hundred tasks costs Gantry's process.
pub fn describe(report: &mut Report) {
    let world = World::start();
    let aws = world.aws();
    let definition = json!({
        "family": "bench", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
        "cpu": "256", "memory": "512", "executionRoleArn": execution_role(&world),
        // Nothing needs to run: it is the description that is measured.
        "containerDefinitions": [{ "name": "main", "image": "127.0.0.1:1/none", "essential": true }],
    });
    aws.ok(&["ecs", "create-cluster"]);
    aws.ok(&["ecs", "register-task-definition", "--cli-input-json", &definition.to_string()]);
    let script = format!(
        r#"
import os, time
ecs = boto3.client('ecs', endpoint_url=endpoint)
subnet = boto3.client('ec2', endpoint_url=endpoint).describe_subnets()['Subnets'][0]['SubnetId']
arns = []
for _ in range(10):
    answer = ecs.run_task(taskDefinition='bench', launchType='FARGATE', count=10,
        networkConfiguration=dict(awsvpcConfiguration=dict(subnets=[subnet])))
    arns += [task['taskArn'] for task in answer['tasks']]
while any(task['lastStatus'] != 'STOPPED' for task in ecs.describe_tasks(tasks=arns)['tasks']):
    time.sleep(0.5)
time.sleep(3)
def ticks():
    with open('/proc/{pid}/stat') as stat:
        fields = stat.read().rsplit(')', 1)[1].split()
    return int(fields[11]) + int(fields[12])
before = ticks()
for _ in range({DESCRIPTIONS}):
    assert len(ecs.describe_tasks(tasks=arns)['tasks']) == 100
print((ticks() - before) * 1000 / os.sysconf('SC_CLK_TCK') / {DESCRIPTIONS})
"#,
        pid = world.pid()
    );
    let spent: f64 = aws.boto3(&script).parse().expect("a number");
    let what = "CPU of DescribeTasks of 100, in ms";
    report.add(what, format!("{spent:.2} ms"), String::new(), spent, Aim::AtMost(1.0));
}

/// A million tasks on five thousand nodes, decided in memory.
pub fn placement(report: &mut Report) {
    let beside = std::env::current_exe().expect("a path of our own").with_file_name("examples");
    let output = run(&mut std::process::Command::new(beside.join("placement")));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let rate = said.rsplit_once(": ").and_then(|(_, rest)| rest.split(' ').next()?.parse::<f64>().ok());
    let rate = rate.expect("it prints a rate");
    report.add("placements a second", format!("{rate:.0} /s"), String::new(), rate, Aim::AtLeast(40_000.0));
}
