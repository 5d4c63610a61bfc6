//! Sending on behalf of others: a load balancer's connections to targets may have the addresses of its clients.
//!
//! A target answers to the client, who knows nothing of that connection, so the answers must come back to the load
//! balancer. The router marks what comes from a load balancer, and answers to what is marked go by a table that has
//! this one way alone. To the router on another node the mark goes along in VXLAN, and there it means the way back to the
//! first.
//!
//! ```text
//!   balancer netns        router, its node              router, the target's node      target netns
//!   from 203.0.113.9 ---> mark: this balancer --------> mark: that balancer there ---> to 172.31.0.9
//!   all addresses are <-- by the mark's table <-------- by the mark's table <--------- to 203.0.113.9
//!   its own, from eth0
//! ```
//!
//! What comes from another node with an address outside of the VPC, as from a client of a public address that is led to
//! that node, is answered in the same way: its mark is the node's.
//!
//! In a security group, what comes on behalf of somebody is from that one; but a rule that lets the load balancer in by
//! its own address, as those do that name its group, lets it in all the same.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use crate::error::{NetError, Result};
use crate::netlink::{Change, Netlink};
use crate::overlay::{self, OverlayNode};
use crate::{Attachment, Cidr, name, namespace};

/// The table of a load balancer's namespace in which every address is its own.
pub(crate) const TABLE: u32 = 1000;

/// Marks are below the addresses of NAT gateways, which mark connections as well.
const HERE: u32 = 0x0080_0000;
/// VXLAN takes its own meaning from some of the bits above the low sixteen, and from this one none.
const ELSEWHERE: u32 = 0x0020_0000;
/// Of what comes from another node from outside of the VPC.
const NODES: u32 = 0x0010_0000;
/// As much of a mark goes along in VXLAN.
const CARRIED: u32 = 0xffff;

/// The mark of what comes from a load balancer on this node, and the table by which answers go to it. Two of one VPC
/// have the same only if their addresses differ in nothing but the first nine bits.
pub(crate) fn of_balancer(address: Ipv4Addr) -> u32 {
    HERE | (address.to_bits() & (HERE - 1))
}

/// The same for one on another node. Two of one VPC have the same only if their addresses differ in nothing but the first
/// sixteen bits, which are the VPC's own.
fn of_balancer_elsewhere(address: Ipv4Addr) -> u32 {
    ELSEWHERE | carried(address)
}

fn of_node(own: Ipv4Addr) -> u32 {
    NODES | carried(own)
}

fn carried(address: Ipv4Addr) -> u32 {
    address.to_bits() & CARRIED
}

/// Has an interface of the router take packets from addresses that it does not lead to.
pub(crate) fn take_any(interface: &str) -> Result<()> {
    namespace::sysctl(&format!("ipv4/conf/{interface}/rp_filter"), "0")
}

/// Has answers to what came from other nodes and their load balancers go there by the interface, and nothing else. Works
/// on the router.
pub(crate) fn lead_back(netlink: &mut Netlink, interface: u32, nodes: &[OverlayNode]) -> Result<()> {
    let wanted = ways_back(nodes);
    let ways = netlink.tables().map_err(NetError::kernel("list routes"))?;
    let gone = ways.into_iter().filter(|(table, way)| {
        way.interface == interface && wanted.get(table).is_none_or(|own| way.via != Some(*own))
    });
    let mut changes: Vec<Change> =
        gone.filter_map(|(table, way)| Some(Change::delete_all_by(table, interface, way.via?))).collect();
    for (mark, own) in wanted {
        changes.extend([Change::all_by(mark, interface, own), Change::marked(mark, mark)]);
    }
    netlink.apply(changes)?;
    sweep(netlink)
}

/// The marks by which answers are led. Asks the router.
pub(crate) fn led(netlink: &mut Netlink) -> Result<BTreeSet<u32>> {
    let marks = netlink.marks().map_err(NetError::kernel("list rules"))?;
    let ways = netlink.tables().map_err(NetError::kernel("list routes"))?;
    Ok(ways.into_iter().map(|(table, _)| table).filter(|table| marks.contains(table)).collect())
}

/// Whether answers to other nodes and their load balancers are led there. Asks the router.
pub(crate) fn is_led_back(netlink: &mut Netlink, nodes: &[OverlayNode]) -> Result<bool> {
    let led = led(netlink)?;
    Ok(ways_back(nodes).keys().all(|mark| led.contains(mark)))
}

/// The marks of what comes from other nodes, and the nodes that answers go to.
fn ways_back(nodes: &[OverlayNode]) -> BTreeMap<u32, Ipv4Addr> {
    let mut ways = BTreeMap::new();
    for node in nodes {
        ways.insert(of_node(node.own), node.own);
        let balancers = node.tasks.iter().filter(|task| task.balances);
        ways.extend(balancers.map(|task| (of_balancer_elsewhere(task.private_ipv4), node.own)));
    }
    ways
}

/// Removes the rules of marks that have no way any more: each costs every packet a look. Works on the router.
pub(crate) fn sweep(netlink: &mut Netlink) -> Result<()> {
    let marks = netlink.marks().map_err(NetError::kernel("list rules"))?;
    if marks.is_empty() {
        return Ok(());
    }
    let ways = netlink.tables().map_err(NetError::kernel("list routes"))?;
    let ways: BTreeSet<u32> = ways.into_iter().map(|(table, _)| table).collect();
    netlink.apply(marks.difference(&ways).map(|mark| Change::unmarked(*mark, *mark)).collect())
}

/// Marks by the addresses of the load balancers that they are of.
pub(crate) type Marks = BTreeMap<Ipv4Addr, u32>;

/// What load balancers add to the rules of their router.
#[derive(Default)]
pub(crate) struct Behalf {
    pub marks: Marks,
    /// Interfaces and the marks of what comes from them.
    here: Vec<String>,
    /// What comes along in VXLAN, and the marks that it means.
    elsewhere: Vec<String>,
    /// Hardware addresses of other nodes and the marks of what comes from them.
    nodes: Vec<String>,
    /// Interfaces and the chains for what comes from them, whoever it says that it is from.
    sends: Vec<String>,
}

impl Behalf {
    pub fn of<'a>(tasks: impl IntoIterator<Item = &'a Attachment>, elsewhere: &[OverlayNode]) -> Self {
        let mut behalf = Self::default();
        for balancer in tasks.into_iter().filter(|task| task.balances) {
            let (address, port) = (balancer.private_ipv4, name::port(&balancer.task));
            let mark = of_balancer(address);
            behalf.marks.insert(address, mark);
            behalf.here.push(format!("\"{port}\" : {mark}"));
        }
        for own in elsewhere.iter().map(|node| node.own) {
            behalf.nodes.push(format!("{} : {}", overlay::mac(own), of_node(own)));
        }
        let there = elsewhere.iter().flat_map(|node| &node.tasks).filter(|task| task.balances);
        for address in there.map(|task| task.private_ipv4) {
            let mark = of_balancer_elsewhere(address);
            behalf.marks.insert(address, mark);
            behalf.elsewhere.push(format!("{} : {mark}", carried(address)));
        }
        behalf
    }

    /// What comes from a load balancer is held against this chain.
    pub fn sends(&mut self, balancer: &Attachment, chain: &str) {
        self.sends.push(format!("\"{}\" : goto {chain}", name::port(&balancer.task)));
    }

    /// The maps that [`answers`] names, and `sends`: types, names and elements.
    pub fn maps(self) -> [(&'static str, &'static str, Vec<String>); 4] {
        [
            ("ifname : mark", "balancers_here", self.here),
            ("mark : mark", "balancers_elsewhere", self.elsewhere),
            ("ether_addr : mark", "nodes", self.nodes),
            ("ifname : verdict", "sends", self.sends),
        ]
    }
}

/// Marks what comes, and leads answers by their marks. The mark that a packet brings in VXLAN is for nothing else.
pub(crate) fn answers(vpc: Cidr) -> String {
    format!(
        "chain answers {{
  type filter hook prerouting priority mangle; policy accept;
  ct direction original ct mark set iifname map @balancers_here
  iifname \"x0\" ct direction original ip saddr != {} ct mark set ether saddr map @nodes
  iifname \"x0\" ct direction original ct mark set meta mark & 0xffff map @balancers_elsewhere
  iifname \"x0\" meta mark set 0
  ct direction reply ct mark 1-0xffffff meta mark set ct mark
}}
",
        vpc.network()
    )
}

/// In the chain of what is passed on: has a load balancer's mark go along in VXLAN.
pub(crate) const TELL: &str =
    "oifname \"x0\" ct direction original ct mark 0x800000-0xffffff meta mark set ct mark & 0xffff";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_apart() {
        let here = of_balancer([10, 128, 3, 4].into());
        assert_ne!(here, of_balancer([10, 128, 3, 5].into()));
        let elsewhere = of_balancer_elsewhere([10, 1, 3, 4].into());
        assert_ne!(elsewhere, of_balancer_elsewhere([10, 1, 3, 5].into()));
        assert_eq!(elsewhere & CARRIED, here & CARRIED, "what goes along says which one it is");
        let nat = Ipv4Addr::new(1, 0, 0, 0).to_bits();
        assert!(elsewhere < HERE && here >= HERE && here < nat && elsewhere > CARRIED);
    }
}
