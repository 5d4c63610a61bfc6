//! `gantry ps`: the tasks of all clusters, where they run and how they are.

use anyhow::Result;
use gantry_base::{Clock, SystemClock, Timestamp};
use serde_json::{Value, json};

use super::api::Api;
use super::find::{self, id_of};
use super::table::{ago, all, short, span, table, text};
use crate::cli::Ps;
use crate::control::{self, Request};
use crate::layout::Layout;

/// Most tasks of which is asked at once where they are.
const AT_ONCE: usize = 1000;

pub fn run(layout: &Layout, options: &Ps, as_json: bool) -> Result<()> {
    let whereabouts = &options.whereabouts;
    let api = Api::of(layout, whereabouts.account, whereabouts.region.clone())?;
    let tasks = super::runtime()?.block_on(tasks(layout, &api, options))?;
    let now = SystemClock.now();
    if as_json {
        let tasks: Vec<Value> = tasks.iter().map(|task| shown(task, now)).collect();
        println!("{}", Value::Array(tasks));
        return Ok(());
    }
    let mut table = table(["TASK", "OF", "CLUSTER", "NODE", "ADDRESS", "STATUS", "HEALTH", "AGE"]);
    for task in &tasks {
        table.add_row(row(task, now));
    }
    println!("{table}");
    Ok(())
}

/// A task as DescribeTasks has it, and where it is.
struct Seen {
    task: Value,
    cluster: String,
    place: Value,
}

async fn tasks(layout: &Layout, api: &Api, options: &Ps) -> Result<Vec<Seen>> {
    let clusters = match &options.whereabouts.cluster {
        Some(cluster) => vec![cluster.clone()],
        None => find::clusters(api).await?,
    };
    let mut seen = Vec::new();
    for cluster in clusters {
        let mut arns = find::list(api, &cluster, json!({})).await?;
        if options.all {
            arns.extend(find::list(api, &cluster, json!({ "desiredStatus": "STOPPED" })).await?);
            arns.sort();
            arns.dedup();
        }
        let tasks = find::described(api, &cluster, &arns).await?;
        let cluster = id_of(&cluster).to_owned();
        let wanted = tasks.into_iter().filter(|task| is_of(task, options.what.as_deref()));
        seen.extend(wanted.map(|task| Seen { task, cluster: cluster.clone(), place: Value::Null }));
    }
    let socket = layout.control();
    for some in seen.chunks_mut(AT_ONCE) {
        let arns = some.iter().map(|one| text(&one.task["taskArn"])).collect();
        let mut places = control::ask(&socket, &Request::Locate { tasks: arns }).await?;
        for one in some {
            one.place = places[text(&one.task["taskArn"])].take();
        }
    }
    seen.sort_by_cached_key(|one| (one.cluster.clone(), of(&one.task), text(&one.task["taskArn"])));
    Ok(seen)
}

/// Whether the task is of the service or the family.
fn is_of(task: &Value, what: Option<&str>) -> bool {
    let Some(what) = what else { return true };
    let name = what.rsplit('/').next().unwrap_or(what);
    let service = task["group"].as_str().and_then(|group| group.strip_prefix("service:"));
    let definition = text(&task["taskDefinitionArn"]);
    let definition = id_of(&definition);
    let family = definition.split(':').next().unwrap_or_default();
    service == Some(name) || family == name || definition == name
}

/// The service, or the definition of a task without one.
pub fn of(task: &Value) -> String {
    match task["group"].as_str().and_then(|group| group.strip_prefix("service:")) {
        Some(service) => service.to_owned(),
        None => id_of(&text(&task["taskDefinitionArn"])).to_owned(),
    }
}

/// The task's own address, or the host's ports that lead to it.
pub fn address(task: &Value) -> String {
    let details = all(&task["attachments"]).flat_map(|one| all(&one["details"]));
    let mut own = details.filter(|one| one["name"] == "privateIPv4Address");
    if let Some(own) = own.next() {
        return text(&own["value"]);
    }
    let bindings = all(&task["containers"]).flat_map(|one| all(&one["networkBindings"]));
    let ports: Vec<String> = bindings
        .map(|one| {
            let port = |single: &str, range: &str| match &one[single] {
                Value::Null => text(&one[range]),
                port => port.to_string(),
            };
            format!(
                "{}->{}/{}",
                port("hostPort", "hostPortRange"),
                port("containerPort", "containerPortRange"),
                text(&one["protocol"])
            )
        })
        .collect();
    ports.join(" ")
}

/// The status, and where it leads.
pub fn status(task: &Value) -> String {
    let (last, desired) = (text(&task["lastStatus"]), text(&task["desiredStatus"]));
    if last == "STOPPED" {
        let codes = all(&task["containers"]).filter_map(|one| one["exitCode"].as_i64());
        let codes: Vec<String> = codes.map(|code| code.to_string()).collect();
        return if codes.is_empty() { last } else { format!("{last} ({})", codes.join(", ")) };
    }
    if desired == "STOPPED" { format!("{last}, to stop") } else { last }
}

fn node(place: &Value) -> String {
    let host = text(&place["hostname"]);
    match text(&place["node"]) {
        node if host.is_empty() || node == host => node,
        node => format!("{node} ({host})"),
    }
}

fn row(seen: &Seen, now: Timestamp) -> Vec<String> {
    let task = &seen.task;
    let health = text(&task["healthStatus"]);
    vec![
        short(id_of(&text(&task["taskArn"]))),
        of(task),
        seen.cluster.clone(),
        node(&seen.place),
        address(task),
        status(task),
        if health == "UNKNOWN" { String::new() } else { health },
        ago(&task["createdAt"], now).map(span).unwrap_or_default(),
    ]
}

fn shown(seen: &Seen, now: Timestamp) -> Value {
    let task = &seen.task;
    let service = task["group"].as_str().and_then(|group| group.strip_prefix("service:"));
    json!({
        "task_arn": task["taskArn"], "cluster": seen.cluster, "service": service,
        "task_definition": id_of(&text(&task["taskDefinitionArn"])), "launch_type": task["launchType"],
        "node": seen.place["node"], "hostname": seen.place["hostname"], "address": address(task),
        "status": task["lastStatus"], "desired_status": task["desiredStatus"],
        "health": task["healthStatus"], "age_seconds": ago(&task["createdAt"], now),
        "stopped_reason": task["stoppedReason"],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_told_in_one_line() {
        let task = json!({
            "taskArn": "arn:aws:ecs:us-east-1:1:task/prod/0123456789abcdef", "group": "service:web",
            "taskDefinitionArn": "arn:aws:ecs:us-east-1:1:task-definition/shop:3", "lastStatus": "RUNNING",
            "desiredStatus": "RUNNING", "healthStatus": "HEALTHY", "createdAt": 40.5,
            "attachments": [{ "details": [{ "name": "privateIPv4Address", "value": "10.0.0.7" }] }],
        });
        let place = json!({ "node": "i-1", "hostname": "beta" });
        let seen = Seen { task: task.clone(), cluster: "prod".into(), place };
        assert_eq!(
            row(&seen, Timestamp::from_secs(100)),
            ["0123456789ab", "web", "prod", "i-1 (beta)", "10.0.0.7", "RUNNING", "HEALTHY", "1m"]
        );
        assert!(is_of(&task, Some("web")) && is_of(&task, Some("shop")) && is_of(&task, Some("shop:3")));
        assert!(!is_of(&task, Some("shop:2")) && is_of(&task, None));
    }

    #[test]
    fn ports_of_the_host_and_exit_codes() {
        let task = json!({
            "group": "family:job", "taskDefinitionArn": "arn:x/job:1", "lastStatus": "STOPPED",
            "containers": [{ "exitCode": 7, "networkBindings": [
                { "hostPort": 32768, "containerPort": 80, "protocol": "tcp" },
                { "hostPortRange": "1000-1002", "containerPortRange": "2000-2002", "protocol": "udp" }] }],
        });
        assert_eq!(address(&task), "32768->80/tcp 1000-1002->2000-2002/udp");
        assert_eq!(status(&task), "STOPPED (7)");
        assert_eq!(of(&task), "job:1");
        assert_eq!(
            status(&json!({ "lastStatus": "RUNNING", "desiredStatus": "STOPPED" })),
            "RUNNING, to stop"
        );
    }
}
