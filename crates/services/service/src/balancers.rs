//! What load balancers have within VPCs, on its way from ELB to ECS, which tells the nodes; and the other way what ELB
//! must know of container instances, which can be targets.

use gantry_base::{AccountId, Region};

use crate::handlers::Within;

/// All load balancers that have interfaces, of whatever account and region. It needs the right to
/// `elasticloadbalancing:DescribeLoadBalancers`.
#[derive(Debug)]
pub struct BalancersOf;

impl Within for BalancersOf {
    const NAME: &'static str = "BalancersOf";
    type Input = ();
    type Output = Vec<Balancer>;
}

/// A load balancer in its VPC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balancer {
    pub account: AccountId,
    pub region: Region,
    /// Its names, in lower case.
    pub names: Vec<String>,
    /// Whether security groups hold for it; those without take and send whatever comes.
    pub guarded: bool,
    /// One for each of its subnets.
    pub interfaces: Vec<BalancerInterface>,
}

/// An interface of a load balancer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalancerInterface {
    pub eni_id: String,
    pub mac: String,
    pub vpc_id: String,
    /// The first block of the VPC.
    pub vpc_cidr: String,
    pub subnet_id: String,
    pub subnet_cidr: String,
    pub private_ipv4: String,
    /// Of load balancers that face the internet.
    pub public_ipv4: Option<String>,
    pub security_groups: Vec<String>,
}

/// The container instances of the call's account and region. It needs the right to
/// `ecs:DescribeContainerInstances`.
#[derive(Debug)]
pub struct InstancesOf;

impl Within for InstancesOf {
    const NAME: &'static str = "InstancesOf";
    type Input = ();
    type Output = Vec<Instance>;
}

/// A machine that tasks run on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// `i-0123456789abcdef0`
    pub id: String,
    /// Where it is reached; loopback is the control plane's own machine.
    pub address: std::net::IpAddr,
    /// The name of its zone.
    pub zone: String,
}
