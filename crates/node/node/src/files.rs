//! The directories and files that a task has on this node.
//!
//! ```text
//! <data>/tasks/<task>/resolv.conf hosts hostname    what its containers see below /etc
//! <data>/tasks/<task>/volumes/<name>/               volumes that live as long as the task
//! <data>/tasks/<task>/image-volumes/<container>/    what images say is a volume
//! <data>/volumes/<name>/                            volumes that outlive it
//! <data>/output/<task>/<container>.stdout .stderr   until they are shipped
//! ```

use std::fs;
use std::io;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use gantry_runtime::Mount;

use crate::ledger::private_dir;
use crate::wish::{Network, Task};

#[derive(Debug, Clone)]
pub struct Files {
    data_dir: PathBuf,
}

impl Files {
    pub fn new(data_dir: &Path) -> Self {
        Self { data_dir: data_dir.to_owned() }
    }

    fn task(&self, task: &Task) -> PathBuf {
        self.data_dir.join("tasks").join(task.id.as_str())
    }

    pub fn output_dir(&self, task: &Task) -> PathBuf {
        self.data_dir.join("output").join(task.id.as_str())
    }

    pub fn scratch_volume(&self, task: &Task, name: &str) -> PathBuf {
        self.task(task).join("volumes").join(plain(name))
    }

    /// For a path of which the container's image says that it is a volume.
    pub fn anonymous_volume(&self, task: &Task, container: &str, path: &str) -> PathBuf {
        self.task(task).join("image-volumes").join(plain(container)).join(plain(path))
    }

    pub fn named_volume(&self, name: &str) -> PathBuf {
        self.data_dir.join("volumes").join(plain(name))
    }

    /// Writes what the containers see below `/etc`, and makes the directory of their output. What is there already may
    /// have been changed by the containers since, and stays.
    pub fn write(&self, task: &Task, owner: Option<u32>) -> io::Result<()> {
        let dir = self.task(task);
        private_dir(&self.output_dir(task))?;
        private_dir(&dir)?;
        let Network::Awsvpc(interface) = &task.network else {
            return Ok(());
        };
        let address = interface.attachment.private_ipv4;
        let resolver = interface.attachment.vpc.resolver();
        let servers = match interface.dns_servers.as_slice() {
            [] => vec![resolver],
            servers => servers.to_vec(),
        };
        once(&dir.join("resolv.conf"), &resolv_conf(&servers, &interface.search_domains), owner)?;
        once(&dir.join("hosts"), &hosts(address, &interface.hostname, &[]), owner)?;
        once(&dir.join("hostname"), &format!("{}\n", interface.hostname), owner)
    }

    /// Mounts of what [`Files::write`] wrote, and what this container alone asks for.
    pub fn etc(&self, task: &Task, index: usize, owner: Option<u32>) -> io::Result<Vec<Mount>> {
        let Network::Awsvpc(interface) = &task.network else {
            return self.etc_of_its_own(task, index, owner);
        };
        let dir = self.task(task);
        let sent = task.container_as_sent(index);
        let own = dir.join(format!("etc-{}", plain(&sent.name)));
        let mut resolv = dir.join("resolv.conf");
        let mut hosts_file = dir.join("hosts");
        let servers: Vec<Ipv4Addr> = sent.dns_servers.iter().filter_map(|it| it.parse().ok()).collect();
        if !servers.is_empty() || !sent.dns_search_domains.is_empty() {
            private_dir(&own)?;
            resolv = own.join("resolv.conf");
            let servers = match servers.as_slice() {
                [] => &[interface.attachment.vpc.resolver()],
                servers => servers,
            };
            once(&resolv, &resolv_conf(servers, &sent.dns_search_domains), owner)?;
        }
        if !sent.extra_hosts.is_empty() {
            private_dir(&own)?;
            hosts_file = own.join("hosts");
            let extra: Vec<(&str, &str)> =
                sent.extra_hosts.iter().map(|entry| (entry.ip.as_str(), entry.hostname.as_str())).collect();
            let address = interface.attachment.private_ipv4;
            once(&hosts_file, &hosts(address, &interface.hostname, &extra), owner)?;
        }
        Ok(vec![
            bind(resolv, "/etc/resolv.conf"),
            bind(hosts_file, "/etc/hosts"),
            bind(dir.join("hostname"), "/etc/hostname"),
        ])
    }

    /// Without an interface: what the host has, or nothing, and what the container asks for.
    fn etc_of_its_own(&self, task: &Task, index: usize, owner: Option<u32>) -> io::Result<Vec<Mount>> {
        let sent = task.container_as_sent(index);
        let dir = self.task(task).join(format!("etc-{}", plain(&sent.name)));
        private_dir(&dir)?;
        let of_host = |path: &str| match task.network {
            Network::Host => fs::read_to_string(path).unwrap_or_default(),
            Network::Awsvpc(_) | Network::None => String::new(),
        };
        let servers: Vec<Ipv4Addr> = sent.dns_servers.iter().filter_map(|it| it.parse().ok()).collect();
        let resolv = match servers.is_empty() && sent.dns_search_domains.is_empty() {
            true => of_host("/etc/resolv.conf"),
            false => resolv_conf(&servers, &sent.dns_search_domains),
        };
        let extra: Vec<(&str, &str)> =
            sent.extra_hosts.iter().map(|entry| (entry.ip.as_str(), entry.hostname.as_str())).collect();
        let mut names = of_host("/etc/hosts");
        if names.is_empty() {
            names = hosts(Ipv4Addr::LOCALHOST, &sent.hostname, &extra);
        } else {
            for (ip, name) in &extra {
                names.push_str(&format!("{ip} {name}\n"));
            }
        }
        once(&dir.join("resolv.conf"), &resolv, owner)?;
        once(&dir.join("hosts"), &names, owner)?;
        Ok(vec![bind(dir.join("resolv.conf"), "/etc/resolv.conf"), bind(dir.join("hosts"), "/etc/hosts")])
    }

    /// Removes all but the output.
    pub fn remove(&self, task: &Task) -> io::Result<()> {
        match fs::remove_dir_all(self.task(task)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

fn bind(source: PathBuf, target: &str) -> Mount {
    Mount::Bind { source, target: PathBuf::from(target), read_only: false }
}

/// Writes a file that is not there yet, whole or not at all, and gives it to its containers' root.
fn once(path: &Path, text: &str, owner: Option<u32>) -> io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    let staged = path.with_extension("new");
    fs::write(&staged, text)?;
    if owner.is_some() {
        std::os::unix::fs::chown(&staged, owner, owner)?;
    }
    fs::rename(&staged, path)
}

/// A name as one part of a path, whatever is in it.
fn plain(name: &str) -> String {
    name.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => char::from(byte).to_string(),
            _ => format!("%{byte:02x}"),
        })
        .collect()
}

fn resolv_conf(servers: &[Ipv4Addr], search: &[String]) -> String {
    let mut text = String::new();
    if !search.is_empty() {
        text.push_str(&format!("search {}\n", search.join(" ")));
    }
    for server in servers {
        text.push_str(&format!("nameserver {server}\n"));
    }
    text
}

fn hosts(address: Ipv4Addr, hostname: &str, extra: &[(&str, &str)]) -> String {
    let mut text = String::from("127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n");
    if !hostname.is_empty() {
        text.push_str(&format!("{address} {hostname}\n"));
    }
    for (ip, name) in extra {
        text.push_str(&format!("{ip} {name}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_in_their_directory() {
        assert_eq!(plain("my-Data_1"), "my-Data_1");
        assert_eq!(plain("../x"), "%2e%2e%2fx");
    }

    #[test]
    fn what_a_container_changed_stays() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("resolv.conf");
        once(&path, "ours", None).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "ours");
        fs::write(&path, "the container's").unwrap();
        once(&path, "ours", None).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "the container's");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn files_below_etc() {
        let server = Ipv4Addr::new(172, 31, 0, 2);
        assert_eq!(
            resolv_conf(&[server], &["ec2.internal".to_owned()]),
            "search ec2.internal\nnameserver 172.31.0.2\n"
        );
        let text = hosts(server, "ip-1.ec2.internal", &[("1.2.3.4", "x")]);
        assert!(text.ends_with("172.31.0.2 ip-1.ec2.internal\n1.2.3.4 x\n"));
    }
}
