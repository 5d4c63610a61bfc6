//! The interfaces that load balancers have in their subnets.

use std::net::Ipv4Addr;

use gantry_base::{AccountId, Region};
use gantry_store::{Key, Table, key};
use serde::{Deserialize, Serialize};

/// By account, region, load balancer's id and subnet.
pub const INTERFACES: Table<Interface> = Table::new("elb.interface", 1);

/// An interface of a load balancer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interface {
    pub eni_id: String,
    pub mac: String,
    pub private_ipv4: Ipv4Addr,
    /// Of load balancers that face the internet.
    pub public_ipv4: Option<Ipv4Addr>,
    pub security_groups: Vec<String>,
    pub subnet_id: String,
    /// `172.31.0.0/20`
    pub subnet_cidr: String,
    pub zone: String,
    pub vpc_id: String,
    /// All blocks of the VPC, its first one first.
    pub vpc_cidrs: Vec<String>,
}

/// The key of an interface.
pub fn interface_key(account: AccountId, region: &Region, load_balancer: &str, subnet: &str) -> Key {
    key!(account, region, load_balancer, subnet)
}

/// The prefix of a load balancer's interfaces.
pub fn interfaces_key(account: AccountId, region: &Region, load_balancer: &str) -> Key {
    key!(account, region, load_balancer)
}
