//! What containers use, in the shape of Docker's stats, with the rates that AWS's agent adds.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

use gantry_runtime::{DeviceIo, Interface, Stats};
use serde_json::{Map, Value, json};

/// Samples that are closer to each other tell no rate.
const SHORTEST_SECONDS: f64 = 0.5;

/// What was last said of each container, to tell what changed since.
#[derive(Debug, Default)]
pub struct Samples {
    last: HashMap<String, Sample>,
}

#[derive(Debug, Clone)]
struct Sample {
    at: Instant,
    read: String,
    system_ns: Option<u64>,
    stats: Stats,
    /// Of the bytes that came in and went out, each second.
    rates: Option<(f64, f64)>,
}

impl Samples {
    /// `interfaces` tells whether the container's interfaces are its task's own.
    pub fn say(&mut self, id: &str, name: &str, read_at: String, stats: Stats, interfaces: bool) -> Value {
        let now = Instant::now();
        let before = self.last.get(id);
        let rates = before.and_then(|before| {
            let seconds = now.duration_since(before.at).as_secs_f64();
            if seconds < SHORTEST_SECONDS {
                return before.rates;
            }
            let rate = |of: fn(&Interface) -> u64| {
                let sum = |stats: &Stats| stats.interfaces.values().map(of).sum::<u64>();
                sum(&stats).saturating_sub(sum(&before.stats)) as f64 / seconds
            };
            Some((rate(|it| it.rx_bytes), rate(|it| it.tx_bytes)))
        });
        let sample = Sample { at: now, read: read_at, system_ns: system_ns(), stats, rates };
        let said = container(id, name, &sample, before, interfaces);
        let is_new = before.is_none_or(|it| now.duration_since(it.at).as_secs_f64() >= SHORTEST_SECONDS);
        if is_new {
            self.last.insert(id.to_owned(), sample);
        }
        said
    }
}

fn container(id: &str, name: &str, now: &Sample, before: Option<&Sample>, interfaces: bool) -> Value {
    let stats = &now.stats;
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| out.insert(name.to_owned(), value);
    put("read", json!(now.read));
    put("preread", json!(before.map_or("0001-01-01T00:00:00Z", |it| it.read.as_str())));
    put("pids_stats", json!({"current": stats.pids}));
    put("blkio_stats", blkio(&stats.io));
    put("num_procs", json!(0));
    put("storage_stats", json!({}));
    put("cpu_stats", cpu(stats, now.system_ns));
    put("precpu_stats", before.map_or_else(no_cpu, |it| cpu(&it.stats, it.system_ns)));
    put("memory_stats", memory(stats));
    put("name", json!(name));
    put("id", json!(id));
    if interfaces {
        put("networks", networks(&stats.interfaces));
        let (rx, tx) = now.rates.unwrap_or_default();
        put("network_rate_stats", json!({"rx_bytes_per_sec": rx, "tx_bytes_per_sec": tx}));
    }
    Value::Object(out)
}

fn no_cpu() -> Value {
    json!({
        "cpu_usage": {"total_usage": 0, "usage_in_kernelmode": 0, "usage_in_usermode": 0},
        "throttling_data": {"periods": 0, "throttled_periods": 0, "throttled_time": 0},
    })
}

fn cpu(stats: &Stats, system_ns: Option<u64>) -> Value {
    let mut usage = json!({
        "total_usage": stats.cpu_usage_ns,
        "usage_in_kernelmode": stats.cpu_system_ns,
        "usage_in_usermode": stats.cpu_user_ns,
    });
    if !stats.cpu_each_ns.is_empty() {
        usage["percpu_usage"] = json!(stats.cpu_each_ns);
    }
    let mut cpu = json!({
        "cpu_usage": usage,
        "online_cpus": std::thread::available_parallelism().map_or(1, usize::from),
        "throttling_data": {
            "periods": stats.cpu_periods,
            "throttled_periods": stats.cpu_throttled_periods,
            "throttled_time": stats.cpu_throttled_ns,
        },
    });
    if let Some(system_ns) = system_ns {
        cpu["system_cpu_usage"] = json!(system_ns);
    }
    cpu
}

fn memory(stats: &Stats) -> Value {
    json!({
        "usage": stats.memory_usage_bytes,
        "max_usage": stats.memory_peak_bytes,
        "stats": stats.memory,
        "failcnt": stats.memory_failures,
        "limit": stats.memory_limit_bytes.unwrap_or_else(machine_bytes),
    })
}

fn blkio(io: &[DeviceIo]) -> Value {
    let entries = |of: fn(&DeviceIo) -> (u64, u64)| -> Vec<Value> {
        io.iter()
            .flat_map(|one| {
                let (read, write) = of(one);
                let (major, minor) = (one.major, one.minor);
                let entry = move |op: &str, value: u64| json!({"major": major, "minor": minor, "op": op, "value": value});
                [entry("Read", read), entry("Write", write), entry("Total", read + write)]
            })
            .collect()
    };
    json!({
        "io_service_bytes_recursive": entries(|it| (it.read_bytes, it.write_bytes)),
        "io_serviced_recursive": entries(|it| (it.reads, it.writes)),
        "io_queue_recursive": [],
        "io_service_time_recursive": [],
        "io_wait_time_recursive": [],
        "io_merged_recursive": [],
        "io_time_recursive": [],
        "sectors_recursive": [],
    })
}

fn networks(interfaces: &BTreeMap<String, Interface>) -> Value {
    let one = |it: &Interface| {
        json!({
            "rx_bytes": it.rx_bytes,
            "rx_packets": it.rx_packets,
            "rx_errors": it.rx_errors,
            "rx_dropped": it.rx_dropped,
            "tx_bytes": it.tx_bytes,
            "tx_packets": it.tx_packets,
            "tx_errors": it.tx_errors,
            "tx_dropped": it.tx_dropped,
        })
    };
    Value::Object(interfaces.iter().map(|(name, it)| (name.clone(), one(it))).collect())
}

/// Time of all processors since the machine's start, idle or not.
fn system_ns() -> Option<u64> {
    /// The kernel counts in hundredths of a second, for programs.
    const TICK_NS: u64 = 10_000_000;
    let text = std::fs::read_to_string("/proc/stat").ok()?;
    let line = text.lines().next()?.strip_prefix("cpu ")?;
    let ticks: u64 = line.split_whitespace().take(7).filter_map(|it| it.parse::<u64>().ok()).sum();
    Some(ticks * TICK_NS)
}

fn machine_bytes() -> u64 {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kib = text.lines().find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB"));
    kib.and_then(|it| it.trim().parse::<u64>().ok()).map_or(0, |kib| kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stats(rx_bytes: u64) -> Stats {
        let eth0 = Interface { rx_bytes, ..Interface::default() };
        Stats {
            interfaces: BTreeMap::from([("eth0".to_owned(), eth0)]),
            io: vec![DeviceIo { major: 8, read_bytes: 3, ..DeviceIo::default() }],
            ..Stats::default()
        }
    }

    #[test]
    fn a_rate_is_told_from_the_sample_before() {
        let mut samples = Samples::default();
        let first = samples.say("c", "web", "t1".into(), stats(0), true);
        assert_eq!(first["network_rate_stats"]["rx_bytes_per_sec"], 0.0);
        assert_eq!(first["blkio_stats"]["io_service_bytes_recursive"][0]["value"], 3);
        let before = samples.last.get_mut("c").unwrap();
        before.at = before.at.checked_sub(std::time::Duration::from_secs(2)).unwrap();
        let second = samples.say("c", "web", "t2".into(), stats(2000), true);
        let rate = second["network_rate_stats"]["rx_bytes_per_sec"].as_f64().unwrap();
        assert!((900.0..=1000.0).contains(&rate), "{rate}");
        assert_eq!(second["preread"], "t1");
        assert!(samples.say("c", "web", "t3".into(), stats(0), false).get("networks").is_none());
    }
}
