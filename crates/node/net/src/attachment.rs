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
