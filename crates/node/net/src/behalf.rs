//! Sending on behalf of others: a load balancer's connections to targets may have the addresses of its clients.
//!
//! A target answers to the client, who knows nothing of that connection, so the answers must come back to the load
//! balancer. The router marks what comes from a load balancer, and answers to what is marked go by a table that has
//! this one way alone. On the node of the target, when that is another, the mark says from which node it came.
//!
//! ```text
//!   balancer netns        router, its node              router, the target's node      target netns
//!   from 203.0.113.9 ---> mark: this balancer --------> mark: that node -------------> to 172.31.0.9
//!   all addresses are <-- by the mark's table <-------- by the mark's table <--------- to 203.0.113.9
//!   its own, from eth0
//! ```
//!
//! In a security group, what comes on behalf of somebody is from that one; but a rule that lets the load balancer in by
//! its own address, as those do that name its group, lets it in all the same.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use crate::error::Result;
use crate::overlay::{self, OverlayNode};
use crate::{Attachment, name, namespace};

/// The table of a load balancer's namespace in which every address is its own.
pub(crate) const TABLE: u32 = 1000;

/// Marks are below the addresses of NAT gateways, which mark connections as well.
const OF_BALANCERS: u32 = 0x0080_0000;
const OF_NODES: u32 = 0x0001_0000;

/// The mark of what comes from a load balancer on this node, and the table by which answers go to it. Two of one VPC
/// have the same only if their addresses differ in nothing but the first nine bits.
pub(crate) fn of_balancer(address: Ipv4Addr) -> u32 {
    OF_BALANCERS | (address.to_bits() & (OF_BALANCERS - 1))
}

/// The same for what comes from another node, by its address in the VPC.
pub(crate) fn of_node(own: Ipv4Addr) -> u32 {
    OF_NODES | (own.to_bits() & (OF_NODES - 1))
}

/// Has an interface of the router take packets from addresses that it does not lead to.
pub(crate) fn take_any(interface: &str) -> Result<()> {
    namespace::sysctl(&format!("ipv4/conf/{interface}/rp_filter"), "0")
}

/// Marks by the addresses of the load balancers that set them.
pub(crate) type Marks = BTreeMap<Ipv4Addr, u32>;

/// What load balancers add to the rules of their router.
#[derive(Default)]
pub(crate) struct Behalf {
    pub marks: Marks,
    /// Interfaces and the marks of what comes from them.
    balancers: Vec<String>,
    /// Other nodes' hardware addresses and the marks of what comes from them.
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
            behalf.balancers.push(format!("\"{port}\" : {mark}"));
        }
        for node in elsewhere {
            let mark = of_node(node.own);
            behalf.nodes.push(format!("{} : {mark}", overlay::mac(node.own)));
            let balancers = node.tasks.iter().filter(|task| task.balances);
            behalf.marks.extend(balancers.map(|task| (task.private_ipv4, mark)));
        }
        behalf
    }

    /// What comes from a load balancer is held against this chain.
    pub fn sends(&mut self, balancer: &Attachment, chain: &str) {
        self.sends.push(format!("\"{}\" : goto {chain}", name::port(&balancer.task)));
    }

    /// The maps that [`CHAIN`] names, and `sends`: types and elements.
    pub fn maps(self) -> [(&'static str, &'static str, Vec<String>); 3] {
        [
            ("ifname : mark", "balancers", self.balancers),
            ("ether_addr : mark", "nodes", self.nodes),
            ("ifname : verdict", "sends", self.sends),
        ]
    }
}

/// Marks what comes, and leads answers by their marks.
pub(crate) const CHAIN: &str = "\
chain answers {
  type filter hook prerouting priority mangle; policy accept;
  ct direction original ct mark set iifname map @balancers
  iifname \"x0\" ct direction original ct mark set ether saddr map @nodes
  ct direction reply ct mark 1-0xffffff meta mark set ct mark
}
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_apart() {
        let balancer = of_balancer([10, 128, 3, 4].into());
        assert_ne!(balancer, of_balancer([10, 128, 3, 5].into()));
        let node = of_node([169, 254, 128, 2].into());
        let nat = Ipv4Addr::new(1, 0, 0, 0).to_bits();
        assert!(node < OF_BALANCERS && balancer >= OF_BALANCERS && balancer < nat);
    }
}
