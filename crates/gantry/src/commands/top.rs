//! `gantry top`: what running tasks use of processors, memory and network.

use std::collections::HashMap;
use std::io::{IsTerminal, Write};
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::api::Api;
use super::find::{self, id_of};
use super::ps::of;
use super::table::{all, bytes, short, table, text};
use crate::cli::Top;
use crate::control::{self, Request};
use crate::layout::Layout;

/// Between the two looks that the first rates need.
const FIRST: Duration = Duration::from_secs(1);

pub fn run(layout: &Layout, options: &Top, as_json: bool) -> Result<()> {
    let whereabouts = &options.whereabouts;
    let api = Api::of(layout, whereabouts.account, whereabouts.region.clone())?;
    let again = !options.once && !as_json && std::io::stdout().is_terminal();
    super::runtime()?.block_on(watch(layout, &api, options, again, as_json))
}

async fn watch(layout: &Layout, api: &Api, options: &Top, again: bool, as_json: bool) -> Result<()> {
    let cluster = options.whereabouts.cluster.as_deref();
    let prefix = match cluster {
        Some(cluster) => format!("{}/", id_of(cluster)),
        None => String::new(),
    };
    let region = api.region();
    let prefix = format!("arn:{}:ecs:{region}:{}:task/{prefix}", region.partition(), api.account());
    let socket = layout.control();
    let ask = async || control::ask(&socket, &Request::Usage { prefix: prefix.clone() }).await;
    let mut known = HashMap::new();
    let mut before = ask().await?;
    tokio::time::sleep(FIRST).await;
    loop {
        let now = ask().await?;
        describe(api, &now, &mut known).await?;
        let uses = uses(&before, &now, options.containers);
        let mut out = std::io::stdout().lock();
        if as_json {
            let uses: Vec<Value> = uses.iter().map(|one| one.shown(&known)).collect();
            writeln!(
                out,
                "{}",
                json!({
                    "tasks": uses, "target_groups": groups(&before, &now), "silent": now["silent"],
                    "left_out": now["left_out"],
                })
            )?;
        } else {
            if again {
                // Home, and away with what is below.
                write!(out, "\x1b[H\x1b[J")?;
            }
            writeln!(out, "{}", rows(&uses, &known))?;
            let groups = groups(&before, &now);
            if !groups.is_empty() {
                writeln!(out, "\n{}", group_rows(&groups))?;
            }
            for line in remarks(&now) {
                writeln!(out, "{line}")?;
            }
        }
        out.flush()?;
        drop(out);
        if !again {
            return Ok(());
        }
        before = now;
        tokio::time::sleep(Duration::from_secs(options.interval.into())).await;
    }
}

/// What is not in the table.
fn remarks(answer: &Value) -> Vec<String> {
    let silent: Vec<String> = all(&answer["silent"]).map(text).collect();
    let mut lines = Vec::new();
    if !silent.is_empty() {
        lines.push(format!("no answer from {}", silent.join(", ")));
    }
    if let Some(left_out) = answer["left_out"].as_u64().filter(|left_out| *left_out > 0) {
        lines.push(format!("{left_out} more tasks; name a cluster with --cluster"));
    }
    lines
}

/// Asks about tasks that were not there before.
async fn describe(api: &Api, answer: &Value, known: &mut HashMap<String, Value>) -> Result<()> {
    let mut new: HashMap<String, Vec<String>> = HashMap::new();
    let running: Vec<String> = all(&answer["tasks"]).map(|task| text(&task["task_arn"])).collect();
    known.retain(|arn, _| running.contains(arn));
    for arn in running.into_iter().filter(|arn| !known.contains_key(arn)) {
        let cluster = arn.rsplit('/').nth(1).context("a task's ARN names its cluster")?.to_owned();
        new.entry(cluster).or_default().push(arn);
    }
    for (cluster, arns) in new {
        for task in find::described(api, &cluster, &arns).await? {
            known.insert(text(&task["taskArn"]), task);
        }
    }
    Ok(())
}

/// What a task uses, or a container.
#[derive(Debug, PartialEq)]
struct Use {
    task_arn: String,
    container: Option<String>,
    node: String,
    /// Of one processor, in per cent; none where it was not there before.
    cpu_percent: Option<f64>,
    memory_bytes: u64,
    /// 0: none of its own.
    limit_bytes: u64,
    /// Bytes each second.
    received: Option<f64>,
    sent: Option<f64>,
    read: Option<f64>,
    written: Option<f64>,
    processes: u64,
}

/// What changed between two answers, the busiest first.
fn uses(before: &Value, now: &Value, of_containers: bool) -> Vec<Use> {
    let earlier: HashMap<&str, &Value> =
        all(&before["tasks"]).filter_map(|task| Some((task["task_arn"].as_str()?, task))).collect();
    let mut uses = Vec::new();
    for task in all(&now["tasks"]) {
        let before = earlier.get(task["task_arn"].as_str().unwrap_or_default()).copied();
        let containers: Vec<&Value> = all(&task["containers"]).collect();
        match of_containers {
            true => uses.extend(containers.iter().map(|one| of_some(task, before, &[*one]))),
            false => uses.push(of_some(task, before, &containers)),
        }
    }
    let by_cpu = |one: &Use| one.cpu_percent.unwrap_or_default();
    uses.sort_by(|a, b| by_cpu(b).total_cmp(&by_cpu(a)).then_with(|| a.task_arn.cmp(&b.task_arn)));
    uses
}

/// What went to target groups between two answers, the busiest first.
fn groups(before: &Value, now: &Value) -> Vec<Value> {
    let earlier: HashMap<&str, &Value> =
        all(&before["groups"]).filter_map(|one| Some((one["arn"].as_str()?, one))).collect();
    let milliseconds = now["at_ms"].as_i64().zip(before["at_ms"].as_i64()).map(|(now, then)| now - then);
    let seconds = milliseconds.filter(|it| *it > 0).map(|it| it as f64 / 1000.0);
    let group = |one: &Value| {
        let then = earlier.get(one["arn"].as_str().unwrap_or_default());
        let grown = |name: &str| {
            let then = then.and_then(|then| then[name].as_f64()).unwrap_or_default();
            (one[name].as_f64().unwrap_or_default() - then).max(0.0)
        };
        let each_second = |name: &str| seconds.map(|seconds| grown(name) / seconds);
        let responses = grown("responses");
        let average = (responses > 0.0).then(|| grown("response_seconds") * 1000.0 / responses);
        json!({
            "arn": one["arn"], "requests_per_second": each_second("requests"),
            "answers_5xx_per_second": each_second("answers_5xx"), "response_milliseconds": average,
            "healthy": one["healthy"], "unhealthy": one["unhealthy"],
        })
    };
    let mut groups: Vec<Value> = all(&now["groups"]).map(group).collect();
    let busy = |one: &Value| one["requests_per_second"].as_f64().unwrap_or_default();
    groups.sort_by(|a, b| busy(b).total_cmp(&busy(a)));
    groups
}

fn group_rows(groups: &[Value]) -> comfy_table::Table {
    let mut table = table(["TARGET GROUP", "REQUESTS/s", "5XX/s", "MS", "HEALTHY", "UNHEALTHY"]);
    for one in groups {
        let number = |name: &str| one[name].as_f64().map(|it| format!("{it:.1}")).unwrap_or_default();
        let arn = text(&one["arn"]);
        table.add_row(vec![
            arn.split('/').nth(1).unwrap_or_default().to_owned(),
            number("requests_per_second"),
            number("answers_5xx_per_second"),
            number("response_milliseconds"),
            one["healthy"].to_string(),
            one["unhealthy"].to_string(),
        ]);
    }
    table
}

/// What some of a task's containers use together.
fn of_some(task: &Value, before: Option<&Value>, containers: &[&Value]) -> Use {
    let number = |value: &Value| value.as_u64().unwrap_or(0);
    let sum = |name: &str| containers.iter().map(|one| number(&one[name])).sum::<u64>();
    let milliseconds = before
        .map(|before| (task["at_ms"].as_i64().unwrap_or(0) - before["at_ms"].as_i64().unwrap_or(0)) as f64);
    // What each container had used before; one that is new, or was started anew, counts from nothing.
    let earlier = |name: &str| {
        let of = |one: &&Value| {
            let known = before.and_then(|task| all(&task["containers"]).find(|it| it["name"] == one["name"]));
            let (then, now) = (known.map_or(0, |known| number(&known[name])), number(&one[name]));
            if then > now { 0 } else { then }
        };
        containers.iter().map(of).sum::<u64>()
    };
    let each_second = |grown: u64| {
        milliseconds.filter(|milliseconds| *milliseconds > 0.0).map(|it| grown as f64 * 1000.0 / it)
    };
    let rate = |name: &str| each_second(sum(name).saturating_sub(earlier(name)));
    let of_task = |name: &str| {
        let then = before.map_or(0, |before| number(&before[name]));
        each_second(number(&task[name]).saturating_sub(then))
    };
    let limits = containers.iter().map(|one| number(&one["memory_limit_bytes"]));
    let limited = limits.clone().all(|limit| limit > 0);
    Use {
        task_arn: text(&task["task_arn"]),
        container: (containers.len() == 1).then(|| text(&containers[0]["name"])),
        node: text(&task["node"]),
        cpu_percent: rate("cpu_ns").map(|nanoseconds| nanoseconds / 1e7),
        memory_bytes: sum("memory_bytes"),
        limit_bytes: if limited { limits.fold(0, u64::saturating_add) } else { 0 },
        received: of_task("received_bytes"),
        sent: of_task("sent_bytes"),
        read: rate("read_bytes"),
        written: rate("written_bytes"),
        processes: sum("processes"),
    }
}

impl Use {
    /// The task's own limit, or those of its containers.
    fn limit_bytes(&self, known: &HashMap<String, Value>) -> u64 {
        const MIB: u64 = 1 << 20;
        let task = known.get(&self.task_arn);
        let size = task.and_then(|task| task["memory"].as_str()?.parse::<u64>().ok()).unwrap_or(0) * MIB;
        match (self.limit_bytes, size) {
            (0, size) => size,
            (limit, 0) => limit,
            (limit, size) => limit.min(size),
        }
    }

    fn shown(&self, known: &HashMap<String, Value>) -> Value {
        let task = known.get(&self.task_arn);
        json!({
            "task_arn": self.task_arn, "of": task.map(of), "container": self.container, "node": self.node,
            "cpu_percent": self.cpu_percent, "memory_bytes": self.memory_bytes,
            "memory_limit_bytes": self.limit_bytes(known), "received_bytes_per_second": self.received,
            "sent_bytes_per_second": self.sent, "read_bytes_per_second": self.read,
            "written_bytes_per_second": self.written, "processes": self.processes,
        })
    }
}

fn rows(uses: &[Use], known: &HashMap<String, Value>) -> comfy_table::Table {
    let mut table = table([
        "TASK",
        "OF",
        "CONTAINER",
        "NODE",
        "CPU %",
        "MEMORY",
        "OF SIZE",
        "NET IN/s",
        "NET OUT/s",
        "READ/s",
        "WRITE/s",
        "PIDS",
    ]);
    for one in uses {
        let rate = |rate: Option<f64>| rate.map(|rate| bytes(rate as u64)).unwrap_or_default();
        let limit = one.limit_bytes(known);
        let percent = one.memory_bytes as f64 * 100.0 / limit.max(1) as f64;
        table.add_row(vec![
            short(id_of(&one.task_arn)),
            known.get(&one.task_arn).map(of).unwrap_or_default(),
            one.container.clone().unwrap_or_default(),
            one.node.clone(),
            one.cpu_percent.map(|percent| format!("{percent:.1}")).unwrap_or_default(),
            bytes(one.memory_bytes),
            if limit > 0 { format!("{percent:.0} % of {}", bytes(limit)) } else { String::new() },
            rate(one.received),
            rate(one.sent),
            rate(one.read),
            rate(one.written),
            one.processes.to_string(),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(at_ms: i64, cpu: [u64; 2], received: u64) -> Value {
        let container = |name: &str, cpu_ns: u64| {
            json!({ "name": name, "cpu_ns": cpu_ns, "memory_bytes": 1 << 20, "memory_limit_bytes": 0,
                "read_bytes": 0, "written_bytes": 0, "processes": 1 })
        };
        json!({ "tasks": [{ "task_arn": "arn:t/c/1", "node": "n", "at_ms": at_ms, "received_bytes": received,
            "sent_bytes": 0, "containers": [container("web", cpu[0]), container("side", cpu[1])] }] })
    }

    #[test]
    fn rates_are_told_between_two_answers() {
        let (before, now) =
            (answer(1000, [0, 5_000_000_000], 0), answer(3000, [1_000_000_000, 1_000_000_000], 4096));
        let together = uses(&before, &now, false);
        // A second of a processor in two, and what the container that was started anew has used since.
        assert_eq!(together[0].cpu_percent, Some(100.0));
        assert_eq!((together[0].received, together[0].memory_bytes), (Some(2048.0), 2 << 20));
        let apart = uses(&before, &now, true);
        assert_eq!(apart.len(), 2);
        assert_eq!(apart[0].cpu_percent, Some(50.0));
        assert_eq!(uses(&json!({}), &now, false)[0].cpu_percent, None);
    }

    #[test]
    fn what_went_to_target_groups_is_told_between_two_answers() {
        let answer = |at_ms: i64, requests: u64, seconds: f64| {
            json!({ "at_ms": at_ms, "groups": [{ "arn": "a:targetgroup/app/1", "requests": requests, "answers_5xx": 0,
                "responses": requests, "response_seconds": seconds, "healthy": 2, "unhealthy": 0 }] })
        };
        let told = groups(&answer(1000, 10, 1.0), &answer(3000, 30, 1.5));
        assert_eq!(told[0]["requests_per_second"], 10.0);
        assert_eq!((&told[0]["response_milliseconds"], &told[0]["healthy"]), (&json!(25.0), &json!(2)));
        assert!(group_rows(&told).to_string().contains("app"));
        assert!(groups(&json!({}), &json!({})).is_empty());
    }

    #[test]
    fn a_tasks_size_is_its_limit() {
        let known = HashMap::from([("arn:t/c/1".to_owned(), json!({ "memory": "512" }))]);
        let one = &uses(&json!({}), &answer(1, [0, 0], 0), false)[0];
        assert_eq!(one.limit_bytes(&known), 512 << 20);
        assert_eq!(one.shown(&known)["memory_limit_bytes"], 512 << 20);
    }
}
