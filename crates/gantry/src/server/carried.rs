//! What load balancers carried since Gantry began, for people and for Prometheus.

use std::fmt::Write;
use std::sync::{Arc, OnceLock};

use gantry_elb::access_logs::Delivered;
use gantry_elb_core::counts::{Classes, Counts, OfBalancer, OfGroup};
use serde_json::{Value, json};

/// Most target groups that are shown, so that the answer stays within a line of the control socket.
const MOST: usize = 200;

type Counting = dyn Fn() -> (Counts, Delivered) + Send + Sync;

/// The counts of the data plane, once there is one. Clones are the same.
#[derive(Clone, Default)]
pub struct Carried(Arc<OnceLock<Box<Counting>>>);

impl Carried {
    /// This is how they are asked for.
    pub fn are(&self, counting: impl Fn() -> (Counts, Delivered) + Send + Sync + 'static) {
        // There is one data plane in a process.
        let _ = self.0.set(Box::new(counting));
    }

    /// Target groups of a place, `REGION:ACCOUNT`.
    pub fn groups(&self, place: &str) -> Vec<Value> {
        let Some((counts, _)) = self.0.get().map(|counting| counting()) else { return Vec::new() };
        let ours = counts.target_groups.iter().filter(|(arn, _)| place_of(arn) == place);
        ours.take(MOST).map(|(arn, of)| shown(arn, of)).collect()
    }

    /// All of it in Prometheus's text format.
    pub fn text(&self) -> String {
        self.0.get().map(|counting| counting()).map(|(counts, logs)| text(&counts, logs)).unwrap_or_default()
    }
}

/// `REGION:ACCOUNT` of an ARN.
pub fn place_of(arn: &str) -> String {
    arn.split(':').skip(3).take(2).collect::<Vec<_>>().join(":")
}

fn shown(arn: &str, of: &OfGroup) -> Value {
    json!({
        "arn": arn, "requests": of.requests, "answers_5xx": of.answers.of(5), "responses": of.responses,
        "response_seconds": of.response_seconds, "connection_errors": of.connection_errors,
        "healthy": of.healthy_hosts, "unhealthy": of.unhealthy_hosts,
    })
}

fn text(counts: &Counts, logs: Delivered) -> String {
    let mut out = String::new();
    let balancers = &counts.load_balancers;
    let each = |read: fn(&OfBalancer) -> u64| balancers.iter().map(move |(arn, of)| (arn.as_str(), read(of)));
    let name = "gantry_load_balancer";
    let mut of_balancers = |what: &str, kind: &str, help: &str, read: fn(&OfBalancer) -> u64| {
        family(&mut out, &format!("{name}_{what}"), kind, help, "load_balancer", each(read));
    };
    of_balancers("requests_total", "counter", "Requests for which there was a target.", |of| of.requests);
    of_balancers("connections", "gauge", "Connections that are open.", |of| of.active_connections);
    of_balancers("connections_total", "counter", "Connections that were taken.", |of| of.new_connections);
    of_balancers("bytes_total", "counter", "Bytes that connections carried.", |of| of.processed_bytes);
    of_balancers("tls_errors_total", "counter", "Handshakes that failed.", |of| of.client_tls_errors);
    let own = balancers.iter().map(|(arn, of)| (arn.as_str(), &of.answers));
    classes(&mut out, "gantry_load_balancer_answers_total", "Answers of its own.", "load_balancer", own);

    let groups = &counts.target_groups;
    let answers = groups.iter().map(|(arn, of)| (arn.as_str(), &of.answers));
    classes(&mut out, "gantry_target_group_answers_total", "Answers of targets.", "target_group", answers);
    let each = |read: fn(&OfGroup) -> u64| groups.iter().map(move |(arn, of)| (arn.as_str(), read(of)));
    let mut of_groups = |what: &str, kind: &str, help: &str, read: fn(&OfGroup) -> u64| {
        let name = format!("gantry_target_group_{what}");
        family(&mut out, &name, kind, help, "target_group", each(read));
    };
    of_groups("requests_total", "counter", "Requests that went to it.", |of| of.requests);
    of_groups("connection_errors_total", "counter", "Connections that were not had.", |of| {
        of.connection_errors
    });
    of_groups("healthy_hosts", "gauge", "Targets that are healthy.", |of| of.healthy_hosts.into());
    of_groups("unhealthy_hosts", "gauge", "Targets that are not.", |of| of.unhealthy_hosts.into());
    let seconds = "gantry_target_group_response_seconds";
    head(&mut out, seconds, "summary", "Time from a request to the head of its answer.");
    for (arn, of) in groups {
        line(&mut out, format_args!("{seconds}_sum{{target_group=\"{arn}\"}} {}", of.response_seconds));
        line(&mut out, format_args!("{seconds}_count{{target_group=\"{arn}\"}} {}", of.responses));
    }

    head(
        &mut out,
        "gantry_access_log_lines_total",
        "counter",
        "Lines of access logs by what became of them.",
    );
    for (outcome, lines) in [("written", logs.written), ("lost", logs.lost)] {
        line(&mut out, format_args!("gantry_access_log_lines_total{{outcome=\"{outcome}\"}} {lines}"));
    }
    head(&mut out, "gantry_access_log_lines_waiting", "gauge", "Lines of access logs in files that wait.");
    line(&mut out, format_args!("gantry_access_log_lines_waiting {}", logs.waiting));
    out
}

fn family<'a>(
    out: &mut String,
    name: &str,
    kind: &str,
    help: &str,
    label: &str,
    all: impl Iterator<Item = (&'a str, u64)>,
) {
    head(out, name, kind, help);
    for (arn, value) in all {
        line(out, format_args!("{name}{{{label}=\"{arn}\"}} {value}"));
    }
}

fn classes<'a>(
    out: &mut String,
    name: &str,
    help: &str,
    label: &str,
    all: impl Iterator<Item = (&'a str, &'a Classes)>,
) {
    head(out, name, "counter", help);
    for (arn, answers) in all {
        for digit in 2..=5 {
            let count = answers.of(digit);
            line(out, format_args!("{name}{{{label}=\"{arn}\",class=\"{digit}xx\"}} {count}"));
        }
    }
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    line(out, format_args!("# HELP {name} {help}\n# TYPE {name} {kind}"));
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    writeln!(out, "{text}").expect("writing to a string does not fail");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_told_by_place_and_to_prometheus() {
        let carried = Carried::default();
        assert!(carried.text().is_empty() && carried.groups("us-east-1:1").is_empty());
        let arn = "arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/app/2";
        carried.are(move || {
            let group = OfGroup {
                requests: 9,
                answers: Classes([6, 0, 1, 2]),
                response_seconds: 0.5,
                responses: 9,
                healthy_hosts: 2,
                ..OfGroup::default()
            };
            let mut counts = Counts::default();
            counts.target_groups.insert(arn.to_owned(), group);
            counts
                .load_balancers
                .insert("lb".to_owned(), OfBalancer { requests: 9, ..OfBalancer::default() });
            (counts, Delivered { written: 7, lost: 1, waiting: 0 })
        });
        assert_eq!(carried.groups("us-east-1:1")[0]["answers_5xx"], 2);
        assert!(carried.groups("us-east-1:2").is_empty());
        let text = carried.text();
        for line in [
            "gantry_load_balancer_requests_total{load_balancer=\"lb\"} 9\n".to_owned(),
            format!("gantry_target_group_answers_total{{target_group=\"{arn}\",class=\"5xx\"}} 2\n"),
            format!("gantry_target_group_healthy_hosts{{target_group=\"{arn}\"}} 2\n"),
            format!("gantry_target_group_response_seconds_sum{{target_group=\"{arn}\"}} 0.5\n"),
            "gantry_access_log_lines_total{outcome=\"lost\"} 1\n".to_owned(),
        ] {
            assert!(text.contains(&line), "{line} in {text}");
        }
    }
}
