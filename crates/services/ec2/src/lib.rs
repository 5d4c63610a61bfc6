//! EC2 as far as containers need it: VPCs with their subnets, route tables, gateways, network ACLs, security groups,
//! addresses and network interfaces, and in every region of every account a default VPC.
//!
//! This crate decides what is there and what it means; nodes carry it out, by what the Describe operations say.
//!
//! This crate never gives one address of a subnet to two interfaces, never hands out an address again soon
//! after it was given back while others are free, and never names an interface that is not stored.
//!
//! Read in this order: [`resource`] and [`tables`] (what there is), [`site`] (a transaction, and the default VPC in
//! it), [`default_network`], [`addresses`] (how one is chosen), [`permissions`] (rules of security groups), [`ops`],
//! [`listing`], [`filter`] and [`page`] (what all listings share).

pub mod addresses;
mod arns;
mod client_token;
pub mod default_network;
pub mod error;
pub mod filter;
pub mod listing;
pub mod network;
pub mod ops;
pub mod page;
pub mod permissions;
pub mod resource;
pub mod site;
pub mod tables;
mod tags;

use std::sync::Arc;

use gantry_api_ec2 as api;
use gantry_base::Ids;
use gantry_service::Registry;
use gantry_store::Db;

pub use default_network::default_vpc_block;
pub use network::Ipv4Block;

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
        AllocateAddress: allocate_address,
        AssociateAddress: associate_address,
        AssociateDhcpOptions: associate_dhcp_options,
        AssociateRouteTable: associate_route_table,
        AssociateVpcCidrBlock: associate_vpc_cidr_block,
        AttachInternetGateway: attach_internet_gateway,
        AuthorizeSecurityGroupEgress: authorize_security_group_egress,
        AuthorizeSecurityGroupIngress: authorize_security_group_ingress,
        CreateDefaultSubnet: create_default_subnet,
        CreateDefaultVpc: create_default_vpc,
        CreateDhcpOptions: create_dhcp_options,
        CreateInternetGateway: create_internet_gateway,
        CreateNatGateway: create_nat_gateway,
        CreateNetworkAcl: create_network_acl,
        CreateNetworkAclEntry: create_network_acl_entry,
        CreateNetworkInterface: create_network_interface,
        CreateRoute: create_route,
        CreateRouteTable: create_route_table,
        CreateSecurityGroup: create_security_group,
        CreateSubnet: create_subnet,
        CreateTags: create_tags,
        CreateVpc: create_vpc,
        DeleteDhcpOptions: delete_dhcp_options,
        DeleteInternetGateway: delete_internet_gateway,
        DeleteNatGateway: delete_nat_gateway,
        DeleteNetworkAcl: delete_network_acl,
        DeleteNetworkAclEntry: delete_network_acl_entry,
        DeleteNetworkInterface: delete_network_interface,
        DeleteRoute: delete_route,
        DeleteRouteTable: delete_route_table,
        DeleteSecurityGroup: delete_security_group,
        DeleteSubnet: delete_subnet,
        DeleteTags: delete_tags,
        DeleteVpc: delete_vpc,
        DescribeAccountAttributes: describe_account_attributes,
        DescribeAddresses: describe_addresses,
        DescribeAddressesAttribute: describe_addresses_attribute,
        DescribeAvailabilityZones: describe_availability_zones,
        DescribeDhcpOptions: describe_dhcp_options,
        DescribeEgressOnlyInternetGateways: describe_egress_only_internet_gateways,
        DescribeInstances: describe_instances,
        DescribeInternetGateways: describe_internet_gateways,
        DescribeManagedPrefixLists: describe_managed_prefix_lists,
        DescribeNatGateways: describe_nat_gateways,
        DescribeNetworkAcls: describe_network_acls,
        DescribeNetworkInterfaceAttribute: describe_network_interface_attribute,
        DescribeNetworkInterfaces: describe_network_interfaces,
        DescribePrefixLists: describe_prefix_lists,
        DescribeRegions: describe_regions,
        DescribeRouteTables: describe_route_tables,
        DescribeSecurityGroupReferences: describe_security_group_references,
        DescribeSecurityGroupRules: describe_security_group_rules,
        DescribeSecurityGroups: describe_security_groups,
        DescribeStaleSecurityGroups: describe_stale_security_groups,
        DescribeSubnets: describe_subnets,
        DescribeTags: describe_tags,
        DescribeVpcAttribute: describe_vpc_attribute,
        DescribeVpcEndpoints: describe_vpc_endpoints,
        DescribeVpcPeeringConnections: describe_vpc_peering_connections,
        DescribeVpcs: describe_vpcs,
        DetachInternetGateway: detach_internet_gateway,
        DisassociateAddress: disassociate_address,
        DisassociateRouteTable: disassociate_route_table,
        DisassociateVpcCidrBlock: disassociate_vpc_cidr_block,
        GetSecurityGroupsForVpc: get_security_groups_for_vpc,
        ModifyNetworkInterfaceAttribute: modify_network_interface_attribute,
        ModifySecurityGroupRules: modify_security_group_rules,
        ModifySubnetAttribute: modify_subnet_attribute,
        ModifyVpcAttribute: modify_vpc_attribute,
        ReleaseAddress: release_address,
        ReplaceNetworkAclAssociation: replace_network_acl_association,
        ReplaceNetworkAclEntry: replace_network_acl_entry,
        ReplaceRoute: replace_route,
        ReplaceRouteTableAssociation: replace_route_table_association,
        RevokeSecurityGroupEgress: revoke_security_group_egress,
        RevokeSecurityGroupIngress: revoke_security_group_ingress,
        UpdateSecurityGroupRuleDescriptionsEgress: update_security_group_rule_descriptions_egress,
        UpdateSecurityGroupRuleDescriptionsIngress: update_security_group_rule_descriptions_ingress,
    }
}
