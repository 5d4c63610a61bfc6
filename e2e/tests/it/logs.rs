//! CloudWatch Logs beyond the lines of tasks, and EFS, as boto3 uses them.

use gantry_e2e::world::eventually;
use gantry_e2e::{Image, World};
use serde_json::json;

use crate::{PATIENCE, define, execution_role, run_tasks, wait_for};

#[test]
fn events_are_counted_queried_and_watched() {
    let mut world = World::start();
    let printed = world.aws().boto3(
        r#"
import time, threading
from botocore.config import Config
logs = boto3.client('logs', endpoint_url=endpoint, config=Config(inject_host_prefix=False))
logs.create_log_group(logGroupName='g', tags={'team': 'blue'})
logs.create_log_stream(logGroupName='g', logStreamName='s')
arn = logs.describe_log_groups()['logGroups'][0]['logGroupArn']
print(logs.list_tags_for_resource(resourceArn=arn)['tags'])
logs.put_metric_filter(logGroupName='g', filterName='errors', filterPattern='{ $.level = "ERROR" }',
    metricTransformations=[dict(metricName='n', metricNamespace='t', metricValue='1')])
print(logs.describe_metric_filters()['metricFilters'][0]['filterName'])

seen, begun = [], threading.Event()
def watch():
    answer = logs.start_live_tail(logGroupIdentifiers=[arn], logEventFilterPattern='ERROR')
    for event in answer['responseStream']:
        if 'sessionStart' in event:
            begun.set()
        for result in event.get('sessionUpdate', {}).get('sessionResults', []):
            seen.append((result['logStreamName'], result['message']))
        if seen:
            answer['responseStream'].close()
            break
watcher = threading.Thread(target=watch, daemon=True)
watcher.start()
assert begun.wait(60), 'the session did not begin'
now = int(time.time() * 1000)
lines = ['{"level":"ERROR","ms":12}', '{"level":"INFO","ms":7}', '{"level":"INFO","ms":9}']
logs.put_log_events(logGroupName='g', logStreamName='s',
    logEvents=[dict(timestamp=now, message=line) for line in lines])
watcher.join(60)
print(seen)

query = logs.start_query(logGroupName='g', startTime=now // 1000 - 60, endTime=now // 1000 + 60,
    queryString='stats count(*) as n, avg(ms) as mean by level | sort n desc')['queryId']
while (found := logs.get_query_results(queryId=query))['status'] in ('Scheduled', 'Running'):
    time.sleep(0.05)
print(found['status'], [{f['field']: f['value'] for f in row} for row in found['results']])
print(found['statistics']['recordsScanned'])
try:
    logs.start_query(logGroupName='g', startTime=0, endTime=now, queryString='fields @message | oops')
except logs.exceptions.MalformedQueryException as error:
    print(error.response['queryCompileError']['location'], error)
print(query)
"#,
    );
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(
        lines[..5],
        [
            "{'team': 'blue'}",
            "errors",
            r#"[('s', '{"level":"ERROR","ms":12}')]"#,
            "Complete [{'level': 'INFO', 'n': '2', 'mean': '8'}, {'level': 'ERROR', 'n': '1', 'mean': '12'}]",
            "3.0",
        ],
        "{printed}"
    );
    assert!(lines[5].starts_with("{'startCharOffset': 18, 'endCharOffset': 22} "), "{printed}");
    assert!(lines[5].contains("unexpected symbol found oops at line 1 and position 18"), "{printed}");

    // What a query found outlives the process that ran it.
    world.kill();
    world.up();
    let found = world.aws().ok(&["logs", "get-query-results", "--query-id", lines[6]]);
    assert_eq!(found["status"], "Complete");
    assert_eq!(found["results"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_file_system_has_targets_access_points_and_a_policy() {
    let world = World::start();
    let printed = world.aws().boto3(
        r#"
import json
efs = boto3.client('efs', endpoint_url=endpoint)
made = efs.create_file_system(CreationToken='t', Encrypted=True, Tags=[dict(Key='Name', Value='shared')])
id = made['FileSystemId']
try:
    efs.create_file_system(CreationToken='t')
except efs.exceptions.FileSystemAlreadyExists as error:
    print(error.response['ErrorCode'], error.response['FileSystemId'] == id)
subnet = boto3.client('ec2', endpoint_url=endpoint).describe_subnets()['Subnets'][0]
target = efs.create_mount_target(FileSystemId=id, SubnetId=subnet['SubnetId'])
print(target['AvailabilityZoneName'] == subnet['AvailabilityZone'], target['LifeCycleState'])
point = efs.create_access_point(FileSystemId=id, PosixUser=dict(Uid=1000, Gid=1000),
    RootDirectory=dict(Path='/app', CreationInfo=dict(OwnerUid=1000, OwnerGid=1000, Permissions='0755')))
print(efs.describe_access_points(FileSystemId=id)['AccessPoints'][0]['RootDirectory']['Path'])
policy = json.dumps(dict(Version='2012-10-17', Statement=[dict(Effect='Allow', Principal=dict(AWS='*'),
    Action='elasticfilesystem:*', Resource='*')]))
efs.put_file_system_policy(FileSystemId=id, Policy=policy)
print(efs.describe_file_system_policy(FileSystemId=id)['Policy'] == policy)
found = efs.describe_file_systems(FileSystemId=id)['FileSystems'][0]
print(found['Name'], found['NumberOfMountTargets'], found['SizeInBytes']['Value'] >= 0)
try:
    efs.delete_file_system(FileSystemId=id)
except efs.exceptions.FileSystemInUse as error:
    print(error.response['Error']['Code'], error.response['ResponseMetadata']['HTTPStatusCode'])
efs.delete_access_point(AccessPointId=point['AccessPointId'])
efs.delete_mount_target(MountTargetId=target['MountTargetId'])
efs.delete_file_system(FileSystemId=id)
print(efs.describe_file_systems()['FileSystems'])
"#,
    );
    let expected = [
        "FileSystemAlreadyExists True",
        "True available",
        "/app",
        "True",
        "shared 1 True",
        "FileSystemInUse 409",
        "[]",
    ];
    assert_eq!(printed.lines().collect::<Vec<_>>(), expected, "{printed}");
}

/// Where the files with a task's output are, and how much of them takes place on the disk.
fn waiting(world: &World) -> u64 {
    use std::os::unix::fs::MetadataExt;
    let tasks = std::fs::read_dir(world.data().join("node/output")).into_iter().flatten().flatten();
    let files = tasks.flat_map(|task| std::fs::read_dir(task.path()).into_iter().flatten().flatten());
    files.filter_map(|file| file.metadata().ok()).map(|it| it.blocks() * 512).sum()
}

#[test]
fn a_flood_of_lines_is_whole_over_a_kill_and_holds_up_whoever_wants_to_wait() {
    const LINES: usize = 600_000;
    let mut world = World::start();
    let aws = world.aws();
    let execution = execution_role(&aws);
    // Some 56 MB, far more than may wait.
    let script = format!(
        "i=0; while [ $i -lt 1000 ]; do echo \"$i a line of ninety-odd bytes that says nothing but how many there are of it in all\"; \
         i=$((i+1)); done > /tmp.txt; i=0; while [ $i -lt {} ]; do cat /tmp.txt; i=$((i+1)); done; echo the last",
        LINES / 1000
    );
    let log = json!({ "logDriver": "awslogs", "options": {
        "awslogs-group": "/ecs/flood", "awslogs-region": aws.variable("AWS_REGION"),
        "awslogs-stream-prefix": "test", "mode": "blocking" } });
    let more = json!({ "logConfiguration": log });
    define(&world, "flood", &Image::script(&script), more, json!({ "executionRoleArn": execution }));
    let task = run_tasks(&aws, "flood", 1).remove(0);
    eventually("it says something", PATIENCE, || (waiting(&world) > 1 << 20).then_some(()));
    world.kill();
    // Nobody takes anything now, and it waits.
    let mut before = waiting(&world);
    loop {
        std::thread::sleep(std::time::Duration::from_millis(500));
        let now = waiting(&world);
        if now == before {
            break;
        }
        before = now;
    }
    assert!((12 << 20..24 << 20).contains(&before), "{before} bytes wait");
    world.up();
    let ended = wait_for(&aws, &task, "STOPPED");
    assert_eq!(ended["containers"][0]["exitCode"], 0, "{ended}");
    let id = task.rsplit('/').next().unwrap();
    let stored = || {
        let groups = aws.ok(&["logs", "describe-log-groups", "--log-group-name-prefix", "/ecs/flood"]);
        groups["logGroups"][0]["storedBytes"].as_u64().unwrap_or(0)
    };
    let line = |at: usize| {
        format!("{at} a line of ninety-odd bytes that says nothing but how many there are of it in all")
    };
    let once: u64 = (0..1000).map(|at| line(at).len() as u64 + 26).sum();
    let whole = once * (LINES as u64 / 1000) + "the last".len() as u64 + 26;
    eventually("all of it is stored", PATIENCE, || (stored() >= whole).then_some(()));
    assert_eq!(stored(), whole, "nothing twice");
    let stream = format!("test/main/{id}");
    let last = aws.ok(&[
        "logs",
        "get-log-events",
        "--log-group-name",
        "/ecs/flood",
        "--log-stream-name",
        &stream,
        "--limit",
        "1001",
    ]);
    let said: Vec<&str> =
        last["events"].as_array().unwrap().iter().map(|event| event["message"].as_str().unwrap()).collect();
    assert_eq!(said[1000], "the last");
    assert!((0..1000).all(|at| said[at] == line(at)), "in its order");
    eventually("its files go", PATIENCE, || (waiting(&world) == 0).then_some(()));
}
