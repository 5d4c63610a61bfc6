//! The operations, one file each, and beside them what a few of them share.

pub mod allocate_address;
pub mod associate_address;
pub mod associate_dhcp_options;
pub mod associate_route_table;
pub mod associate_vpc_cidr_block;
pub mod attach_internet_gateway;
mod authorize_security_group;
pub mod authorize_security_group_egress;
pub mod authorize_security_group_ingress;
pub mod create_default_subnet;
pub mod create_default_vpc;
pub mod create_dhcp_options;
pub mod create_internet_gateway;
pub mod create_nat_gateway;
pub mod create_network_acl;
pub mod create_network_acl_entry;
pub mod create_network_interface;
pub mod create_route;
pub mod create_route_table;
pub mod create_security_group;
pub mod create_subnet;
pub mod create_tags;
pub mod create_vpc;
pub mod delete_dhcp_options;
pub mod delete_internet_gateway;
pub mod delete_nat_gateway;
pub mod delete_network_acl;
pub mod delete_network_acl_entry;
pub mod delete_network_interface;
pub mod delete_route;
pub mod delete_route_table;
pub mod delete_security_group;
pub mod delete_subnet;
pub mod delete_tags;
pub mod delete_vpc;
pub mod describe_account_attributes;
pub mod describe_addresses;
pub mod describe_addresses_attribute;
pub mod describe_availability_zones;
pub mod describe_dhcp_options;
pub mod describe_egress_only_internet_gateways;
pub mod describe_instances;
pub mod describe_internet_gateways;
pub mod describe_managed_prefix_lists;
pub mod describe_nat_gateways;
pub mod describe_network_acls;
pub mod describe_network_interface_attribute;
pub mod describe_network_interfaces;
pub mod describe_prefix_lists;
pub mod describe_regions;
pub mod describe_route_tables;
pub mod describe_security_group_references;
pub mod describe_security_group_rules;
pub mod describe_security_groups;
pub mod describe_stale_security_groups;
pub mod describe_subnets;
pub mod describe_tags;
pub mod describe_vpc_attribute;
pub mod describe_vpc_endpoints;
pub mod describe_vpc_peering_connections;
pub mod describe_vpcs;
pub mod detach_internet_gateway;
pub mod disassociate_address;
pub mod disassociate_route_table;
pub mod disassociate_vpc_cidr_block;
pub mod get_security_groups_for_vpc;
pub mod modify_network_interface_attribute;
pub mod modify_security_group_rules;
pub mod modify_subnet_attribute;
pub mod modify_vpc_attribute;
pub mod release_address;
pub mod replace_network_acl_association;
pub mod replace_network_acl_entry;
pub mod replace_route;
pub mod replace_route_table_association;
mod revoke_security_group;
pub mod revoke_security_group_egress;
pub mod revoke_security_group_ingress;
mod tagging;
mod update_security_group_rule_descriptions;
pub mod update_security_group_rule_descriptions_egress;
pub mod update_security_group_rule_descriptions_ingress;

use gantry_service::{Cx, Failure, Permit};

use crate::error::Ec2Error;
use crate::resource::Resource;
use crate::site::{Site, allow, allow_on};
use crate::tables::elastic_address::ElasticAddress;
use crate::tables::security_group::SecurityGroup;
use crate::tables::vpc::Vpc;

/// The default VPC, while there is one.
async fn default_vpc_of(site: &mut Site) -> Result<Option<Vpc>, Failure> {
    Ok(site.all::<Vpc>().await?.into_iter().find(|vpc| vpc.is_default))
}

/// The group that a request names: by its id, or by its name in the default VPC. The action on it is allowed.
async fn group_of_request(
    site: &mut Site,
    cx: &Cx,
    action: &'static str,
    id: Option<String>,
    name: Option<String>,
) -> Result<(SecurityGroup, Permit), Failure> {
    if let Some(id) = id {
        return site.allowed(cx, action, &id).await;
    }
    let vpc = default_vpc_of(site).await?;
    let in_default = |group: &SecurityGroup| vpc.as_ref().is_some_and(|vpc| vpc.id == group.vpc_id);
    let all = site.all::<SecurityGroup>().await?;
    let found = all.into_iter().find(|group| in_default(group) && Some(&group.name) == name.as_ref());
    let group_id = found.as_ref().map_or("*", |group| &*group.id);
    let permit = allow_on(cx, action, group_id, found.as_ref())?;
    let name = name.ok_or(Ec2Error::MissingParameter("groupName or groupId"))?;
    let missing = || {
        let vpc = vpc.as_ref().map_or("none", |vpc| &vpc.id);
        let message = format!("The security group '{name}' does not exist in default VPC '{vpc}'");
        Ec2Error::InvalidGroupMissing(message)
    };
    Ok((found.ok_or_else(missing)?, permit))
}

/// The elastic address that a request names, by its allocation or by itself. The action on it is allowed.
async fn address_of_request(
    site: &mut Site,
    cx: &Cx,
    action: &'static str,
    allocation: Option<String>,
    address: Option<String>,
) -> Result<(ElasticAddress, Permit), Failure> {
    if let Some(id) = allocation {
        return site.allowed(cx, action, &id).await;
    }
    let all = site.all::<ElasticAddress>().await?;
    let found = all.into_iter().find(|one| Some(one.address.to_string()) == address);
    let (id, tags) = found.as_ref().map_or(("*", None), |one| (&*one.id, Some(&one.tags)));
    let permit = allow(cx, action, ElasticAddress::KIND, id, tags)?;
    let address = address.ok_or(Ec2Error::MissingParameter("AllocationId"))?;
    let missing = || Ec2Error::InvalidAddressNotFound(format!("Address '{address}' not found."));
    Ok((found.ok_or_else(missing)?, permit))
}
