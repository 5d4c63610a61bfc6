//! What containers use, in the shape of Docker's stats.

use gantry_runtime::Stats;
use serde_json::{Value, json};

pub fn container(id: &str, name: &str, read_at: &str, stats: &Stats) -> Value {
    let cpus = std::thread::available_parallelism().map_or(1, usize::from);
    json!({
        "id": id,
        "name": name,
        "read": read_at,
        "preread": "0001-01-01T00:00:00Z",
        "num_procs": 0,
        "pids_stats": {"current": stats.pids},
        "cpu_stats": {
            "cpu_usage": {
                "total_usage": stats.cpu_usage_ns,
                "usage_in_kernelmode": stats.cpu_system_ns,
                "usage_in_usermode": stats.cpu_user_ns,
            },
            "online_cpus": cpus,
            "throttling_data": {"throttled_periods": stats.cpu_throttled_periods},
        },
        "memory_stats": {
            "usage": stats.memory_usage_bytes,
            "max_usage": stats.memory_peak_bytes,
            "limit": stats.memory_limit_bytes,
            "stats": {"inactive_file": stats.memory_inactive_file_bytes},
        },
        "blkio_stats": {
            "io_service_bytes_recursive": [
                {"op": "read", "value": stats.io_read_bytes},
                {"op": "write", "value": stats.io_write_bytes},
            ],
        },
    })
}
