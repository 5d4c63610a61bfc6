//! A VPC over several nodes: between the routers of two nodes its packets go in VXLAN.
//!
//! Each router that has a neighbour has an interface `x0` for them. Nothing is learned and nothing is asked for: which
//! address is on which node is written down here, as the control plane tells it, and what it does not tell is reached by
//! nobody. So a packet with an address that its node has not is dropped where it arrives.
//!
//! ```text
//!   router                                    router on another node
//!   x0 169.254.128.1/32  --- VXLAN, UDP --->  x0 169.254.128.2/32
//!   172.31.0.9/32 dev x0                      172.31.0.9/32 dev t<hash>
//! ```
//!
//! By the address of `x0` other nodes answer what comes from here and from outside of the VPC ([`behalf`](crate::behalf)).

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use crate::error::{NetError, Result};
use crate::netlink::{Change, Netlink};
use crate::router::Router;
use crate::{Cidr, Mac, Vpc, behalf};

/// The router's interface to other nodes.
const INTERFACE: &str = "x0";
/// What a packet may have in VXLAN, where the network between nodes takes 1500 bytes.
const MTU: u32 = 1450;

/// A VPC over several nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlay {
    pub vpc: Vpc,
    /// The network's number, 24 bits; the same on all nodes.
    pub vni: u32,
    /// The UDP port at which nodes take VXLAN.
    pub port: u16,
    /// This node's address in it, link-local.
    pub own: Ipv4Addr,
    /// The router is wanted also while no task of the VPC is here.
    pub wanted: bool,
    pub nodes: Vec<OverlayNode>,
}

/// Another node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverlayNode {
    /// Where it takes VXLAN.
    pub address: Ipv4Addr,
    /// Its address in the VPC.
    pub own: Ipv4Addr,
    pub tasks: Vec<OverlayTask>,
}

/// A task on another node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverlayTask {
    pub private_ipv4: Ipv4Addr,
    pub public_ipv4: Option<Ipv4Addr>,
    /// Its subnet has a way to the internet, so this host may reach it.
    pub open: bool,
    /// It is a load balancer, which may send on behalf of others.
    pub balances: bool,
}

impl Overlay {
    /// Each address in the VPC that is on another node, and the hardware address by which that node takes it.
    fn ways(&self) -> BTreeMap<Ipv4Addr, Mac> {
        let mut ways = BTreeMap::new();
        for node in &self.nodes {
            let mac = mac(node.own);
            ways.insert(node.own, mac);
            ways.extend(node.tasks.iter().map(|task| (task.private_ipv4, mac)));
        }
        ways
    }
}

/// The hardware address of a node's interface follows from its address in the VPC.
pub(crate) fn mac(own: Ipv4Addr) -> Mac {
    let [a, b, c, d] = own.octets();
    Mac([0x0e, 0x67, a, b, c, d])
}

/// Makes the router's interface as it shall be, with all ways. Runs on a thread of the host that it moves.
pub(crate) fn lay(router: &Router, wanted: &Overlay) -> Result<()> {
    let open = || Netlink::open().map_err(NetError::kernel("open a netlink socket"));
    let mut outer = open()?;
    router.namespace.enter()?;
    let mut inner = open()?;
    let own = Cidr::host(wanted.own);
    if let Some(index) = inner.index(INTERFACE)? {
        let addresses = inner.addresses().map_err(NetError::kernel("list addresses"))?;
        let known = addresses.iter().any(|it| it.index == index && it.address == own);
        // One from before marks were carried.
        if !known || !inner.carries_marks(INTERFACE)? {
            inner.apply(vec![Change::delete_link(INTERFACE)])?;
        }
    }
    if inner.index(INTERFACE)?.is_none() {
        let (vni, port) = (wanted.vni, wanted.port);
        outer.apply(vec![Change::vxlan(
            INTERFACE,
            router.namespace.fd(),
            vni,
            port,
            mac(wanted.own),
            MTU,
        )])?;
    }
    let index = inner.index(INTERFACE)?.ok_or_else(|| NetError::Kernel {
        what: format!("find interface {INTERFACE}"),
        source: std::io::ErrorKind::NotFound.into(),
    })?;
    let ways = wanted.ways();
    let routes = inner.routes().map_err(NetError::kernel("list routes"))?;
    let of_ours = routes.into_iter().filter(|(to, out)| *out == Some(index) && to.prefix() == 32);
    let there: BTreeSet<Ipv4Addr> = of_ours.map(|(to, _)| to.address()).collect();
    let mut changes = vec![Change::up(index), Change::address(index, own)];
    behalf::take_any(INTERFACE)?;
    for node in &wanted.nodes {
        changes.push(Change::tunnel(index, mac(node.own), node.address));
    }
    for gone in there.iter().filter(|one| !ways.contains_key(one)) {
        changes.push(Change::delete_route(index, Cidr::host(*gone), None));
        changes.push(Change::delete_neighbour(index, *gone));
    }
    for (address, mac) in &ways {
        changes.push(Change::neighbour(index, *address, *mac));
        if !there.contains(address) {
            changes.push(Change::route(index, Cidr::host(*address), None));
        }
    }
    inner.apply(changes)?;
    behalf::lead_back(&mut inner, index, &wanted.nodes)
}

/// Whether all ways are there. Runs on a thread that it moves.
pub(crate) fn is_laid(router: &Router, wanted: &Overlay) -> Result<bool> {
    router.namespace.enter()?;
    let mut inner = Netlink::open().map_err(NetError::kernel("open a netlink socket"))?;
    let Some(index) = inner.index(INTERFACE)? else { return Ok(false) };
    let routes = inner.routes().map_err(NetError::kernel("list routes"))?;
    let there: BTreeSet<Ipv4Addr> =
        routes.into_iter().filter(|(_, out)| *out == Some(index)).map(|(to, _)| to.address()).collect();
    Ok(wanted.ways().keys().all(|address| there.contains(address))
        && behalf::is_led_back(&mut inner, &wanted.nodes)?)
}

/// Takes the router off the other nodes. Runs on a thread that it moves.
pub(crate) fn lift(router: &Router) -> Result<()> {
    router.namespace.enter()?;
    let mut inner = Netlink::open().map_err(NetError::kernel("open a netlink socket"))?;
    inner.apply(vec![Change::delete_link(INTERFACE)])?;
    behalf::sweep(&mut inner)
}

/// The rules of the host: VXLAN of our networks is taken from the nodes that have a part in them alone.
pub(crate) fn guard(networks: &BTreeMap<u32, Guarded>) -> String {
    use std::fmt::Write as _;
    let mut text =
        String::from("chain overlays {\n  type filter hook prerouting priority raw; policy accept;\n");
    for (vni, Guarded { port, peers }) in networks {
        let peers: Vec<String> = peers.iter().map(Ipv4Addr::to_string).collect();
        let others = match peers.is_empty() {
            true => String::new(),
            false => format!("ip saddr != {{ {} }} ", peers.join(", ")),
        };
        // The number lies 32 bits behind the header of UDP, which has 64.
        let written = writeln!(text, "  udp dport {port} @th,96,24 {vni} {others}drop");
        written.expect("writing to a string succeeds");
    }
    text.push_str("}\n");
    text
}

/// Who may send packets of a network.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Guarded {
    pub port: u16,
    pub peers: BTreeSet<Ipv4Addr>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_leads_to_its_node() {
        let node = |last: u8, tasks: &[u8]| OverlayNode {
            address: [10, 0, 0, last].into(),
            own: [169, 254, 128, last].into(),
            tasks: tasks
                .iter()
                .map(|last| OverlayTask {
                    private_ipv4: [172, 31, 0, *last].into(),
                    public_ipv4: None,
                    open: true,
                    balances: false,
                })
                .collect(),
        };
        let overlay = Overlay {
            vpc: Vpc { id: "vpc-1".parse().unwrap(), cidr: "172.31.0.0/16".parse().unwrap() },
            vni: 7,
            port: 4569,
            own: [169, 254, 128, 1].into(),
            wanted: false,
            nodes: vec![node(2, &[9]), node(3, &[])],
        };
        let ways = overlay.ways();
        assert_eq!(ways.len(), 3);
        assert_eq!(ways[&Ipv4Addr::new(172, 31, 0, 9)], ways[&Ipv4Addr::new(169, 254, 128, 2)]);
        assert_ne!(ways[&Ipv4Addr::new(169, 254, 128, 3)], ways[&Ipv4Addr::new(169, 254, 128, 2)]);
    }

    #[test]
    fn strangers_are_kept_out_of_a_network() {
        let peers = [Ipv4Addr::new(10, 0, 0, 2)].into();
        let text = guard(&[(0xabc, Guarded { port: 4569, peers })].into());
        assert!(text.contains("udp dport 4569 @th,96,24 2748 ip saddr != { 10.0.0.2 } drop"), "{text}");
        let text = guard(&[(1, Guarded { port: 4569, peers: BTreeSet::new() })].into());
        assert!(text.contains("@th,96,24 1 drop"), "{text}");
    }
}
