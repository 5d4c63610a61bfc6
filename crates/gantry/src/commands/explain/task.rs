//! Why a task is as it is.

use anyhow::{Result, bail};
use serde_json::Value;

use super::{Asking, Explained};
use crate::commands::find::{self, id_of};
use crate::commands::ps::{of, status};
use crate::commands::table::{ago, all, span, text};
use crate::control::{self, Request};

pub async fn explain(asking: &Asking<'_>, cluster: &str, arn: &str) -> Result<Explained> {
    let tasks = find::described(asking.api, cluster, &[arn.to_owned()]).await?;
    let Some(task) = tasks.first() else { bail!("{arn} can't be described any more") };
    let mut explained = Explained::new(format!("task {} of {}: {}", id_of(arn), of(task), status(task)));
    let asked = Request::Locate { tasks: vec![arn.to_owned()] };
    let places = control::ask(&asking.layout.control(), &asked).await?;
    let place = &places[arn];
    if task["lastStatus"] == "STOPPED" {
        explained.say("Why it stopped", stopped(task));
    } else if !place["waits_since"].is_null() {
        explained.say("It waits for a node", waits(place, asking.now.as_millis()));
        explained.add(asking.verdicts(arn).await?);
    } else {
        explained.say("Where it is", located(task, place));
        explained.say("What it waits for", pending(task));
        if task["desiredStatus"] == "STOPPED" {
            explained.say("Why it is to stop", stopped(task));
        }
    }
    explained.say("Containers", all(&task["containers"]).map(container).collect());
    if let Some(since) = ago(&task["createdAt"], asking.now) {
        explained.say("Times", vec![format!("asked for {} ago", span(since))]);
    }
    Ok(explained)
}

/// Why a task ended, in a line or two; also for those of a service.
pub fn stopped(task: &Value) -> Vec<String> {
    let (code, reason) = (text(&task["stopCode"]), text(&task["stoppedReason"]));
    let mut lines = Vec::new();
    match (code.is_empty(), reason.is_empty()) {
        (false, false) => lines.push(format!("{code}: {reason}")),
        (true, false) => lines.push(reason),
        (false, true) => lines.push(code),
        (true, true) => {}
    }
    lines.extend(all(&task["containers"]).filter_map(ended));
    lines
}

/// How a container ended, where that says something.
fn ended(one: &Value) -> Option<String> {
    let name = text(&one["name"]);
    let reason = text(&one["reason"]);
    let code = one["exitCode"].as_i64();
    if reason.is_empty() && code.is_none() {
        return None;
    }
    let code = code.map(|code| format!(" ended with {code}{}", meaning(code))).unwrap_or_default();
    Some(if reason.is_empty() { format!("{name}{code}") } else { format!("{name}{code}: {reason}") })
}

/// What an exit code tells by itself.
fn meaning(code: i64) -> &'static str {
    match code {
        126 => " (its command can't be executed)",
        127 => " (its command was not found)",
        134 => " (SIGABRT: it aborted)",
        137 => " (SIGKILL: it did not end in time when it was told to, or had no memory left)",
        139 => " (SIGSEGV: it touched memory that is not its own)",
        143 => " (SIGTERM: it was told to end)",
        _ => "",
    }
}

fn waits(place: &Value, now_ms: i64) -> Vec<String> {
    let since = place["waits_since"].as_i64().map_or(0, |since| (now_ms - since) / 1000);
    let mut lines = vec![format!("for {}; after two minutes it stops for want of capacity", span(since))];
    let refused = text(&place["refused"]);
    if !refused.is_empty() {
        lines.push(format!("when it was last tried: {refused}"));
    }
    lines
}

fn located(task: &Value, place: &Value) -> Vec<String> {
    let (node, host) = (text(&place["node"]), text(&place["hostname"]));
    let mut lines = Vec::new();
    if !node.is_empty() {
        lines.push(if host.is_empty() || host == node { node } else { format!("{node} ({host})") });
    }
    if task["connectivity"] == "DISCONNECTED" {
        lines.push("that node is not heard: this is what was last known".to_owned());
    }
    lines
}

/// What a task that does not run yet waits for.
fn pending(task: &Value) -> Vec<String> {
    let last = text(&task["lastStatus"]);
    let has = |name: &str| !task[name].is_null();
    let line = match last.as_str() {
        "PROVISIONING" => "its network interface, secrets and credentials are being made",
        "PENDING" | "ACTIVATING" if has("pullStartedAt") && !has("pullStoppedAt") => {
            "its images are being pulled (gantry status shows how far)"
        }
        "PENDING" if has("pullStoppedAt") => {
            "its containers are being started, in the order of their dependsOn"
        }
        "PENDING" => "its node makes it ready",
        "ACTIVATING" => "it is being registered at load balancers and in namespaces",
        "DEACTIVATING" => "load balancers send it nothing new, and what is under way has time to end",
        "STOPPING" => "its containers have been told to end, and have their stop timeout",
        "DEPROVISIONING" => "its network interface is being removed",
        _ => return unhealthy(task),
    };
    vec![line.to_owned()]
}

fn unhealthy(task: &Value) -> Vec<String> {
    let ill = all(&task["containers"]).filter(|one| one["healthStatus"] == "UNHEALTHY");
    ill.map(|one| format!("{} fails its health check", text(&one["name"]))).collect()
}

fn container(one: &Value) -> String {
    let (name, status, health) = (text(&one["name"]), text(&one["lastStatus"]), text(&one["healthStatus"]));
    let mut line = format!("{name}: {status}");
    if !health.is_empty() && health != "UNKNOWN" {
        line.push_str(&format!(", {health}"));
    }
    if let Some(code) = one["exitCode"].as_i64() {
        line.push_str(&format!(", exit code {code}"));
    }
    line + &format!(" ({})", text(&one["image"]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_end_is_told_with_its_containers() {
        let task = json!({ "stopCode": "EssentialContainerExited", "stoppedReason": "Essential container in task exited",
            "containers": [{ "name": "web", "exitCode": 137, "reason": "OutOfMemoryError: Container killed due to memory usage" },
                { "name": "side" }] });
        let lines = stopped(&task);
        assert_eq!(lines[0], "EssentialContainerExited: Essential container in task exited");
        assert!(lines[1].starts_with("web ended with 137 (SIGKILL"), "{}", lines[1]);
        assert_eq!(lines.len(), 2);
    }

    #[test]
    fn what_a_task_waits_for() {
        let pulling = json!({ "lastStatus": "PENDING", "pullStartedAt": 1.0 });
        assert!(pending(&pulling)[0].contains("pulled"));
        assert!(pending(&json!({ "lastStatus": "RUNNING" })).is_empty());
        let ill = json!({ "lastStatus": "RUNNING", "containers": [{ "name": "web", "healthStatus": "UNHEALTHY" }] });
        assert_eq!(pending(&ill), ["web fails its health check"]);
    }
}
