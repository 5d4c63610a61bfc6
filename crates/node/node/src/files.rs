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

use crate::container::short_id;
use crate::known::Known;
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
        let upstreams = task.sent.upstreams.iter();
        let extra: Vec<(&str, &str)> =
            upstreams.map(|one| (one.listen_ipv4.as_str(), one.name.as_str())).collect();
        once(&dir.join("hosts"), &hosts(address, &interface.hostname, &extra), owner)?;
        once(&dir.join("hostname"), &format!("{}\n", interface.hostname), owner)
    }

    /// Mounts of what [`Files::write`] wrote, and what this container alone asks for.
    pub fn etc(&self, task: &Task, known: &Known, index: usize) -> io::Result<Vec<Mount>> {
        let owner = known.first_user;
        let interface = match &task.network {
            Network::Awsvpc(interface) => interface,
            Network::Bridge => return self.etc_on_the_bridge(task, known, index),
            Network::Host | Network::None => return self.etc_of_its_own(task, index, owner),
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

    /// As Docker has it on its bridge: the host's resolvers, the container itself and those that it is linked to.
    fn etc_on_the_bridge(&self, task: &Task, known: &Known, index: usize) -> io::Result<Vec<Mount>> {
        let (sent, container) = (task.container_as_sent(index), &task.containers[index]);
        let owner = known.first_user;
        let dir = self.task(task).join(format!("etc-{}", plain(&sent.name)));
        private_dir(&dir)?;
        let mut servers: Vec<Ipv4Addr> = sent.dns_servers.iter().filter_map(|it| it.parse().ok()).collect();
        let (of_host, mut search) = resolvers_of_host();
        if servers.is_empty() {
            servers = of_host;
        }
        if !sent.dns_search_domains.is_empty() {
            search.clone_from(&sent.dns_search_domains);
        }
        once(&dir.join("resolv.conf"), &resolv_conf(&servers, &search), owner)?;

        let short = |index: usize| short_id(&task.containers[index].id);
        let own = match sent.hostname.as_str() {
            "" => short(index),
            name => name.to_owned(),
        };
        let mut names = String::from("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n");
        for entry in &sent.extra_hosts {
            names.push_str(&format!("{}\t{}\n", entry.ip, entry.hostname));
        }
        for (to, alias) in &container.links {
            if let Some(address) = known.containers[*to].address {
                let name = &task.containers[*to].name;
                let name = if name == alias { String::new() } else { format!(" {name}") };
                names.push_str(&format!("{address}\t{alias} {}{name}\n", short(*to)));
            }
        }
        if let Some(address) = known.containers[index].address {
            names.push_str(&format!("{address}\t{own}\n"));
        }
        once(&dir.join("hosts"), &names, owner)?;
        once(&dir.join("hostname"), &format!("{own}\n"), owner)?;
        Ok(vec![
            bind(dir.join("resolv.conf"), "/etc/resolv.conf"),
            bind(dir.join("hosts"), "/etc/hosts"),
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
            Network::Awsvpc(_) | Network::Bridge | Network::None => String::new(),
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

/// The host's name servers and search domains, as a container can use them: not those on the host's loopback, in front
/// of which systemd's resolver keeps a list of its own; and without any, Google's, as Docker does.
fn resolvers_of_host() -> (Vec<Ipv4Addr>, Vec<String>) {
    let read = |path: &str| {
        let text = fs::read_to_string(path).unwrap_or_default();
        let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let lines: Vec<Vec<String>> = text.lines().map(words).collect();
        let of = |key: &str| {
            let lines = lines.iter().filter(|line| line.first().is_some_and(|it| it == key));
            lines.flat_map(|line| line[1..].to_vec()).collect::<Vec<String>>()
        };
        let servers =
            of("nameserver").iter().filter_map(|it| it.parse::<Ipv4Addr>().ok()).collect::<Vec<_>>();
        let usable = servers.into_iter().filter(|it| !it.is_loopback()).collect::<Vec<_>>();
        (usable, of("search"))
    };
    let (mut servers, search) = read("/etc/resolv.conf");
    if servers.is_empty() {
        servers = read("/run/systemd/resolve/resolv.conf").0;
    }
    if servers.is_empty() {
        servers = vec![Ipv4Addr::new(8, 8, 8, 8), Ipv4Addr::new(8, 8, 4, 4)];
    }
    (servers, search)
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
