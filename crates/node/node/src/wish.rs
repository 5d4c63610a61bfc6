//! What is desired of one task, parsed once from what the control plane sent.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gantry_net::{Acl, AclEntry, Attachment, Group, Label, Ports, Protocol, Route, Rule, Vpc, Way};
use gantry_node_proto::v1;
use gantry_runtime::{ContainerId, TaskId};

use crate::known::{Code, Reason};

/// How long a container has between the signal to stop and SIGKILL, when its definition does not say.
const STOP_TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Desired {
    Running,
    Stopped,
    /// The control plane does not name the task any more.
    Gone,
}

#[derive(Debug, Clone)]
pub struct Task {
    pub arn: String,
    pub id: TaskId,
    pub label: Label,
    pub desired: Desired,
    /// In the order of the task definition.
    pub containers: Vec<Container>,
    pub network: Network,
    /// Everything, as it was sent.
    pub sent: Arc<v1::DesiredTask>,
}

#[derive(Debug, Clone)]
pub struct Container {
    pub name: String,
    pub id: ContainerId,
    /// Of its network, if it has one of its own.
    pub label: Label,
    pub essential: bool,
    /// By index into the task's containers.
    pub depends_on: Vec<(usize, Condition)>,
    /// Containers that it knows by another name, by index.
    pub links: Vec<(usize, String)>,
    pub stop_timeout: Duration,
    pub start_timeout: Option<Duration>,
    pub health_check: Option<HealthCheck>,
    /// `None`: when it ends, it is over.
    pub restart: Option<Restart>,
}

/// When a container that ended by itself is started again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restart {
    /// Not after these.
    pub ignored_exit_codes: Vec<i32>,
    /// Not when it ran shorter.
    pub attempt_period: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    Start,
    Complete,
    Success,
    Healthy,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthCheck {
    pub args: Vec<String>,
    pub interval: Duration,
    pub timeout: Duration,
    pub retries: u32,
    pub start_period: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Network {
    Awsvpc(Box<Interface>),
    /// The bridge of the host, where each container has a network of its own.
    Bridge,
    /// The host's own.
    Host,
    /// Loopback only.
    None,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    pub attachment: Attachment,
    pub hostname: String,
    pub dns_servers: Vec<Ipv4Addr>,
    pub search_domains: Vec<String>,
}

impl Task {
    /// The reason is what the task ends with: nothing of it is made.
    pub fn parse(sent: Arc<v1::DesiredTask>) -> Result<Self, Reason> {
        let invalid = |error: String| Reason::new(Code::ResourceInitialization, error);
        let id = TaskId::new(&sent.task_id).map_err(|error| invalid(error.to_string()))?;
        let label: Label =
            sent.task_id.parse().map_err(|error: gantry_net::ParseError| invalid(error.to_string()))?;
        let containers = containers(&sent)?;
        refuse(&sent)?;
        let network = network(&sent, &label)?;
        Ok(Self {
            arn: sent.task_arn.clone(),
            id,
            label,
            desired: match sent.desired_status() {
                v1::DesiredStatus::Stopped => Desired::Stopped,
                v1::DesiredStatus::Running | v1::DesiredStatus::Unspecified => Desired::Running,
            },
            containers,
            network,
            sent,
        })
    }

    /// The names of all networks that it has on this node.
    pub fn labels(&self) -> Vec<Label> {
        match &self.network {
            Network::Bridge => self.containers.iter().map(|it| it.label.clone()).collect(),
            Network::Awsvpc(_) | Network::Host | Network::None => vec![self.label.clone()],
        }
    }

    /// The name of the network that a container is in.
    pub fn label_of(&self, index: usize) -> &Label {
        match &self.network {
            Network::Bridge => &self.containers[index].label,
            Network::Awsvpc(_) | Network::Host | Network::None => &self.label,
        }
    }

    pub fn container_as_sent(&self, index: usize) -> &v1::Container {
        &self.sent.containers[index]
    }
}

fn not_supported(detail: impl Into<String>) -> Reason {
    Reason::new(Code::NotSupported, detail)
}

/// What this node does not do is refused, never passed over.
fn refuse(sent: &v1::DesiredTask) -> Result<(), Reason> {
    for container in &sent.containers {
        let of = |what: &str| {
            Err(not_supported(format!("{what} is not supported on this node")).of(&container.name))
        };
        if !container.links.is_empty()
            && sent.network.as_ref().is_none_or(|it| it.mode() != v1::NetworkMode::Bridge)
        {
            return of("links without the network mode bridge");
        }
        if container.disable_networking && sent.network.as_ref().is_some_and(is_shared) {
            return of("disableNetworking with a network of the task's own");
        }
        if container.gpus > 0 {
            return of("a GPU");
        }
        if !container.apparmor_profile.is_empty()
            && container.apparmor_profile != "unconfined"
            && !Path::new("/sys/module/apparmor").exists()
        {
            return of("an AppArmor profile (the kernel has none)");
        }
        if !container.selinux_labels.is_empty() && !Path::new("/sys/fs/selinux/enforce").exists() {
            return of("a label of SELinux (the kernel has none)");
        }
        if let Some(log) = &container.log_configuration
            && !matches!(log.driver.as_str(), "" | "awslogs")
            && !crate::logs::DRIVERS.contains(&log.driver.as_str())
        {
            return of(&format!("the log driver {}", log.driver));
        }
        if let Some(log) = &container.log_configuration
            && let Err(why) = crate::logs::beginning(&log.options)
        {
            return Err(Reason::new(Code::ResourceInitialization, why).of(&container.name));
        }
    }
    Ok(())
}

/// Whether its containers share one interface, which a single one can't be without.
fn is_shared(network: &v1::Network) -> bool {
    network.mode() == v1::NetworkMode::Awsvpc
}

fn containers(sent: &v1::DesiredTask) -> Result<Vec<Container>, Reason> {
    let index: HashMap<&str, usize> = sent
        .containers
        .iter()
        .enumerate()
        .map(|(index, container)| (container.name.as_str(), index))
        .collect();
    let containers = sent
        .containers
        .iter()
        .map(|container| parse(sent, container, &index).map_err(|it| it.of(&container.name)))
        .collect::<Result<Vec<_>, _>>()?;
    if containers.is_empty() {
        return Err(Reason::new(Code::ResourceInitialization, "the task has no containers"));
    }
    if circular(&containers) {
        return Err(Reason::new(
            Code::ResourceInitialization,
            "the containers depend on each other in a circle",
        ));
    }
    Ok(containers)
}

fn parse(
    sent: &v1::DesiredTask,
    container: &v1::Container,
    index: &HashMap<&str, usize>,
) -> Result<Container, Reason> {
    let invalid = |error: String| Reason::new(Code::ResourceInitialization, error);
    let mut depends_on = Vec::new();
    for dependency in &container.depends_on {
        let on = *index.get(dependency.container.as_str()).ok_or_else(|| {
            let name = &dependency.container;
            invalid(format!("it depends on {name}, which the task does not have"))
        })?;
        use v1::dependency::Condition as Sent;
        let condition = match dependency.condition() {
            Sent::Start | Sent::Unspecified => Condition::Start,
            Sent::Complete => Condition::Complete,
            Sent::Success => Condition::Success,
            Sent::Healthy => Condition::Healthy,
        };
        let checked = sent.containers[on].health_check.is_some();
        if condition == Condition::Healthy && !checked {
            let name = &dependency.container;
            return Err(invalid(format!("it depends on the health of {name}, which has no health check")));
        }
        depends_on.push((on, condition));
    }
    let mut links = Vec::new();
    for link in &container.links {
        let (name, alias) = link.split_once(':').unwrap_or((link.as_str(), link.as_str()));
        let to = *index
            .get(name)
            .ok_or_else(|| invalid(format!("it is linked to {name}, which the task does not have")))?;
        links.push((to, alias.to_owned()));
        // As Docker starts nothing before what it is linked to.
        if !depends_on.iter().any(|(on, _)| *on == to) {
            depends_on.push((to, Condition::Start));
        }
    }
    let id = container_id(&sent.task_id, &container.name)?;
    let seconds = |seconds: u32| Duration::from_secs(seconds.into());
    Ok(Container {
        name: container.name.clone(),
        label: id.as_str().parse().map_err(|error: gantry_net::ParseError| invalid(error.to_string()))?,
        id,
        essential: container.essential,
        depends_on,
        links,
        stop_timeout: container.stop_timeout_seconds.map_or(STOP_TIMEOUT, seconds),
        start_timeout: container.start_timeout_seconds.map(seconds),
        health_check: container.health_check.as_ref().and_then(health_check),
        restart: container.restart_policy.as_ref().map(|policy| Restart {
            ignored_exit_codes: policy.ignored_exit_codes.clone(),
            attempt_period: seconds(policy.attempt_period_seconds),
        }),
    })
}

/// The task's id and ten digits that follow from the container's name: so it is the same after a crash at any point.
fn container_id(task: &str, name: &str) -> Result<ContainerId, Reason> {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in task.bytes().chain([0]).chain(name.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash ^= hash >> 29;
    ContainerId::new(format!("{task}-{:010}", hash % 10_000_000_000))
        .map_err(|error| Reason::new(Code::ResourceInitialization, error.to_string()))
}

fn health_check(sent: &v1::HealthCheck) -> Option<HealthCheck> {
    let (kind, rest) = sent.command.split_first()?;
    let args = match kind.as_str() {
        "NONE" => return None,
        "CMD" => rest.to_vec(),
        "CMD-SHELL" => vec!["/bin/sh".to_owned(), "-c".to_owned(), rest.join(" ")],
        _ => vec!["/bin/sh".to_owned(), "-c".to_owned(), sent.command.join(" ")],
    };
    if args.is_empty() {
        return None;
    }
    let or =
        |seconds: u32, default: u64| Duration::from_secs(if seconds == 0 { default } else { seconds.into() });
    Some(HealthCheck {
        args,
        interval: or(sent.interval_seconds, 30),
        timeout: or(sent.timeout_seconds, 5),
        retries: if sent.retries == 0 { 3 } else { sent.retries },
        start_period: Duration::from_secs(sent.start_period_seconds.into()),
    })
}

fn circular(containers: &[Container]) -> bool {
    let mut settled = vec![false; containers.len()];
    loop {
        let before = settled.iter().filter(|it| **it).count();
        for (index, container) in containers.iter().enumerate() {
            settled[index] |= container.depends_on.iter().all(|(on, _)| settled[*on]);
        }
        let after = settled.iter().filter(|it| **it).count();
        if after == containers.len() {
            return false;
        }
        if after == before {
            return true;
        }
    }
}

fn network(sent: &v1::DesiredTask, label: &Label) -> Result<Network, Reason> {
    let invalid = |error: String| Reason::new(Code::ResourceInitialization, error);
    let network = sent.network.as_ref();
    match network.map_or(v1::NetworkMode::Unspecified, v1::Network::mode) {
        v1::NetworkMode::Awsvpc => {}
        v1::NetworkMode::Host => return Ok(Network::Host),
        v1::NetworkMode::None => return Ok(Network::None),
        v1::NetworkMode::Bridge => return Ok(Network::Bridge),
        v1::NetworkMode::Unspecified => {
            return Err(invalid("the task has no network mode".to_owned()));
        }
    }
    let interface = network
        .and_then(|network| network.interface.as_ref())
        .ok_or_else(|| invalid("the task has no interface".to_owned()))?;
    parse_interface(interface, label)
        .map(|interface| Network::Awsvpc(Box::new(interface)))
        .map_err(|error| invalid(error.to_string()))
}

pub(crate) type Parsed<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// An interface as the network takes it, with the names that its owner goes by.
pub(crate) fn parse_interface(sent: &v1::Interface, label: &Label) -> Parsed<Interface> {
    let public = match sent.public_ipv4.as_str() {
        "" => None,
        address => Some(address.parse()?),
    };
    let groups = sent
        .security_groups
        .iter()
        .map(|group| {
            let rules = |rules: &[v1::Rule]| rules.iter().map(rule).collect::<Parsed<Vec<_>>>();
            Ok(Group { ingress: rules(&group.ingress)?, egress: rules(&group.egress)? })
        })
        .collect::<Parsed<Vec<_>>>()?;
    Ok(Interface {
        attachment: Attachment {
            task: label.clone(),
            vpc: Vpc { id: sent.vpc_id.parse()?, cidr: sent.vpc_cidr.parse()? },
            subnet: sent.subnet_cidr.parse()?,
            gateway: sent.gateway.parse()?,
            mac: sent.mac.parse()?,
            private_ipv4: sent.private_ipv4.parse()?,
            public_ipv4: public,
            groups,
            routes: sent.routes.iter().map(route).collect::<Parsed<_>>()?,
            acl: sent.network_acl.as_ref().map(acl).transpose()?,
            balances: false,
        },
        hostname: sent.hostname.clone(),
        dns_servers: sent.dns_servers.iter().map(|server| server.parse()).collect::<Result<_, _>>()?,
        search_domains: sent.search_domains.clone(),
    })
}

fn route(sent: &v1::Route) -> Parsed<Route> {
    let way = match sent.way() {
        v1::Way::Nowhere => Way::Nowhere,
        v1::Way::Internet => Way::Internet,
        v1::Way::Nat => Way::Nat(sent.nat_ipv4.parse()?),
    };
    Ok(Route { to: sent.destination.parse()?, way })
}

fn acl(sent: &v1::NetworkAcl) -> Parsed<Acl> {
    let entry = |sent: &v1::AclEntry| {
        let protocol = protocol(&sent.protocol, sent.from_port, sent.to_port)?;
        Ok(AclEntry { allow: sent.allow, protocol, peer: sent.ipv4_cidr.parse()? })
    };
    let entries = |sent: &[v1::AclEntry]| sent.iter().map(entry).collect::<Parsed<_>>();
    Ok(Acl { ingress: entries(&sent.ingress)?, egress: entries(&sent.egress)? })
}

fn protocol(name: &str, from: i32, to: i32) -> Parsed<Protocol> {
    let ports = || -> Parsed<Ports> {
        match (from, to) {
            (-1, _) | (_, -1) => Ok(Ports::ALL),
            (from, to) => Ok(Ports { from: from.try_into()?, to: to.try_into()? }),
        }
    };
    Ok(match name {
        "-1" | "all" => Protocol::Any,
        "tcp" | "6" => Protocol::Tcp(ports()?),
        "udp" | "17" => Protocol::Udp(ports()?),
        "icmp" | "1" => Protocol::Icmp(match (from, to) {
            (-1, _) => None,
            (kind, -1) => Some((kind.try_into()?, None)),
            (kind, code) => Some((kind.try_into()?, Some(code.try_into()?))),
        }),
        // Of IPv6, which no VPC has.
        "icmpv6" => Protocol::Number(58),
        number => Protocol::Number(number.parse()?),
    })
}

fn rule(sent: &v1::Rule) -> Parsed<Rule> {
    let protocol = protocol(&sent.protocol, sent.from_port, sent.to_port)?;
    let mut peers = Vec::new();
    for cidr in &sent.ipv4_cidrs {
        peers.push(cidr.parse()?);
    }
    for member in &sent.member_ipv4 {
        peers.push(gantry_net::Cidr::host(member.parse()?));
    }
    Ok(Rule { protocol, peers })
}

#[cfg(test)]
#[path = "wish_tests.rs"]
mod tests;
