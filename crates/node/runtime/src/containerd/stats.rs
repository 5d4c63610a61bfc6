//! What a control group counted, in either version of the kernel's interface.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::engine::observed::{DeviceIo, Interface, Stats};

pub(super) fn of_v2(dir: &Path) -> Option<Stats> {
    let cpu = |name| keyed(&dir.join("cpu.stat"), name).unwrap_or(0);
    let memory = all_keyed(&dir.join("memory.stat"));
    Some(Stats {
        cpu_usage_ns: cpu("usage_usec") * 1000,
        cpu_user_ns: cpu("user_usec") * 1000,
        cpu_system_ns: cpu("system_usec") * 1000,
        cpu_periods: cpu("nr_periods"),
        cpu_throttled_periods: cpu("nr_throttled"),
        cpu_throttled_ns: cpu("throttled_usec") * 1000,
        cpu_each_ns: Vec::new(),
        memory_usage_bytes: number(&dir.join("memory.current"))?,
        memory_inactive_file_bytes: memory.get("inactive_file").copied().unwrap_or(0),
        memory_limit_bytes: number(&dir.join("memory.max")),
        memory_peak_bytes: number(&dir.join("memory.peak")).unwrap_or(0),
        memory_failures: keyed(&dir.join("memory.events"), "max").unwrap_or(0),
        memory,
        io: io_v2(&fs::read_to_string(dir.join("io.stat")).unwrap_or_default()),
        interfaces: BTreeMap::new(),
        pids: number(&dir.join("pids.current")).unwrap_or(0),
    })
}

pub(super) fn of_v1(
    memory: &Path,
    cpu: Option<PathBuf>,
    cpuacct: Option<PathBuf>,
    pids: Option<PathBuf>,
    blkio: Option<PathBuf>,
) -> Option<Stats> {
    let at = |dir: &Option<PathBuf>, file: &str| dir.as_ref().map(|it| it.join(file));
    let read = |dir: &Option<PathBuf>, file: &str| at(dir, file).and_then(|it| number(&it)).unwrap_or(0);
    let text = |path: Option<PathBuf>| path.and_then(|it| fs::read_to_string(it).ok()).unwrap_or_default();
    let limit = number(&memory.join("memory.limit_in_bytes"));
    let throttling = |name| at(&cpu, "cpu.stat").and_then(|it| keyed(&it, name)).unwrap_or(0);
    let each = text(at(&cpuacct, "cpuacct.usage_percpu"));
    let counted = all_keyed(&memory.join("memory.stat"));
    Some(Stats {
        cpu_usage_ns: read(&cpuacct, "cpuacct.usage"),
        cpu_user_ns: read(&cpuacct, "cpuacct.usage_user"),
        cpu_system_ns: read(&cpuacct, "cpuacct.usage_sys"),
        cpu_periods: throttling("nr_periods"),
        cpu_throttled_periods: throttling("nr_throttled"),
        cpu_throttled_ns: throttling("throttled_time"),
        cpu_each_ns: each.split_whitespace().filter_map(|it| it.parse().ok()).collect(),
        memory_usage_bytes: number(&memory.join("memory.usage_in_bytes"))?,
        memory_inactive_file_bytes: counted.get("total_inactive_file").copied().unwrap_or(0),
        // "No limit" is the largest multiple of a page.
        memory_limit_bytes: limit.filter(|bytes| *bytes < 1 << 62),
        memory_peak_bytes: number(&memory.join("memory.max_usage_in_bytes")).unwrap_or(0),
        memory_failures: number(&memory.join("memory.failcnt")).unwrap_or(0),
        memory: counted,
        io: io_v1(
            &text(at(&blkio, "blkio.throttle.io_service_bytes")),
            &text(at(&blkio, "blkio.throttle.io_serviced")),
        ),
        interfaces: BTreeMap::new(),
        pids: read(&pids, "pids.current"),
    })
}

/// What went through the interfaces that a process of the group sees.
pub(super) fn interfaces(group: &Path) -> BTreeMap<String, Interface> {
    let pids = fs::read_to_string(group.join("cgroup.procs")).unwrap_or_default();
    let Some(pid) = pids.lines().next() else { return BTreeMap::new() };
    parse_interfaces(&fs::read_to_string(format!("/proc/{pid}/net/dev")).unwrap_or_default())
}

fn parse_interfaces(text: &str) -> BTreeMap<String, Interface> {
    let lines = text.lines().filter_map(|line| line.split_once(':'));
    lines
        .filter_map(|(name, counts)| {
            let name = name.trim();
            let counts: Vec<u64> = counts.split_whitespace().filter_map(|it| it.parse().ok()).collect();
            let [rx_bytes, rx_packets, rx_errors, rx_dropped, ..] = counts[..] else { return None };
            let [tx_bytes, tx_packets, tx_errors, tx_dropped, ..] = *counts.get(8..)? else { return None };
            let counted = Interface {
                rx_bytes,
                rx_packets,
                rx_errors,
                rx_dropped,
                tx_bytes,
                tx_packets,
                tx_errors,
                tx_dropped,
            };
            (name != "lo").then(|| (name.to_owned(), counted))
        })
        .collect()
}

/// Lines `MAJOR:MINOR rbytes=N wbytes=N rios=N wios=N ...`.
fn io_v2(text: &str) -> Vec<DeviceIo> {
    text.lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            let mut io = device(words.next()?)?;
            for word in words {
                let (name, value) = word.split_once('=')?;
                let value = value.parse().unwrap_or(0);
                match name {
                    "rbytes" => io.read_bytes = value,
                    "wbytes" => io.write_bytes = value,
                    "rios" => io.reads = value,
                    "wios" => io.writes = value,
                    _ => {}
                }
            }
            Some(io)
        })
        .collect()
}

/// Lines `MAJOR:MINOR Read N`, once of bytes and once of operations.
fn io_v1(bytes: &str, operations: &str) -> Vec<DeviceIo> {
    let mut found: BTreeMap<(u64, u64), DeviceIo> = BTreeMap::new();
    let mut add = |text: &str, put: fn(&mut DeviceIo, &str, u64)| {
        for line in text.lines() {
            let mut words = line.split_whitespace();
            let (Some(of), Some(what), Some(value)) = (words.next(), words.next(), words.next()) else {
                continue;
            };
            let Some(of) = device(of) else { continue };
            let io = found.entry((of.major, of.minor)).or_insert(of);
            put(io, what, value.parse().unwrap_or(0));
        }
    };
    add(bytes, |io, what, value| match what {
        "Read" => io.read_bytes = value,
        "Write" => io.write_bytes = value,
        _ => {}
    });
    add(operations, |io, what, value| match what {
        "Read" => io.reads = value,
        "Write" => io.writes = value,
        _ => {}
    });
    found.into_values().collect()
}

fn device(text: &str) -> Option<DeviceIo> {
    let (major, minor) = text.split_once(':')?;
    Some(DeviceIo { major: major.parse().ok()?, minor: minor.parse().ok()?, ..DeviceIo::default() })
}

fn number(path: &Path) -> Option<u64> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

/// The value in a file of lines `KEY VALUE`.
pub(super) fn keyed(path: &Path, key: &str) -> Option<u64> {
    let text = fs::read_to_string(path).ok()?;
    let value = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' '))?;
    value.trim().parse().ok()
}

/// All of such a file.
fn all_keyed(path: &Path) -> BTreeMap<String, u64> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let pairs = text.lines().filter_map(|line| line.split_once(' '));
    pairs.filter_map(|(key, value)| Some((key.to_owned(), value.trim().parse().ok()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interfaces_as_the_kernel_lists_them() {
        let text = "Inter-|   Receive\n face |bytes\n    lo:       9 1 0 0 0 0 0 0 9 1 0 0 0 0 0 0\n  \
                    eth0:     100 2 3 4 0 0 0 0 200 5 6 7 0 0 0 0\n";
        let found = parse_interfaces(text);
        assert_eq!(found.len(), 1);
        let eth0 = found["eth0"];
        assert_eq!((eth0.rx_bytes, eth0.rx_dropped, eth0.tx_bytes, eth0.tx_packets), (100, 4, 200, 5));
    }

    #[test]
    fn devices_in_both_versions() {
        let one = DeviceIo { major: 8, minor: 0, read_bytes: 5, write_bytes: 6, reads: 1, writes: 2 };
        assert_eq!(io_v2("8:0 rbytes=5 wbytes=6 rios=1 wios=2 dbytes=0 dios=0\n"), [one]);
        let bytes = "8:0 Read 5\n8:0 Write 6\n8:0 Total 11\nTotal 11\n";
        assert_eq!(io_v1(bytes, "8:0 Read 1\n8:0 Write 2\n"), [one]);
    }
}
