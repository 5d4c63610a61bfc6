//! Names that resolvers inside VPCs answer, on their way from whoever keeps them to ECS, which tells the nodes.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::handlers::Within;

/// Wakes whoever tells nodes of names: a zone or what is in it has changed.
pub const NAMES_WAKE: &str = "names";

/// The zones that are seen in VPCs of the call's account. It needs the right to `servicediscovery:DiscoverInstances`.
#[derive(Debug)]
pub struct ZonesOf;

impl Within for ZonesOf {
    const NAME: &'static str = "ZonesOf";
    /// The ids of the VPCs, in whatever regions they are.
    type Input = Vec<String>;
    type Output = Vec<Zone>;
}

/// A zone: nobody but it knows the names below its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// In lower case, without the last dot.
    pub name: String,
    /// Of the VPCs that were asked for, those in which it is seen.
    pub vpc_ids: Vec<String>,
    /// For how long it may be remembered that a name is not there.
    pub negative_ttl_seconds: u32,
    pub sets: Vec<RecordSet>,
}

/// All records of one type under one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordSet {
    /// In lower case, without the last dot.
    pub name: String,
    pub ttl_seconds: u32,
    /// Each answer has one of the records only, drawn anew.
    pub one: bool,
    pub records: Records,
}

/// What a set of records says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Records {
    A(Vec<Ipv4Addr>),
    Aaaa(Vec<Ipv6Addr>),
    Cname(Vec<String>),
    /// Ports, and the names that they are of.
    Srv(Vec<(u16, String)>),
}
