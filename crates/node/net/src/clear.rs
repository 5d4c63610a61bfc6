//! Leaving the host as it was: every network of one instance removed, in whatever state it is.

use std::fs;
use std::path::Path;

use crate::error::{NetError, Result};
use crate::name::{self, Instance};
use crate::namespace::{Namespace, apart};
use crate::netlink::{Change, Netlink};
use crate::{Config, firewall, rules};

/// Removes all networks of an instance, whatever of them is there, and the directory of their names. Answers what is
/// left all the same. Call it when nothing attaches tasks any more.
pub async fn clear(config: Config) -> Vec<String> {
    let cleared = apart("net-clear", move || {
        for (what, outcome) in steps(&config) {
            if let Err(error) = outcome {
                tracing::warn!(%error, "{what} could not be removed");
            }
        }
        Ok(left(&config))
    });
    cleared.await.unwrap_or_else(|error| vec![format!("networks: {error}")])
}

/// What of an instance's networks is on this host: interfaces (with their routes), the table, and namespaces.
pub fn left(config: &Config) -> Vec<String> {
    let interfaces = interfaces(&config.instance).into_iter().map(|name| format!("interface {name}"));
    let table = name::host_table(&config.instance);
    let table = firewall::has_table(&table).then(|| format!("nftables table ip {table}"));
    let names = names(&config.run_dir).into_iter().map(|name| format!("network namespace {name}"));
    let dir = config.run_dir.exists().then(|| format!("directory {}", config.run_dir.display()));
    interfaces.chain(table).chain(names).chain(dir).collect()
}

/// Each step is taken whether the others work or not.
fn steps(config: &Config) -> Vec<(String, Result<()>)> {
    let mut steps = Vec::new();
    for interface in interfaces(&config.instance) {
        let removed = Netlink::open()
            .map_err(NetError::kernel("open a netlink socket"))
            .and_then(|mut netlink| netlink.apply(vec![Change::delete_link(&interface)]));
        steps.push((format!("interface {interface}"), removed));
    }
    for name in names(&config.run_dir) {
        let removed = Namespace::remove(&config.run_dir.join(&name));
        steps.push((format!("network namespace {name}"), removed));
    }
    if firewall::has_table(&name::host_table(&config.instance)) {
        let removed = firewall::apply(&rules::host(&config.instance, &rules::Host::default()));
        steps.push(("the host's table".to_owned(), removed));
    }
    for name in listed(&config.run_dir).into_iter().filter(|name| is_record(name)) {
        let path = config.run_dir.join(&name);
        let removed = fs::remove_file(&path).map_err(NetError::file(&path));
        steps.push((format!("record {name}"), removed));
    }
    let removed = match fs::remove_dir(&config.run_dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(NetError::file(&config.run_dir)(error))
        }
        _ => Ok(()),
    };
    steps.push(("the directory of namespaces".to_owned(), removed));
    steps
}

/// Of routers and of the bridge, which comes last: its ports are gone then.
fn interfaces(instance: &Instance) -> Vec<String> {
    let (routers, ports) = (name::uplinks(instance), name::bridge_ports(instance));
    let bridge = name::bridge(instance);
    let ours = |name: &String| name.starts_with(&routers) || name.starts_with(&ports) || *name == bridge;
    // Those of this namespace; /sys may be another's.
    let table = fs::read_to_string("/proc/thread-self/net/dev").unwrap_or_default();
    let names = table.lines().filter_map(|line| Some(line.split_once(':')?.0.trim().to_owned()));
    let mut all: Vec<String> = names.filter(ours).collect();
    all.sort_by_key(|name| *name == bridge);
    all
}

fn names(run_dir: &Path) -> Vec<String> {
    listed(run_dir).into_iter().filter(|name| name.starts_with("t-") || name.starts_with("r-")).collect()
}

/// Of a container on the bridge, whole or cut off.
fn is_record(name: &str) -> bool {
    name.starts_with("b-") || name.starts_with("new-b-")
}

fn listed(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}
