//! EC2 as far as containers need it: the default VPC that every account has in every region, its subnets in
//! three zones, its security group, and network interfaces with their addresses.
//!
//! The default VPC is not stored: it follows from the account and the region, so that it is there before
//! the first request and has the same ids after a restart. What is stored is network interfaces, and the
//! addresses they hold.
//!
//! This crate never gives one address of a subnet to two interfaces, never hands out an address again soon
//! after it was given back while others are free, and never names an interface that is not stored.
//!
//! Read in this order: [`network`] (the default VPC), [`tables`], [`addresses`] (how one is chosen), [`ops`],
//! [`filter`] and [`page`] (what all listings share).

pub mod addresses;
pub mod answer;
mod arns;
pub mod error;
pub mod filter;
pub mod network;
pub mod ops;
pub mod page;
pub mod tables;
mod tags;

use std::sync::Arc;

use gantry_api_ec2 as api;
use gantry_base::Ids;
use gantry_service::Registry;
use gantry_store::Db;

pub use network::{Ipv4Block, default_vpc_block};

/// A service that makes a network interface asks with this tag, value `true`, for a public address. Only
/// services can, as users may not give keys that begin with `aws:`. The tag itself is not kept.
pub const PUBLIC_ADDRESS_TAG: &str = "aws:ec2:associate-public-ip-address";

/// What the operations work with.
pub struct Ec2 {
    pub(crate) db: Db,
    pub(crate) ids: Arc<dyn Ids>,
    /// Where public addresses come from; without it no interface gets one.
    pub(crate) public: Option<Ipv4Block>,
}

/// Serves EC2's operations. `public` is the block that public addresses are taken from: addresses that lead
/// to this machine from outside. Without one, interfaces have private addresses only.
pub fn register(registry: &mut Registry, db: Db, ids: Arc<dyn Ids>, public: Option<Ipv4Block>) {
    let ec2 = Arc::new(Ec2 { db, ids, public });
    macro_rules! serve {
        ($($operation:ident: $module:ident),* $(,)?) => {$(
            let service = ec2.clone();
            registry.on::<api::$operation, _, _, _>(move |cx, input| {
                let ec2 = service.clone();
                async move { ops::$module::run(&ec2, cx, input).await }
            });
        )*};
    }
    serve! {
        CreateNetworkInterface: create_network_interface,
        DeleteNetworkInterface: delete_network_interface,
        DescribeAvailabilityZones: describe_availability_zones,
        DescribeNetworkInterfaces: describe_network_interfaces,
        DescribeSecurityGroups: describe_security_groups,
        DescribeSubnets: describe_subnets,
        DescribeVpcs: describe_vpcs,
    }
}
