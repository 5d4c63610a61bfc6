//! The operations, one file each.

pub mod create_network_interface;
pub mod delete_network_interface;
pub mod describe_availability_zones;
pub mod describe_network_interfaces;
pub mod describe_security_groups;
pub mod describe_subnets;
pub mod describe_vpcs;

use gantry_service::{Cx, Permission};

/// The permission for an action that lists, which EC2 knows for no single resource.
fn listing<'a>(cx: &Cx, action: &'static str) -> Permission<'a> {
    Permission::of(action).key("ec2:Region", [cx.region.as_str()])
}
