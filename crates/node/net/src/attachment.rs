//! What a task's network shall be.

use std::net::Ipv4Addr;

use crate::{Cidr, Label, Mac};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vpc {
    pub id: Label,
    pub cidr: Cidr,
}

impl Vpc {
    /// The VPC's resolver, at its base plus two.
    pub fn resolver(&self) -> Ipv4Addr {
        self.cidr.nth(2)
    }
}

/// One task's interface in one VPC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    pub task: Label,
    pub vpc: Vpc,
    pub subnet: Cidr,
    /// The subnet's router.
    pub gateway: Ipv4Addr,
    pub mac: Mac,
    pub private_ipv4: Ipv4Addr,
    /// Routed from this host to the task alone.
    pub public_ipv4: Option<Ipv4Addr>,
    /// What any of them lets through passes; none at all denies everything inbound and outbound.
    pub groups: Vec<Group>,
    /// Where what leaves the VPC goes; of those that fit an address the most specific counts, and without one it goes
    /// nowhere.
    pub routes: Vec<Route>,
    /// The subnet's network ACL; none lets everything through.
    pub acl: Option<Acl>,
    /// It may send with the addresses of those on whose behalf it does ([`Net::socket_as`](crate::Net::socket_as)), and
    /// answers to them come back to it.
    pub balances: bool,
}

impl Attachment {
    /// Whether its subnet has a way to the internet.
    pub(crate) fn is_public(&self) -> bool {
        self.routes.iter().any(|route| route.way == Way::Internet)
    }

    /// Addresses that this host leads to the VPC's router because of it.
    pub(crate) fn public_addresses(&self) -> impl Iterator<Item = Ipv4Addr> {
        let nats = self.routes.iter().filter_map(|route| match route.way {
            Way::Nat(address) => Some(address),
            Way::Internet | Way::Nowhere => None,
        });
        nats.chain(self.public_ipv4)
    }
}

/// A way out of the VPC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Route {
    pub to: Cidr,
    pub way: Way,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// By the internet gateway, which is open to those with a public address alone.
    Internet,
    /// By a NAT gateway with this public address.
    Nat(Ipv4Addr),
    /// What it led to is gone.
    Nowhere,
}

/// A network ACL: of each direction the first entry that fits decides, and without one a packet is dropped. It knows no
/// connections, and does not see what stays within the subnet.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Acl {
    pub ingress: Vec<AclEntry>,
    pub egress: Vec<AclEntry>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AclEntry {
    pub allow: bool,
    pub protocol: Protocol,
    /// Who the other end is.
    pub peer: Cidr,
}

/// A security group; rules that name other groups carry the addresses of their members.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Group {
    pub ingress: Vec<Rule>,
    pub egress: Vec<Rule>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Rule {
    pub protocol: Protocol,
    /// Who the other end may be.
    pub peers: Vec<Cidr>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    Any,
    Tcp(Ports),
    Udp(Ports),
    /// `None` is any type, or any code of the type.
    Icmp(Option<(u8, Option<u8>)>),
    /// Any other, by its number, whatever its ports.
    Number(u8),
}

/// Both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ports {
    pub from: u16,
    pub to: u16,
}

impl Ports {
    pub const ALL: Self = Self { from: 0, to: u16::MAX };
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    Ingress,
    Egress,
}
