//! Numbers for Prometheus.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Mutex;
use std::time::Duration;

/// Upper bounds of the latency buckets, in seconds.
const BUCKETS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 10.0];

/// What was asked, and how it went. The labels come from the models, never from clients, so there is an end
/// to them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Labels {
    service: String,
    operation: String,
    status: u16,
}

#[derive(Default)]
struct Latency {
    buckets: [u64; BUCKETS.len()],
    count: u64,
    seconds: f64,
}

/// Counters of the endpoint.
#[derive(Default)]
pub struct Metrics {
    requests: Mutex<BTreeMap<Labels, u64>>,
    not_served: Mutex<BTreeMap<(String, String), u64>>,
    latency: Mutex<Latency>,
    /// What others count, in Prometheus's text format.
    others: Option<Box<dyn Fn() -> String + Send + Sync>>,
}

impl Metrics {
    /// Counters of the endpoint, beside what others count: text in Prometheus's format.
    pub fn with(others: impl Fn() -> String + Send + Sync + 'static) -> Metrics {
        Metrics { others: Some(Box::new(others)), ..Metrics::default() }
    }

    /// Counts an answered request.
    pub fn answered(&self, service: &str, operation: &str, status: u16, took: Duration) {
        let labels = Labels { service: service.to_owned(), operation: operation.to_owned(), status };
        *locked(&self.requests).entry(labels).or_default() += 1;
        let seconds = took.as_secs_f64();
        let mut latency = locked(&self.latency);
        latency.count += 1;
        latency.seconds += seconds;
        for (bucket, bound) in latency.buckets.iter_mut().zip(BUCKETS) {
            *bucket += u64::from(seconds <= bound);
        }
    }

    /// Counts a request for an operation that AWS has and Gantry does not serve.
    pub fn not_served(&self, service: &str, operation: &str) {
        *locked(&self.not_served).entry((service.to_owned(), operation.to_owned())).or_default() += 1;
    }

    /// All of it in Prometheus's text format.
    pub fn text(&self) -> String {
        let mut out = String::new();
        head(
            &mut out,
            "gantry_requests_total",
            "counter",
            "Requests answered, by operation and HTTP status.",
        );
        for (Labels { service, operation, status }, count) in locked(&self.requests).iter() {
            line(
                &mut out,
                format_args!(
                    "gantry_requests_total{{service=\"{service}\",operation=\"{operation}\",status=\"{status}\"}} {count}"
                ),
            );
        }
        head(&mut out, "gantry_not_served_total", "counter", "Requests for operations that are not served.");
        for ((service, operation), count) in locked(&self.not_served).iter() {
            line(
                &mut out,
                format_args!(
                    "gantry_not_served_total{{service=\"{service}\",operation=\"{operation}\"}} {count}"
                ),
            );
        }
        head(&mut out, "gantry_request_seconds", "histogram", "Time from a request's head to its answer.");
        let latency = locked(&self.latency);
        for (count, bound) in latency.buckets.iter().zip(BUCKETS) {
            line(&mut out, format_args!("gantry_request_seconds_bucket{{le=\"{bound}\"}} {count}"));
        }
        line(&mut out, format_args!("gantry_request_seconds_bucket{{le=\"+Inf\"}} {}", latency.count));
        line(&mut out, format_args!("gantry_request_seconds_sum {}", latency.seconds));
        line(&mut out, format_args!("gantry_request_seconds_count {}", latency.count));
        drop(latency);
        out + &self.others.as_ref().map(|others| others()).unwrap_or_default()
    }
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    line(out, format_args!("# HELP {name} {help}\n# TYPE {name} {kind}"));
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    writeln!(out, "{text}").expect("writing to a string does not fail");
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_are_told_too() {
        let metrics = Metrics::with(|| "others_total 1\n".to_owned());
        assert!(metrics.text().ends_with("\nothers_total 1\n"));
    }

    #[test]
    fn requests_are_counted_by_operation() {
        let metrics = Metrics::default();
        metrics.answered("ecs", "RunTask", 200, Duration::from_millis(3));
        metrics.answered("ecs", "RunTask", 200, Duration::from_millis(30));
        metrics.not_served("ecs", "CreateService");
        let text = metrics.text();
        assert!(
            text.contains("gantry_requests_total{service=\"ecs\",operation=\"RunTask\",status=\"200\"} 2")
        );
        assert!(text.contains("gantry_not_served_total{service=\"ecs\",operation=\"CreateService\"} 1"));
        assert!(text.contains("gantry_request_seconds_bucket{le=\"0.005\"} 1"));
        assert!(text.contains("gantry_request_seconds_bucket{le=\"+Inf\"} 2"));
    }
}
