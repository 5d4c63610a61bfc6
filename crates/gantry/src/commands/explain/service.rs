//! Why a service is as it is.

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::task::stopped;
use super::{Asking, Explained};
use crate::commands::api::is_refused;
use crate::commands::find::{self, id_of};
use crate::commands::open::{NO_GROUP, target_groups};
use crate::commands::ps::status;
use crate::commands::table::{ago, all, short, span, text};
use crate::control::{self, Request};

/// Most tasks, and most events, that are told of.
const MOST: usize = 5;

pub async fn explain(asking: &Asking<'_>, cluster: &str, name: &str) -> Result<Explained> {
    let services = find::services(asking.api, cluster, &[name.to_owned()]).await?;
    let Some(service) = services.first() else { bail!("there is no service {name} in {cluster}") };
    let number = |name: &str| service[name].as_i64().unwrap_or(0);
    let (desired, running, pending) =
        (number("desiredCount"), number("runningCount"), number("pendingCount"));
    let mut explained = Explained::new(format!(
        "service {name} in {cluster}: {}, {running} of {desired} tasks run, {pending} are on their way",
        text(&service["status"])
    ));
    explained.say("Deployments", all(&service["deployments"]).map(|one| deployment(one, asking)).collect());
    let tasks = tasks_of(asking, cluster, name, "RUNNING").await?;
    explained.say("Tasks that do not run yet, or end", on_their_way(&tasks));
    if running + pending < desired || unplaceable(service) {
        explained.add(asking.verdicts(&text(&service["serviceArn"])).await?);
    }
    let (mut targets, groups) = (Vec::new(), target_groups(service));
    for group in &groups {
        targets.extend(of_group(asking, group).await?);
    }
    explained.say("Targets that load balancers leave out", targets);
    explained.say("What load balancers carried to it since Gantry began", carried(asking, &groups).await?);
    explained.say("What was asked of it by Service Connect", connected(asking, service).await?);
    let gone = newest_first(tasks_of(asking, cluster, name, "STOPPED").await?);
    explained
        .say("Tasks that stopped last", gone.iter().take(MOST).flat_map(|task| end(task, asking)).collect());
    let events = all(&service["events"]).take(MOST);
    explained.say("Last events", events.map(|event| said(event, asking)).collect());
    Ok(explained)
}

async fn tasks_of(asking: &Asking<'_>, cluster: &str, name: &str, desired: &str) -> Result<Vec<Value>> {
    let filter = json!({ "serviceName": name, "desiredStatus": desired });
    let arns = find::list(asking.api, cluster, filter).await?;
    find::described(asking.api, cluster, &arns).await
}

fn newest_first(mut tasks: Vec<Value>) -> Vec<Value> {
    let stopped_at = |task: &Value| task["stoppedAt"].as_f64().unwrap_or(f64::MAX);
    tasks.sort_by(|a, b| stopped_at(b).total_cmp(&stopped_at(a)));
    tasks
}

/// A deployment, and why it is where it is.
fn deployment(one: &Value, asking: &Asking<'_>) -> String {
    let number = |name: &str| one[name].as_i64().unwrap_or(0);
    let (desired, running, failed) = (number("desiredCount"), number("runningCount"), number("failedTasks"));
    let mut line = format!(
        "{} ({}) of {}: {}, {running} of {desired} run",
        text(&one["id"]),
        text(&one["status"]),
        id_of(&text(&one["taskDefinition"])),
        text(&one["rolloutState"]),
    );
    if failed > 0 {
        line.push_str(&format!(", {failed} failed"));
    }
    if let Some(since) = ago(&one["createdAt"], asking.now) {
        line.push_str(&format!(", begun {} ago", span(since)));
    }
    let reason = text(&one["rolloutStateReason"]);
    if !reason.is_empty() {
        line.push_str(&format!(": {reason}"));
    }
    line
}

fn on_their_way(tasks: &[Value]) -> Vec<String> {
    let not_steady = tasks.iter().filter(|task| {
        task["lastStatus"] != "RUNNING"
            || task["desiredStatus"] != "RUNNING"
            || task["healthStatus"] == "UNHEALTHY"
    });
    let line = |task: &Value| {
        let health = if task["healthStatus"] == "UNHEALTHY" { ", UNHEALTHY" } else { "" };
        format!("{}: {}{health}", short(id_of(&text(&task["taskArn"]))), status(task))
    };
    not_steady.take(MOST).map(line).collect()
}

/// Whether the newest event is that a task found no place.
fn unplaceable(service: &Value) -> bool {
    service["events"][0]["message"].as_str().is_some_and(|message| message.contains("unable to place a task"))
}

/// What tasks have asked of the names that the service offers, since the agents of their nodes started.
async fn connected(asking: &Asking<'_>, service: &Value) -> Result<Vec<String>> {
    let deployment = &service["deployments"][0];
    let names: Vec<String> =
        all(&deployment["serviceConnectResources"]).map(|one| text(&one["discoveryName"])).collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    // A service's ARN begins as those of its tasks do.
    let arn = text(&service["serviceArn"]);
    let prefix: Vec<&str> = arn.split(':').take(5).collect();
    let asked = Request::Usage { prefix: format!("{}:", prefix.join(":")) };
    let answer = control::ask(&asking.layout.control(), &asked).await?;
    let id = json!({ "Id": deployment["serviceConnectConfiguration"]["namespace"] });
    let namespace = asking.api.json("servicediscovery", "GetNamespace", &id).await?;
    let namespace = text(&namespace["Namespace"]["Name"]);
    Ok(names.iter().filter_map(|name| asked_of(&namespace, name, &answer)).collect())
}

fn asked_of(namespace: &str, name: &str, answer: &Value) -> Option<String> {
    let sum = |of: &str| {
        let ours =
            all(&answer["connects"]).filter(|one| one["namespace"] == namespace && one["service"] == name);
        ours.filter_map(|one| one[of].as_u64()).sum::<u64>()
    };
    let (connections, requests) = (sum("connections"), sum("requests"));
    if connections == 0 {
        return None;
    }
    let mut line = format!("{name}: {connections} connections, {} found no task", sum("unserved"));
    if requests > 0 {
        line.push_str(&format!(
            "; {requests} requests, {} failed, {} of them for want of time",
            sum("failed"),
            sum("late")
        ));
    }
    Some(line)
}

/// What went to target groups.
async fn carried(asking: &Asking<'_>, groups: &[String]) -> Result<Vec<String>> {
    let Some(first) = groups.first() else { return Ok(Vec::new()) };
    // Only the place counts: there is no task whose ARN begins so.
    let answer = control::ask(&asking.layout.control(), &Request::Usage { prefix: first.clone() }).await?;
    Ok(groups.iter().filter_map(|group| carried_to(group, &answer)).collect())
}

fn carried_to(group: &str, answer: &Value) -> Option<String> {
    let of = all(&answer["groups"]).find(|one| one["arn"] == group)?;
    let number = |name: &str| of[name].as_u64().unwrap_or(0);
    let (healthy, unhealthy) = (number("healthy"), number("unhealthy"));
    let mut line = format!(
        "{}: {healthy} of {} targets are healthy; {} requests, {} answered with 5xx",
        group.split('/').nth(1).unwrap_or(group),
        healthy + unhealthy,
        number("requests"),
        number("answers_5xx"),
    );
    if number("responses") > 0 {
        let seconds = of["response_seconds"].as_f64().unwrap_or_default() / number("responses") as f64;
        line.push_str(&format!(", in {:.0} ms on average", seconds * 1000.0));
    }
    if number("connection_errors") > 0 {
        line.push_str(&format!("; {} connections failed", number("connection_errors")));
    }
    Some(line)
}

/// The targets of a group that get nothing, and why.
async fn of_group(asking: &Asking<'_>, group: &str) -> Result<Vec<String>> {
    let asked = [("TargetGroupArn", group)];
    let answer = match asking.api.query("elbv2", "DescribeTargetHealth", &asked).await {
        Err(error) if is_refused(&error, NO_GROUP) => {
            let name = group.split('/').nth(1).unwrap_or(group);
            return Ok(vec![format!("all: the target group {name} is not there any more")]);
        }
        answer => answer?,
    };
    let left_out =
        all(&answer["targetHealthDescriptions"]).filter(|one| one["targetHealth"]["state"] != "healthy");
    Ok(left_out.map(target).collect())
}

fn target(one: &Value) -> String {
    let health = &one["targetHealth"];
    let mut line =
        format!("{}:{}: {}", text(&one["target"]["id"]), one["target"]["port"], text(&health["state"]));
    for more in [&health["reason"], &health["description"]] {
        if let Some(more) = more.as_str() {
            line.push_str(&format!(", {more}"));
        }
    }
    line
}

fn end(task: &Value, asking: &Asking<'_>) -> Vec<String> {
    let since = ago(&task["stoppedAt"], asking.now).map(|since| format!(", {} ago", span(since)));
    let head = format!("{}{}", short(id_of(&text(&task["taskArn"]))), since.unwrap_or_default());
    let mut lines = stopped(task).into_iter();
    let first = lines.next().map(|why| format!(": {why}")).unwrap_or_default();
    std::iter::once(head + &first).chain(lines.map(|line| format!("  {line}"))).collect()
}

fn said(event: &Value, asking: &Asking<'_>) -> String {
    let since = ago(&event["createdAt"], asking.now).map(|since| format!("{} ago: ", span(since)));
    since.unwrap_or_default() + &text(&event["message"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_told_with_their_reasons() {
        let one = json!({ "target": { "id": "10.0.0.7", "port": 80 }, "targetHealth": { "state": "unhealthy",
            "reason": "Target.ResponseCodeMismatch", "description": "Health checks failed with these codes: [500]" } });
        assert_eq!(
            target(&one),
            "10.0.0.7:80: unhealthy, Target.ResponseCodeMismatch, Health checks failed with these codes: [500]"
        );
    }

    #[test]
    fn what_load_balancers_carried_is_told_by_group() {
        let arn = "arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/app/2";
        let answer = json!({ "groups": [{ "arn": arn, "requests": 20, "answers_5xx": 1, "responses": 10,
            "response_seconds": 0.12, "connection_errors": 2, "healthy": 2, "unhealthy": 1 }] });
        assert_eq!(
            carried_to(arn, &answer).as_deref(),
            Some(
                "app: 2 of 3 targets are healthy; 20 requests, 1 answered with 5xx, in 12 ms on average; 2 connections failed"
            )
        );
        assert_eq!(carried_to("other", &answer), None);
    }

    #[test]
    fn what_all_nodes_asked_is_told_together() {
        let one = |node: &str, requests: u64| {
            json!({ "node": node, "namespace": "shop", "service": "front", "connections": 2, "unserved": 0, "requests": requests,
                "failed": 1, "late": 1 })
        };
        let answer = json!({ "connects": [one("a", 10), one("b", 5)] });
        assert_eq!(
            asked_of("shop", "front", &answer).as_deref(),
            Some("front: 4 connections, 0 found no task; 15 requests, 2 failed, 2 of them for want of time")
        );
        assert_eq!(asked_of("other", "front", &answer), None);
    }

    #[test]
    fn tasks_that_do_not_run_are_told() {
        let tasks = [
            json!({ "taskArn": "a/1", "lastStatus": "RUNNING", "desiredStatus": "RUNNING" }),
            json!({ "taskArn": "a/2", "lastStatus": "PENDING", "desiredStatus": "RUNNING" }),
            json!({ "taskArn": "a/3", "lastStatus": "RUNNING", "desiredStatus": "RUNNING", "healthStatus": "UNHEALTHY" }),
        ];
        assert_eq!(on_their_way(&tasks), ["2: PENDING", "3: RUNNING, UNHEALTHY"]);
        let service =
            json!({ "events": [{ "message": "(service web) was unable to place a task because ..." }] });
        assert!(unplaceable(&service) && !unplaceable(&json!({})));
    }
}
