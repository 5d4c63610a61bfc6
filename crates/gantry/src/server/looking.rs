//! What people are told who look at tasks: where they are, why not elsewhere, and what they use.

use anyhow::{Result, bail};
use gantry_base::{Clock, SystemClock};
use gantry_ecs::TaskName;
use gantry_ecs::explain::Verdict;
use gantry_ecs::tables::service::ServiceName;
use gantry_node_proto::v1;
use serde_json::{Map, Value, json};

use super::carried::place_of;
use super::services::{Services, broken};

/// Most tasks in one answer, so that it stays within a line of the control socket.
const MOST: usize = 2000;

/// Where the tasks are that have these ARNs: an object by ARN, without those that are not known.
pub async fn locate(services: &Services, tasks: &[String]) -> Result<Value> {
    let mut found = Map::new();
    for arn in tasks.iter().take(MOST) {
        let Some(name) = TaskName::of_arn(arn) else { continue };
        let Some(located) = services.ecs.locate(&name).await.map_err(broken)? else { continue };
        let (since, refused) = located.waits.unzip();
        let one = json!({
            "node": located.node, "hostname": located.hostname,
            "waits_since": since.map(|at| at.as_millis()), "refused": refused,
        });
        found.insert(arn.clone(), one);
    }
    Ok(found.into())
}

/// What each node says to the task or to one more of the service; null where nothing waits.
pub async fn verdicts(services: &Services, of: &str) -> Result<Value> {
    let verdicts = match (TaskName::of_arn(of), ServiceName::of_arn(of)) {
        (Some(task), _) => services.ecs.verdicts_on_task(&task).await,
        (None, Some(service)) => services.ecs.verdicts_on_service(&service).await,
        (None, None) => bail!("{of} is no task and no service"),
    };
    let Some(verdicts) = verdicts.map_err(broken)? else { return Ok(Value::Null) };
    let one = |one: Verdict| {
        json!({
            "node": one.node, "hostname": one.hostname, "instance": one.instance, "refusal": one.refusal,
        })
    };
    Ok(verdicts.into_iter().map(one).collect())
}

/// What running tasks use, what was asked by Service Connect and of target groups, and the nodes that did not say.
pub async fn usage(services: &Services, prefix: &str) -> Result<Value> {
    let (mut tasks, mut silent, mut connects, mut left_out) = (Vec::new(), Vec::new(), Vec::new(), 0);
    let place = place_of(prefix);
    for node in services.ecs.usage().await {
        let Some(usage) = node.usage else {
            silent.push(node.node);
            continue;
        };
        let ours = usage.connects.iter().filter(|one| one.place == place);
        connects.extend(ours.take(MOST).map(|one| connect(one, &node.node)));
        for task in usage.tasks.iter().filter(|task| task.task_arn.starts_with(prefix)) {
            match tasks.len() < MOST {
                true => tasks.push(used(task, &node.node, usage.at_ms)),
                false => left_out += 1,
            }
        }
    }
    Ok(json!({
        "tasks": tasks, "connects": connects, "silent": silent, "left_out": left_out,
        "groups": services.carried.groups(&place), "at_ms": SystemClock.now().as_millis(),
    }))
}

fn connect(one: &v1::ConnectUsage, node: &str) -> Value {
    json!({
        "node": node, "namespace": one.namespace, "service": one.service, "connections": one.connections,
        "unserved": one.unserved, "requests": one.requests, "failed": one.failed, "late": one.late,
    })
}

fn used(task: &v1::TaskUsage, node: &str, at_ms: i64) -> Value {
    let container = |one: &v1::ContainerUsage| {
        json!({
            "name": one.name, "cpu_ns": one.cpu_ns, "memory_bytes": one.memory_bytes,
            "memory_limit_bytes": one.memory_limit_bytes, "read_bytes": one.read_bytes,
            "written_bytes": one.written_bytes, "processes": one.processes,
        })
    };
    json!({
        "task_arn": task.task_arn, "node": node, "at_ms": at_ms,
        "received_bytes": task.received_bytes, "sent_bytes": task.sent_bytes,
        "containers": task.containers.iter().map(container).collect::<Vec<_>>(),
    })
}
