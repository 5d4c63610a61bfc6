//! What is stored.

pub mod address;
pub mod dhcp_options;
pub mod elastic_address;
pub mod internet_gateway;
pub mod nat_gateway;
pub mod network_acl;
pub mod network_interface;
pub mod route_table;
pub mod security_group;
pub mod site;
pub mod subnet;
pub mod vpc;
