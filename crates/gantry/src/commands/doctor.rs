//! `gantry doctor`: what could keep Gantry from working on this machine.

use std::net::ToSocketAddrs;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::Result;
use serde::Serialize;

use super::table::bytes;
use crate::instance::Instance;
use crate::layout::Layout;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Ok,
    Warn,
    Fail,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    what: &'static str,
    verdict: Verdict,
    detail: String,
}

fn finding(what: &'static str, verdict: Verdict, detail: impl Into<String>) -> Finding {
    Finding { what, verdict, detail: detail.into() }
}

/// Ends with code 1 when something would keep Gantry from working.
pub fn run(layout: &Layout, json: bool) -> Result<ExitCode> {
    let findings = [
        root(),
        cgroups(),
        overlay(),
        version("containerd", &["--version"], "containerd"),
        runc(),
        version("nft", &["--version"], "nftables"),
        forwarding(),
        init(),
        users(layout),
        range(layout),
        names(),
        disk(layout),
        endpoint(layout),
    ];
    let failed = findings.iter().any(|finding| finding.verdict == Verdict::Fail);
    if json {
        println!("{}", serde_json::json!({ "ok": !failed, "findings": findings }));
    } else {
        for Finding { what, verdict, detail } in &findings {
            let mark = match verdict {
                Verdict::Ok => "ok  ",
                Verdict::Warn => "warn",
                Verdict::Fail => "FAIL",
            };
            println!("{mark}  {what:<14} {detail}");
        }
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn root() -> Finding {
    if nix::unistd::geteuid().is_root() {
        finding("user", Verdict::Ok, "root")
    } else {
        finding("user", Verdict::Fail, "containers and networks take root: run gantry as root")
    }
}

fn cgroups() -> Finding {
    if Path::new("/sys/fs/cgroup/cgroup.controllers").exists() {
        return finding("cgroups", Verdict::Ok, "version 2");
    }
    let missing: Vec<&str> = ["memory", "cpu", "pids"]
        .into_iter()
        .filter(|controller| !Path::new("/sys/fs/cgroup").join(controller).exists())
        .collect();
    if missing.is_empty() {
        finding("cgroups", Verdict::Ok, "version 1")
    } else {
        finding("cgroups", Verdict::Fail, format!("no controller for {}", missing.join(", ")))
    }
}

fn overlay() -> Finding {
    let known = std::fs::read_to_string("/proc/filesystems").unwrap_or_default();
    if known.lines().any(|line| line.ends_with("\toverlay")) {
        finding("overlayfs", Verdict::Ok, "in the kernel")
    } else {
        finding("overlayfs", Verdict::Warn, "not loaded; the kernel may load it when it is first used")
    }
}

/// The first line that a program prints of its version.
fn first_line(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().next().map(str::to_owned)
}

fn version(program: &'static str, arguments: &[&str], package: &str) -> Finding {
    match first_line(program, arguments) {
        Some(line) => finding(program, Verdict::Ok, line),
        None => finding(program, Verdict::Fail, format!("not found: apt-get install {package}")),
    }
}

/// runc before 1.1.12 lets a container reach the host's files (CVE-2024-21626), and before 1.2.8 lets a
/// race at start do so (CVE-2025-31133). Distributions repair older versions without a new number.
fn runc() -> Finding {
    let Some(line) = first_line("runc", &["--version"]) else {
        return finding("runc", Verdict::Fail, "not found: apt-get install runc");
    };
    let number = line.split_whitespace().last().unwrap_or_default().to_owned();
    let distribution = number.contains("+ds") || number.contains("+deb") || number.contains("ubuntu");
    if !older_than(&number, [1, 2, 8]) {
        finding("runc", Verdict::Ok, line)
    } else if distribution {
        let note = "a version with known escapes unless your distribution has mended it: keep it updated";
        finding("runc", Verdict::Warn, format!("{line} ({note})"))
    } else {
        finding("runc", Verdict::Warn, format!("{line} has known escapes: use 1.2.8 or later"))
    }
}

fn older_than(version: &str, than: [u64; 3]) -> bool {
    let mut numbers =
        version.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse::<u64>().ok());
    let found = [(); 3].map(|()| numbers.next().unwrap_or(0));
    found < than
}

/// Fargate tasks have users of their own where the kernel can show files with their owners shifted.
fn users(layout: &Layout) -> Finding {
    const WHAT: &str = "own users";
    if !nix::unistd::geteuid().is_root() {
        return finding(WHAT, Verdict::Warn, "only root can try it out");
    }
    let data = layout.data();
    let there = data.ancestors().find(|dir| dir.exists()).unwrap_or(Path::new("/"));
    match gantry_runtime::try_own_users(there) {
        Ok(()) => finding(WHAT, Verdict::Ok, "user namespaces and idmapped mounts work"),
        Err(why) => {
            let detail = format!(
                "Fargate tasks share the host's users, and access points of EFS can't have a user: {why}"
            );
            finding(WHAT, Verdict::Warn, detail)
        }
    }
}

/// Another firewall that drops forwarded packets keeps tasks from the world outside.
fn forwarding() -> Finding {
    let rules = Command::new("nft")
        .args(["list", "ruleset"])
        .output()
        .map(|output| output.stdout)
        .unwrap_or_default();
    let rules = String::from_utf8_lossy(&rules);
    if rules.lines().any(|line| line.contains("hook forward") && line.contains("policy drop")) {
        let detail =
            "another firewall drops what is forwarded by default; tasks may not reach the world outside";
        return finding("firewall", Verdict::Warn, detail);
    }
    finding("firewall", Verdict::Ok, "nothing drops what is forwarded")
}

/// What task definitions get that ask for `initProcessEnabled`.
fn init() -> Finding {
    match Path::new("/usr/bin/tini-static").exists() {
        true => finding("init", Verdict::Ok, "/usr/bin/tini-static"),
        false => {
            let detail = "tasks with initProcessEnabled can't start: apt-get install tini";
            finding("init", Verdict::Warn, detail)
        }
    }
}

/// Whether this host can reach tasks by their private addresses: one Gantry on a host can be.
fn range(layout: &Layout) -> Finding {
    let instance = gantry_net::Instance::of(layout.data());
    let range = gantry_ec2::default_vpc_block().to_string().parse();
    match range.ok().and_then(|range| gantry_net::doctor::range_taken(&instance, range)) {
        None => {
            finding("addresses", Verdict::Ok, "the default VPC's range is free, or routed to this Gantry")
        }
        Some(found) => finding("addresses", Verdict::Warn, format!("{}: {}", found.what, found.remedy)),
    }
}

/// Repository URIs end in `.localhost`, which resolvers should know and not all do.
fn names() -> Finding {
    let name = "000000000000.dkr.ecr.us-east-1.localhost";
    let resolved =
        (name, 80).to_socket_addrs().is_ok_and(|mut found| found.any(|address| address.ip().is_loopback()));
    if resolved {
        finding("names", Verdict::Ok, format!("{name} is this machine"))
    } else {
        let detail = format!(
            "{name} does not resolve: apt-get install libnss-myhostname, or push to localhost:PORT/NAME"
        );
        finding("names", Verdict::Warn, detail)
    }
}

fn disk(layout: &Layout) -> Finding {
    const ENOUGH: u64 = 5 << 30;
    let there = layout.data().ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("/"));
    match nix::sys::statvfs::statvfs(there) {
        Ok(stat) => {
            let free = stat.blocks_available() * stat.fragment_size();
            let detail = format!("{} free in {}", bytes(free), there.display());
            finding("disk", if free < ENOUGH { Verdict::Warn } else { Verdict::Ok }, detail)
        }
        Err(error) => finding("disk", Verdict::Warn, format!("{}: {error}", there.display())),
    }
}

fn endpoint(layout: &Layout) -> Finding {
    if let Some(instance) = Instance::find(layout) {
        return finding("endpoint", Verdict::Ok, format!("Gantry is running at {}", instance.endpoint()));
    }
    match std::net::TcpListener::bind("127.0.0.1:4566") {
        Ok(_) => finding("endpoint", Verdict::Ok, "127.0.0.1:4566 is free"),
        Err(error) => finding(
            "endpoint",
            Verdict::Warn,
            format!("127.0.0.1:4566: {error}; choose another with --listen"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::older_than;

    #[test]
    fn versions_compare_by_number() {
        assert!(older_than("1.1.5+ds1", [1, 2, 8]));
        assert!(older_than("1.1.11", [1, 2, 8]));
        assert!(!older_than("1.2.8", [1, 2, 8]));
        assert!(!older_than("1.3.0-rc.1", [1, 2, 8]));
    }
}
