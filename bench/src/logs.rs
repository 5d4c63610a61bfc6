//! What containers say, from their pipe to the store.

use gantry_e2e::{Image, World};
use serde_json::json;

use crate::report::{Aim, Report};
use crate::tasks::execution_role;

/// How often a container says the same lines.
const TIMES: u64 = 26;
/// How many lines of 76 random characters these are.
const LINES: u64 = 100_000;
const LINE_BYTES: u64 = 76;
/// What CloudWatch Logs counts beside each message.
const OVERHEAD: u64 = 26;
/// What a node is to take from its containers, in megabytes a second.
const WANTED: f64 = 50.0;

/// A container says two hundred megabytes as fast as it can; how long it takes until all of it is stored.
pub fn throughput(report: &mut Report) {
    let world = World::start();
    let image = Image::script(&format!(
        "head -c 8000000 /dev/urandom | base64 -w {LINE_BYTES} | head -n {LINES} > /tmp.txt
         sleep 2
         i=0; while [ $i -lt {TIMES} ]; do cat /tmp.txt; i=$((i+1)); done"
    ));
    let (uri, _) = image.push(&world, "bench");
    let aws = world.aws();
    let log = json!({ "logDriver": "awslogs", "options": {
        "awslogs-group": "bench", "awslogs-region": aws.variable("AWS_REGION"), "awslogs-stream-prefix": "b" } });
    let definition = json!({
        "family": "bench", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
        "cpu": "1024", "memory": "2048", "executionRoleArn": execution_role(&world),
        "containerDefinitions": [{ "name": "main", "image": uri, "essential": true, "logConfiguration": log }],
    });
    aws.ok(&["ecs", "create-cluster"]);
    aws.ok(&["logs", "create-log-group", "--log-group-name", "bench"]);
    aws.ok(&["ecs", "register-task-definition", "--cli-input-json", &definition.to_string()]);
    let expected = TIMES * LINES * (LINE_BYTES + OVERHEAD);
    let printed = aws.boto3(&format!(
        r#"
import time
ecs = boto3.client('ecs', endpoint_url=endpoint)
logs = boto3.client('logs', endpoint_url=endpoint)
subnet = boto3.client('ec2', endpoint_url=endpoint).describe_subnets()['Subnets'][0]['SubnetId']
ecs.run_task(taskDefinition='bench', launchType='FARGATE',
    networkConfiguration=dict(awsvpcConfiguration=dict(subnets=[subnet])))
began = None
while True:
    stored = logs.describe_log_groups(logGroupNamePrefix='bench')['logGroups'][0]['storedBytes']
    if stored and began is None:
        began, first = time.monotonic(), stored
    if stored >= {expected}:
        break
    assert began is None or time.monotonic() - began < 300, stored
    time.sleep(0.02)
print(json.dumps([time.monotonic() - began, first, stored]))
"#
    ));
    let [seconds, first, stored]: [f64; 3] = serde_json::from_str(&printed).expect("the script prints JSON");
    assert!(stored as u64 == expected, "{stored} bytes are stored, and {expected} were said");
    let share = LINE_BYTES as f64 / (LINE_BYTES + OVERHEAD) as f64;
    let rate = (stored - first) * share / 1e6 / seconds;
    let what = "container output stored";
    report.add(
        what,
        format!("{rate:.0} MB/s"),
        format!("{WANTED:.0} MB/s wanted"),
        rate / WANTED,
        Aim::AtLeast(1.0),
    );
}
