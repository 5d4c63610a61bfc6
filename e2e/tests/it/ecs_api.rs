//! ECS's control plane with its clients: boto3 with waiters and pages, and the AWS CLI.

use gantry_e2e::{Image, World};
use serde_json::{Value, json};

/// Everything that needs a task is done with two of them, as each costs a second or two.
const SCRIPT: &str = r#"
from botocore.exceptions import ClientError
ecs = boto3.client('ecs', endpoint_url=endpoint)
seen = {}
# Tasks without an execution role are pulled for as whoever the instances are.
iam = boto3.client('iam', endpoint_url=endpoint)
trust = {'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': 'sts:AssumeRole',
    'Principal': {'Service': 'ec2.amazonaws.com'}}]}
iam.create_role(RoleName='ecsInstanceRole', AssumeRolePolicyDocument=json.dumps(trust))
iam.attach_role_policy(RoleName='ecsInstanceRole',
    PolicyArn='arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role')

def refused(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        return [error.response['Error']['Code'], error.response['Error']['Message']]
    return None

seen['absent'] = refused(ecs.run_task, taskDefinition='job')
ecs.create_cluster(clusterName='prod', settings=[{'name': 'containerInsights', 'value': 'enhanced'}])
ecs.create_cluster(tags=[{'key': 'team', 'value': 'a'}])
for at in range(5):
    ecs.register_task_definition(family='page', containerDefinitions=[{'name': 'a', 'image': image, 'memory': 64}])
pages = ecs.get_paginator('list_task_definitions').paginate(familyPrefix='page', sort='DESC',
    PaginationConfig={'PageSize': 2})
seen['pages'] = [[arn.rsplit(':', 1)[1] for arn in page['taskDefinitionArns']] for page in pages]
ecs.deregister_task_definition(taskDefinition='page:1')
seen['deleted'] = ecs.delete_task_definitions(taskDefinitions=['page:1'])['taskDefinitions'][0]['status']

ecs.register_task_definition(family='job', networkMode='host', tags=[{'key': 'of', 'value': 'job'}],
    containerDefinitions=[{'name': 'main', 'image': image, 'memory': 64, 'cpu': 64}])
instances = ecs.list_container_instances(filter='agentConnected == true')['containerInstanceArns']
seen['instances'] = len(instances)
instance = ecs.describe_container_instances(containerInstances=instances)['containerInstances'][0]
ecs.put_attributes(attributes=[{'name': 'stack', 'value': 'prod', 'targetId': instances[0]}])
arguments = dict(taskDefinition='job', launchType='EC2', propagateTags='TASK_DEFINITION', enableECSManagedTags=True,
    clientToken='once', startedBy='test', tags=[{'key': 'own', 'value': '1'}],
    placementConstraints=[{'type': 'memberOf', 'expression': 'attribute:stack == prod'}],
    overrides={'containerOverrides': [{'name': 'main', 'environment': [{'name': 'A', 'value': 'b'}]}]})
task = ecs.run_task(**arguments)['tasks'][0]
again = ecs.run_task(**arguments)['tasks'][0]
seen['same'] = task['taskArn'] == again['taskArn']
seen['on'] = task['containerInstanceArn'] == instances[0]
seen['tags'] = sorted(tag['key'] for tag in task['tags'])
other = dict(arguments, startedBy='other')
seen['conflict'] = refused(ecs.run_task, **other)[0]
started = ecs.start_task(taskDefinition='job', containerInstances=instances)['tasks'][0]
arns = [task['taskArn'], started['taskArn']]
ecs.get_waiter('tasks_running').wait(tasks=arns, WaiterConfig={'Delay': 1, 'MaxAttempts': 120})
instance = ecs.describe_container_instances(containerInstances=instances)['containerInstances'][0]
seen['running'] = instance['runningTasksCount']
seen['by'] = [arn == task['taskArn'] for arn in ecs.list_tasks(startedBy='test')['taskArns']]
seen['busy'] = refused(ecs.deregister_container_instance, containerInstance=instances[0])[1]
seen['protection'] = ecs.get_task_protection(cluster='default', tasks=arns)['failures'][0]['reason']
for arn in arns:
    ecs.stop_task(task=arn, reason='enough')
ecs.get_waiter('tasks_stopped').wait(tasks=arns, WaiterConfig={'Delay': 1, 'MaxAttempts': 120})
ended = ecs.describe_tasks(tasks=arns + ['0' * 32], include=['TAGS'])
seen['reasons'] = [[task['stopCode'], task['stoppedReason']] for task in ended['tasks']]
seen['missing'] = [failure['reason'] for failure in ended['failures']]
seen['effective'] = len(ecs.list_account_settings(effectiveSettings=True)['settings'])
print(json.dumps(seen))
"#;

#[test]
fn boto3_s_waiters_pages_and_filters_work() {
    let world = World::start();
    let (uri, _) = Image::script("trap 'exit 0' TERM\nwhile true; do sleep 0.1; done").push(&world, "job");
    let seen = world.aws().boto3(&format!("image = {uri:?}\n{SCRIPT}"));
    let seen: Value = serde_json::from_str(&seen).expect("the script prints JSON");
    let wanted = json!({
        "absent": ["ClusterNotFoundException", "Cluster not found."],
        "pages": [["5", "4"], ["3", "2"], ["1"]],
        "deleted": "DELETE_IN_PROGRESS",
        "instances": 1,
        "same": true,
        "on": true,
        "tags": ["aws:ecs:clusterName", "of", "own"],
        "conflict": "ConflictException",
        "running": 2,
        "by": [true],
        "busy": "Found running tasks on the instance.",
        "protection": "TASK_NOT_VALID",
        "reasons": [["UserInitiated", "enough"], ["UserInitiated", "enough"]],
        "missing": ["MISSING"],
        "effective": 10,
    });
    assert_eq!(seen, wanted);

    let aws = world.aws();
    let listed = aws.ok(&["ecs", "list-clusters", "--page-size", "1"]);
    assert_eq!(listed["clusterArns"].as_array().map(Vec::len), Some(2), "{listed}");
    let include = ["--include", "SETTINGS", "STATISTICS", "TAGS"];
    let described = aws.ok(&[&["ecs", "describe-clusters", "--clusters", "prod"], &include[..]].concat());
    assert_eq!(described["clusters"][0]["settings"][0]["value"], "enhanced", "{described}");
    let attributes =
        ["ecs", "list-attributes", "--target-type", "container-instance", "--attribute-name", "stack"];
    assert_eq!(aws.ok(&attributes)["attributes"][0]["value"], "prod");
    aws.ok(&["ecs", "delete-cluster", "--cluster", "prod"]);
}
