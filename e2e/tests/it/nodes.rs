//! Several nodes: machines that join, tasks spread over them that reach each other, a node that is cut off and comes
//! back, and one that dies.

use std::collections::BTreeMap;
use std::time::Duration;

use gantry_e2e::machine::{Machine, Switch};
use gantry_e2e::world::{eventually, free_port, run};
use gantry_e2e::{Aws, Image, World};
use serde_json::{Value, json};

use crate::services::{curl, site};
use crate::{PATIENCE, define, execution_role, lines};

/// After a node went, its tasks are elsewhere within this.
const REPLACED: Duration = Duration::from_secs(60);

/// The node of each running task of the service.
fn running(aws: &Aws) -> BTreeMap<String, String> {
    let listed = aws.ok(&["ecs", "list-tasks", "--service-name", "shop"]);
    let arns: Vec<&str> =
        listed["taskArns"].as_array().expect("ARNs").iter().filter_map(Value::as_str).collect();
    if arns.is_empty() {
        return BTreeMap::new();
    }
    let described = aws.ok(&[&["ecs", "describe-tasks", "--tasks"], &arns[..]].concat());
    let tasks = described["tasks"].as_array().expect("tasks").iter();
    let running = tasks.filter(|task| task["lastStatus"] == "RUNNING");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    running.map(|task| (text(&task["taskArn"]), text(&task["containerInstanceArn"]))).collect()
}

fn counts(tasks: &BTreeMap<String, String>) -> Vec<usize> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    tasks.values().for_each(|instance| *counts.entry(instance).or_default() += 1);
    let mut counts: Vec<usize> = counts.into_values().collect();
    counts.sort_unstable();
    counts
}

/// A server that tells in its log when it hears itself by another address than its own: of the task whose name it is
/// given.
fn server() -> Image {
    Image::script(
        "mkdir -p /www; ip -o -4 addr show dev eth0 | sed 's/.*inet \\([0-9.]*\\).*/\\1/' > /www/index.html; httpd -p 80 -h /www
trap 'exit 0' TERM; while :; do [ -z \"$PEER\" ] || wget -qO- http://$PEER/ | sed 's/^/heard /'; sleep 0.5; done",
    )
}

#[test]
fn tasks_are_spread_over_machines_reach_each_other_and_come_back_elsewhere() {
    let switch = Switch::new();
    let at = format!("{}:{}", switch.address(), free_port());
    let world = World::start_with(&["--listen-nodes", &at]);
    let aws = world.aws();
    aws.ok(&["ecs", "create-cluster"]);

    // Two machines in two other zones: with this one they are three.
    let mut machines = [Machine::new(&switch, 1), Machine::new(&switch, 2)];
    for (machine, zone) in machines.iter_mut().zip(["us-east-1b", "us-east-1c"]) {
        let output = run(world.gantry().args(["--json", "node", "token", "--zone", zone]));
        let made: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(made["server"], format!("https://{at}"));
        let token = made["token"].as_str().expect("a token");
        machine.join(&["--token", token, "--server", &at]);
    }
    let instances = eventually("they have joined", PATIENCE, || {
        let listed = aws.ok(&["ecs", "list-container-instances", "--filter", "agentConnected == true"]);
        let arns = listed["containerInstanceArns"].as_array().expect("ARNs").clone();
        (arns.len() == 3).then_some(arns)
    });
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let arns: Vec<String> = instances.iter().map(text).collect();
    let arns: Vec<&str> = arns.iter().map(String::as_str).collect();
    let described =
        aws.ok(&[&["ecs", "describe-container-instances", "--container-instances"], &arns[..]].concat());
    let seen = described["containerInstances"].as_array().expect("instances");
    let in_zone = |zone: &str| {
        let has = |one: &&Value| {
            let attributes = one["attributes"].as_array().expect("attributes");
            attributes.iter().any(|it| it["name"] == "ecs.availability-zone" && it["value"] == zone)
        };
        text(&seen.iter().find(has).unwrap_or_else(|| panic!("{zone}: {described}"))["containerInstanceArn"])
    };
    let [b, c] = [in_zone("us-east-1b"), in_zone("us-east-1c")];

    // Six tasks behind a load balancer: two on each.
    let execution = execution_role(&aws);
    let more = json!({ "portMappings": [{ "containerPort": 80 }], "stopTimeout": 2, "memory": 64 });
    let over = json!({ "executionRoleArn": execution, "requiresCompatibilities": ["EC2"], "family": "web",
        "cpu": "128", "memory": "128" });
    define(&world, "nodes", &server(), more, over);
    let site = site(&aws);
    aws.boto3(&format!(
        r#"
ecs = boto3.client('ecs', endpoint_url=endpoint)
ecs.create_service(
    serviceName='shop', taskDefinition='web', desiredCount=6, launchType='EC2',
    networkConfiguration={{'awsvpcConfiguration': {{'subnets': ['{}']}}}},
    placementStrategy=[{{'type': 'spread', 'field': 'attribute:ecs.availability-zone'}}],
    loadBalancers=[{{'targetGroupArn': '{}', 'containerName': 'main', 'containerPort': 80}}])
"#,
        site.subnet, site.group
    ));
    eventually("six tasks, two on each", PATIENCE, || (counts(&running(&aws)) == [2, 2, 2]).then_some(()));
    let mut answers = std::collections::BTreeSet::new();
    eventually("the load balancer reaches all six", PATIENCE, || {
        answers.insert(curl(&site.url)).then_some(());
        let fine = |answer: &&String| answer.starts_with("10.");
        (answers.iter().filter(fine).count() == 6).then_some(())
    });

    daemons_and_draining(&aws, &site.subnet, &b);

    // A task in one zone hears one in another.
    let on_c = running(&aws).into_iter().find(|(_, on)| *on == c).expect("a task in the third zone").0;
    let task = aws.ok(&["ecs", "describe-tasks", "--tasks", &on_c])["tasks"][0].clone();
    let peer = text(&task["containers"][0]["networkInterfaces"][0]["privateIpv4Address"]);
    let overrides = json!({ "containerOverrides": [{ "name": "main", "environment": [{ "name": "PEER", "value": peer }] }] });
    let network = format!("awsvpcConfiguration={{subnets=[{}]}}", site.subnet);
    let arguments = ["ecs", "start-task", "--task-definition", "web", "--container-instances", &b];
    let started = aws.ok(&[
        &arguments[..],
        &["--network-configuration", &network, "--overrides", &overrides.to_string()],
    ]
    .concat());
    assert_eq!(started["failures"], json!([]), "{started}");
    let single = text(&started["tasks"][0]["taskArn"]);
    let heard = format!("heard {peer}");
    eventually("it is heard on another machine", PATIENCE, || {
        lines(&aws, "/ecs/nodes").contains(&heard).then_some(())
    });

    // Cut off: what the service had there is elsewhere, and nothing is doubled when the machine is back. The agent
    // starts anew meanwhile.
    let shims = machines[0].shims();
    assert!(shims >= 3, "two of the service and one of nobody's, not {shims}");
    machines[0].cable(false);
    machines[0].kill_agent();
    assert_eq!(machines[0].shims(), shims, "its containers go on");
    machines[0].join(&[]);
    eventually("its tasks are elsewhere", REPLACED, || {
        let tasks = running(&aws);
        (tasks.len() == 6 && tasks.values().all(|on| *on != b)).then_some(())
    });
    assert_eq!(machines[0].shims(), 3, "they still go on there");
    eventually("a task of no service is lost as well", REPLACED, || {
        let lost = aws.ok(&["ecs", "describe-tasks", "--tasks", &single])["tasks"][0].clone();
        (lost["lastStatus"] == "STOPPED" && lost["stopCode"] == "InfrastructureHealth").then_some(())
    });
    machines[0].cable(true);
    eventually("the machine ends what is not its any more", PATIENCE, || {
        (machines[0].shims() == 0).then_some(())
    });
    assert_eq!(running(&aws).len(), 6);

    // The other machine dies.
    machines[1].power_off();
    eventually("its tasks are elsewhere", REPLACED, || {
        let tasks = running(&aws);
        (tasks.len() == 6 && tasks.values().all(|on| *on != c)).then_some(())
    });
    let listed = run(world.gantry().args(["--json", "node", "ls"]));
    let nodes: Value = serde_json::from_slice(&listed.stdout).expect("JSON");
    assert_eq!(nodes.as_array().expect("nodes").len(), 3);
    aws.ok(&["ecs", "delete-service", "--service", "shop", "--force"]);
    eventually("all is over", PATIENCE, || running(&aws).is_empty().then_some(()));

    // One leaves.
    run(machines[0].gantry().args(["node", "leave"]));
    eventually("it is no container instance any more", PATIENCE, || {
        let listed = aws.ok(&["ecs", "list-container-instances"]);
        (listed["containerInstanceArns"].as_array().expect("ARNs").len() == 2).then_some(())
    });

    // And comes back with another token, in the background this time.
    let output = run(world.gantry().args(["--json", "node", "token"]));
    let made: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let token = made["token"].as_str().expect("a token");
    let arguments = ["--json", "node", "join", "--detach", "--token", token, "--server", &at];
    let output = run(machines[0].gantry().args(arguments));
    let joined: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(joined["ready"], true, "{joined}");
    // The one that died counts as connected for twenty seconds.
    eventually("it is connected, and the dead one is not", PATIENCE, || {
        let listed = aws.ok(&["ecs", "list-container-instances", "--filter", "agentConnected == true"]);
        (listed["containerInstanceArns"].as_array().expect("ARNs").len() == 2).then_some(())
    });
    run(machines[0].gantry().args(["node", "leave"]));
    assert!(!run(machines[0].gantry().args(["--json", "down"])).stdout.is_empty(), "nothing runs any more");
}

/// One daemon is on each machine, tasks that are packed are together, and what is drained comes back elsewhere; then all
/// is as it was before.
fn daemons_and_draining(aws: &Aws, subnet: &str, drained: &str) {
    let network = format!("awsvpcConfiguration={{subnets=[{subnet}]}}");
    let arguments = ["ecs", "create-service", "--service-name", "agent", "--task-definition", "web"];
    let kind =
        ["--launch-type", "EC2", "--scheduling-strategy", "DAEMON", "--network-configuration", &network];
    aws.ok(&[&arguments[..], &kind].concat());
    let agents = |count: u64| {
        let described = aws.ok(&["ecs", "describe-services", "--services", "agent"]);
        let (running, pending) =
            (&described["services"][0]["runningCount"], &described["services"][0]["pendingCount"]);
        (*running == count && *pending == 0).then_some(())
    };
    eventually("a daemon on each", PATIENCE, || agents(3));

    let arguments = ["ecs", "run-task", "--task-definition", "web", "--launch-type", "EC2", "--count", "2"];
    let packed = ["--placement-strategy", "type=binpack,field=memory", "--network-configuration", &network];
    let started = aws.ok(&[&arguments[..], &packed].concat());
    assert_eq!(started["failures"], json!([]), "{started}");
    let tasks: Vec<&str> = started["tasks"]
        .as_array()
        .expect("tasks")
        .iter()
        .filter_map(|task| task["taskArn"].as_str())
        .collect();
    let on = eventually("both are placed", PATIENCE, || {
        let described = aws.ok(&[&["ecs", "describe-tasks", "--tasks"], &tasks[..]].concat());
        let on = described["tasks"].as_array()?.iter().map(|task| task["containerInstanceArn"].as_str());
        on.map(|on| on.map(str::to_owned)).collect::<Option<Vec<String>>>()
    });
    assert_eq!(on[0], on[1], "packed");
    for task in &tasks {
        aws.ok(&["ecs", "stop-task", "--task", task]);
    }

    let state = |status: &str| {
        let arguments = ["ecs", "update-container-instances-state", "--container-instances", drained];
        let changed = aws.ok(&[&arguments[..], &["--status", status]].concat());
        assert_eq!(changed["failures"], json!([]), "{changed}");
    };
    state("DRAINING");
    eventually("the service is elsewhere", PATIENCE, || {
        let all = running(aws);
        (all.len() == 6 && all.values().all(|on| on != drained)).then_some(())
    });
    eventually("and so is no daemon there", PATIENCE, || agents(2));
    state("ACTIVE");
    eventually("a daemon is there again", PATIENCE, || agents(3));
    // Fewer, and as many again: those of the fullest zones go, and the empty one is filled.
    for count in [3, 6] {
        let count_text = count.to_string();
        aws.ok(&["ecs", "update-service", "--service", "shop", "--desired-count", &count_text]);
        eventually("so many run", PATIENCE, || (running(aws).len() == count).then_some(()));
    }
    assert_eq!(counts(&running(aws)), [2, 2, 2], "two on each again");
    aws.ok(&["ecs", "delete-service", "--service", "agent", "--force"]);
    eventually("no daemon is left", PATIENCE, || {
        let listed = aws.ok(&["ecs", "list-tasks", "--family", "web"]);
        (listed["taskArns"].as_array()?.len() == 6).then_some(())
    });
}
