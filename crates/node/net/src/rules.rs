//! The nftables rule sets, as text: functions of what is attached.
//!
//! Every set begins by removing the table that it writes, in the same transaction, so that it replaces all at once.
//! Only typed values enter the text.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::net::Ipv4Addr;

use crate::behalf::{self, Behalf};
use crate::name::{self, Instance};
use crate::overlay::{self, Guarded, OverlayNode};
use crate::{
    Attachment, CONNECT, CONNECT_RANGE, Cidr, Direction, EndpointPort, GANTRY, METADATA, Ports, Protocol,
    Route, TASK_ENDPOINT, Way, acl, groups,
};

/// The rules of a task's own namespace: the ports that containers know lead to the ones that the agent takes.
pub(crate) fn of_task() -> String {
    let leads = |port: EndpointPort| {
        let EndpointPort { known, taken } = port;
        format!("ip daddr {TASK_ENDPOINT} tcp dport {known} dnat to {TASK_ENDPOINT}:{taken}")
    };
    format!(
        "add table ip gantry\ndelete table ip gantry\ntable ip gantry {{\n  chain endpoint {{\n    \
         type nat hook output priority -100;\n    {}\n    {}\n    ip daddr {CONNECT_RANGE} tcp dport 1-65535 \
         dnat to {CONNECT}\n  }}\n}}\n",
        leads(METADATA),
        leads(GANTRY)
    )
}

/// The router's rules: network ACLs, security groups, routes, public addresses.
///
/// A packet from a task passes the ACL of its subnet, `egress`, and then either `ingress` of another task with the ACL
/// of that one's subnet, or a way out of the VPC; one from outside only the ACL and `ingress`. What no rule lets through
/// is dropped, also while a task's own rules are not here yet. What is dropped is counted, and what opens a connection by
/// a group's rule; counts begin anew when rules change. Link-local addresses are never passed on: behind one of
/// them the host may have credentials of its own.
///
/// From outside nobody comes to a private address, be it a task of another VPC or a machine that takes this host for
/// its gateway; but this host itself does, to tasks in subnets with a way to the internet.
///
/// What is for a task on another node leaves by `x0` once this node's rules let it go, and is held against the other's
/// there.
pub(crate) fn router<'a>(
    way: &Place,
    tasks: impl IntoIterator<Item = &'a Attachment>,
    elsewhere: &[OverlayNode],
) -> String {
    let tasks: Vec<&Attachment> = tasks.into_iter().collect();
    let mut parts = Parts { behalf: Behalf::of(tasks.iter().copied(), elsewhere), ..Parts::default() };
    for task in tasks {
        parts.add(way, task);
    }
    for task in elsewhere.iter().flat_map(|node| &node.tasks) {
        if let Some(public) = task.public_ipv4 {
            parts.public_in.push(format!("{public} : {}", task.private_ipv4));
        }
        if task.open {
            parts.open.push(task.private_ipv4.to_string());
        }
    }
    let mut text = String::from("add table inet gantry\ndelete table inet gantry\ntable inet gantry {\n");
    map(&mut text, "ipv4_addr : verdict", "ingress_of", parts.ingress);
    map(&mut text, "ipv4_addr : verdict", "egress_of", parts.egress);
    map(&mut text, "ipv4_addr : verdict", "ways_of", parts.ways);
    map(&mut text, "ipv4_addr : verdict", "acl_in_of", parts.acl_in);
    map(&mut text, "ipv4_addr : verdict", "acl_out_of", parts.acl_out);
    map(&mut text, "ipv4_addr : ipv4_addr", "public_in", parts.public_in);
    map(&mut text, "ipv4_addr : ipv4_addr", "public_out", parts.public_out);
    map(&mut text, "mark : ipv4_addr", "nat", parts.nat.into_iter().collect());
    for (kind, name, elements) in parts.behalf.maps() {
        map(&mut text, kind, name, elements);
    }
    text.push_str("set open {\n  type ipv4_addr;\n");
    if !parts.open.is_empty() {
        push(&mut text, format_args!("  elements = {{ {} }}\n", parts.open.join(", ")));
    }
    text.push_str("}\n");
    // A chain stands before those that name it; `ingress` names chains of groups only through its map.
    text.push_str(INGRESS);
    for (name, body) in parts.chains {
        push(&mut text, format_args!("chain {name} {{\n{body}}}\n"));
    }
    push(
        &mut text,
        format_args!(
            "chain forward {{
  type filter hook forward priority filter; policy drop;
  iifname \"t*\" ip saddr vmap @acl_out_of
  oifname \"t*\" ip daddr vmap @acl_in_of
  oifname \"x0\" tcp flags & (syn | rst) == syn tcp option maxseg size set rt mtu
  {}
  ct state established,related accept
  ct state invalid counter drop
  ip daddr 169.254.0.0/16 counter drop
  iifname \"x0\" goto ingress
  iifname \"up0\" ct status dnat goto ingress
  iifname \"up0\" ip saddr {} ip daddr @open goto ingress
  iifname vmap @sends
  iifname \"t*\" ip saddr vmap @egress_of
  counter drop
}}
",
            behalf::TELL,
            way.host,
        ),
    );
    text.push_str(FIXED);
    text.push_str(&behalf::answers(way.vpc));
    text.push_str("}\n");
    text
}

/// What tasks add to the rules of their router.
#[derive(Default)]
struct Parts {
    /// By name; a name says all that is in the chain, so that tasks with the same rules share it.
    chains: BTreeMap<String, String>,
    ingress: Vec<String>,
    egress: Vec<String>,
    ways: Vec<String>,
    acl_in: Vec<String>,
    acl_out: Vec<String>,
    public_in: Vec<String>,
    public_out: Vec<String>,
    nat: BTreeSet<String>,
    open: Vec<String>,
    behalf: Behalf,
}

impl Parts {
    fn add(&mut self, way: &Place, task: &Attachment) {
        let ip = task.private_ipv4;
        let (chain, body) = groups::chain(task, Direction::Ingress, &self.behalf.marks);
        self.ingress.push(format!("{ip} : goto {chain}"));
        self.chains.insert(chain, body);
        let (chain, body) = groups::chain(task, Direction::Egress, &self.behalf.marks);
        if task.balances {
            self.behalf.sends(task, &chain);
        }
        self.egress.push(format!("{ip} : goto {chain}"));
        self.chains.insert(chain, body);
        let body = ways(way, task);
        let chain = format!("w_{}", name::hash(body.as_bytes(), 16));
        self.ways.push(format!("{ip} : goto {chain}"));
        self.chains.insert(chain, body);
        for (direction, elements) in
            [(Direction::Ingress, &mut self.acl_in), (Direction::Egress, &mut self.acl_out)]
        {
            if let Some(body) = task.acl.as_ref().and_then(|acl| acl::chain(acl, task.subnet, direction)) {
                let chain = format!("a_{}", name::hash(body.as_bytes(), 16));
                elements.push(format!("{ip} : jump {chain}"));
                self.chains.insert(chain, body);
            }
        }
        if let Some(public) = task.public_ipv4 {
            self.public_in.push(format!("{public} : {ip}"));
            self.public_out.push(format!("{ip} : {public}"));
        }
        for route in &task.routes {
            if let Way::Nat(address) = route.way {
                self.nat.insert(format!("{} : {address}", mark(address)));
            }
        }
        if task.is_public() {
            self.open.push(ip.to_string());
        }
    }
}

/// The mark of connections that leave by a NAT gateway with this address.
fn mark(address: Ipv4Addr) -> u32 {
    address.to_bits()
}

/// The chain for what leaves the VPC: the most specific route first.
fn ways(place: &Place, task: &Attachment) -> String {
    let mut body = String::new();
    // What is in the VPC and not here is nowhere else.
    push(&mut body, format_args!("  ip daddr {} drop\n", place.vpc.network()));
    let mut routes = task.routes.clone();
    routes.sort_by_key(|route| std::cmp::Reverse(route.to.prefix()));
    for Route { to, way } in routes {
        body.push_str("  ");
        if to.prefix() > 0 {
            push(&mut body, format_args!("ip daddr {} ", to.network()));
        }
        match way {
            Way::Internet if task.public_ipv4.is_some() => body.push_str("accept\n"),
            Way::Internet | Way::Nowhere => body.push_str("drop\n"),
            Way::Nat(address) => push(&mut body, format_args!("ct mark set {} accept\n", mark(address))),
        }
    }
    body.push_str("  drop\n");
    body
}

/// Where the router stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub vpc: Cidr,
    /// The host's address on the uplink.
    pub host: Ipv4Addr,
}

const INGRESS: &str = "\
chain ingress {
  ip daddr vmap @ingress_of
  iifname \"x0\" counter drop
  oifname \"x0\" accept
  oifname \"up0\" ip saddr vmap @ways_of
  counter drop
}
";

const FIXED: &str = "\
chain input {
  type filter hook input priority filter; policy drop;
  ct state established,related accept
  iifname \"lo\" accept
  icmp type echo-request accept
  iifname \"t*\" meta l4proto { tcp, udp } th dport 53 accept
}
chain prerouting {
  type nat hook prerouting priority dstnat; policy accept;
  iifname \"up0\" dnat ip to ip daddr map @public_in
}
chain postrouting {
  type nat hook postrouting priority srcnat; policy accept;
  oifname \"up0\" snat ip to ct mark map @nat
  oifname \"up0\" snat ip to ip saddr map @public_out
}
";

/// What the host's rules are made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Host {
    pub routers: bool,
    /// The range of the bridge, if there is one.
    pub bridge: Option<Cidr>,
    /// Ports of the host, and the address and port that each leads to.
    pub tcp: BTreeMap<u16, (Ipv4Addr, u16)>,
    pub udp: BTreeMap<u16, (Ipv4Addr, u16)>,
    /// Networks with other nodes, by their numbers.
    pub overlays: BTreeMap<u32, Guarded>,
}

/// The host's rules of one instance: what comes from a router or from the bridge and leaves for elsewhere takes the
/// host's address, and published ports lead to their containers, from wherever the host is asked: from other machines,
/// from itself, and from the containers. Without routers and bridge there is no table.
pub(crate) fn host(instance: &Instance, wanted: &Host) -> String {
    let table = name::host_table(instance);
    let mut text = format!("add table ip {table}\ndelete table ip {table}\n");
    if wanted.routers || wanted.bridge.is_some() {
        let uplinks = name::uplinks(instance);
        push(
            &mut text,
            format_args!(
                "table ip {table} {{
chain postrouting {{
  type nat hook postrouting priority srcnat; policy accept;
  iifname \"{uplinks}*\" oifname != \"{uplinks}*\" masquerade
}}
"
            ),
        );
        if !wanted.overlays.is_empty() {
            text.push_str(&overlay::guard(&wanted.overlays));
        }
        if let Some(range) = wanted.bridge {
            bridge(&mut text, &name::bridge(instance), range, wanted);
        }
        text.push_str("}\n");
    }
    text
}

/// Loopback addresses lead over the bridge, from the host alone: what comes from a container and is for the host's own
/// loopback is dropped, and so are link-local addresses, behind one of which the host may have credentials of its own.
fn bridge(text: &mut String, device: &str, range: Cidr, wanted: &Host) {
    for (name, ports) in [("tcp_ports", &wanted.tcp), ("udp_ports", &wanted.udp)] {
        let elements = ports.iter().map(|(port, (address, to))| format!("{port} : {address} . {to}"));
        map(text, "inet_service : ipv4_addr . inet_service", name, elements.collect());
    }
    let published = "  fib daddr type local dnat ip to tcp dport map @tcp_ports
  fib daddr type local dnat ip to udp dport map @udp_ports";
    push(
        text,
        format_args!(
            "chain guard {{
  type filter hook prerouting priority raw; policy accept;
  iifname \"{device}\" ip daddr {{ 127.0.0.0/8, 169.254.0.0/16 }} drop
}}
chain published {{
  type nat hook prerouting priority dstnat; policy accept;
{published}
}}
chain published_here {{
  type nat hook output priority -100; policy accept;
{published}
}}
chain bridged {{
  type nat hook postrouting priority srcnat; policy accept;
  ip saddr {range} oifname != \"{device}\" masquerade
  ip saddr 127.0.0.0/8 oifname \"{device}\" masquerade
  ip saddr {range} ip daddr {range} ct status dnat masquerade
}}
"
        ),
    );
}

/// What a packet of a protocol looks like.
pub(crate) fn traffic(text: &mut String, protocol: Protocol) {
    let ports = |text: &mut String, name, ports: Ports| {
        if ports == Ports::ALL {
            push(text, format_args!("meta l4proto {name} "));
        } else if ports.from == ports.to {
            push(text, format_args!("{name} dport {} ", ports.from));
        } else {
            let (low, high) = (ports.from.min(ports.to), ports.from.max(ports.to));
            push(text, format_args!("{name} dport {low}-{high} "));
        }
    };
    match protocol {
        Protocol::Any => {}
        Protocol::Tcp(range) => ports(text, "tcp", range),
        Protocol::Udp(range) => ports(text, "udp", range),
        Protocol::Icmp(None) => text.push_str("meta l4proto icmp "),
        Protocol::Icmp(Some((kind, None))) => push(text, format_args!("icmp type {kind} ")),
        Protocol::Icmp(Some((kind, Some(code)))) => {
            push(text, format_args!("icmp type {kind} icmp code {code} "));
        }
        Protocol::Number(number) => push(text, format_args!("meta l4proto {number} ")),
    }
}

fn map(text: &mut String, kind: &str, name: &str, elements: Vec<String>) {
    push(text, format_args!("map {name} {{\n  type {kind};\n"));
    if !elements.is_empty() {
        push(text, format_args!("  elements = {{ {} }}\n", elements.join(", ")));
    }
    text.push_str("}\n");
}

pub(crate) fn join(ranges: &[Cidr]) -> String {
    let texts: Vec<String> = ranges
        .iter()
        .map(|range| match range.prefix() {
            32 => range.base().to_string(),
            _ => range.to_string(),
        })
        .collect();
    texts.join(", ")
}

pub(crate) fn push(text: &mut String, args: std::fmt::Arguments<'_>) {
    text.write_fmt(args).expect("writing to a string succeeds");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Group, Rule, Vpc};

    fn task(last: u8, ingress: Vec<Rule>) -> Attachment {
        Attachment {
            task: format!("task-{last}").parse().unwrap(),
            vpc: Vpc { id: "vpc-1".parse().unwrap(), cidr: "172.31.0.0/16".parse().unwrap() },
            subnet: "172.31.0.0/20".parse().unwrap(),
            gateway: "172.31.0.1".parse().unwrap(),
            mac: crate::Mac([2, 0, 0, 0, 0, last]),
            private_ipv4: [172, 31, 0, last].into(),
            public_ipv4: None,
            groups: vec![Group { ingress, egress: vec![open(Protocol::Any)] }],
            routes: vec![Route { to: "0.0.0.0/0".parse().unwrap(), way: Way::Internet }],
            acl: None,
            balances: false,
        }
    }

    fn way() -> Place {
        Place { vpc: "172.31.0.0/16".parse().unwrap(), host: [100, 64, 0, 1].into() }
    }

    fn open(protocol: Protocol) -> Rule {
        Rule { protocol, peers: vec!["0.0.0.0/0".parse().unwrap()] }
    }

    #[test]
    fn tasks_with_the_same_groups_share_a_chain() {
        let same =
            [task(9, vec![open(Protocol::Tcp(Ports::ALL))]), task(10, vec![open(Protocol::Tcp(Ports::ALL))])];
        let text = router(&way(), &same, &[]);
        assert_eq!(text.matches("chain i_").count(), 1);
        assert_eq!(text.matches("chain e_").count(), 1);
        assert!(text.contains("172.31.0.9 : goto i_"));
        assert!(text.contains("172.31.0.10 : goto i_"));
        let other = [task(9, vec![]), task(10, vec![open(Protocol::Any)])];
        assert_eq!(router(&way(), &other, &[]).matches("chain i_").count(), 2);
    }

    #[test]
    fn groups_count_what_they_pass_and_drop() {
        let text = router(&way(), &[task(9, vec![open(Protocol::Tcp(Ports::ALL))])], &[]);
        assert!(text.contains("  meta l4proto tcp counter accept\n  counter drop\n"), "{text}");
        assert!(text.contains("  counter goto ingress\n  counter drop\n"), "{text}");
    }

    #[test]
    fn the_most_specific_route_comes_first_and_a_private_task_has_no_internet() {
        let nat = "198.51.100.7".parse().unwrap();
        let route = |to: &str, way| Route { to: to.parse().unwrap(), way };
        let routes = vec![
            route("0.0.0.0/0", Way::Nat(nat)),
            route("9.0.0.0/8", Way::Internet),
            route("9.9.0.0/16", Way::Nowhere),
        ];
        let mut task = Attachment { routes, ..task(9, vec![]) };
        let lines = |task: &Attachment| {
            ways(&way(), task).lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(
            lines(&task),
            [
                "ip daddr 172.31.0.0/16 drop",
                "ip daddr 9.9.0.0/16 drop",
                "ip daddr 9.0.0.0/8 drop",
                "ct mark set 3325256711 accept",
                "drop",
            ]
        );
        task.public_ipv4 = Some("198.51.100.9".parse().unwrap());
        assert_eq!(lines(&task)[2], "ip daddr 9.0.0.0/8 accept");
        assert!(router(&way(), [&task], &[]).contains("3325256711 : 198.51.100.7"));
    }

    #[test]
    fn a_host_without_routers_keeps_no_table() {
        let instance = Instance::of(std::path::Path::new("/x"));
        assert!(!host(&instance, &Host::default()).contains('{'));
        assert!(host(&instance, &Host { routers: true, ..Host::default() }).contains("masquerade"));
    }
}
