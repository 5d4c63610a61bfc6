//! The shapes that served operations reach. Written by `cargo xtask codegen` from `models/`; not to be edited.

use crate::MODEL;
#[allow(unused_imports)]
use gantry_wire::generated::*;

gantry_wire::shape! {
    pub struct AccountAttribute = "AccountAttribute" {
        0 attribute_name: Option<String>,
        1 attribute_values: Option<Vec<AccountAttributeValue>>,
    }
    pub struct AccountAttributeValue = "AccountAttributeValue" {
        0 attribute_value: Option<String>,
    }
    pub struct Address = "Address" {
        0 allocation_id: Option<String>,
        1 association_id: Option<String>,
        2 domain: Option<String>,
        3 network_interface_id: Option<String>,
        4 network_interface_owner_id: Option<String>,
        5 private_ip_address: Option<String>,
        6 tags: Option<Vec<Tag>>,
        7 public_ipv4_pool: Option<String>,
        8 network_border_group: Option<String>,
        9 customer_owned_ip: Option<String>,
        10 customer_owned_ipv4_pool: Option<String>,
        11 carrier_ip: Option<String>,
        12 subnet_id: Option<String>,
        13 service_managed: Option<String>,
        14 instance_id: Option<String>,
        15 public_ip: Option<String>,
    }
    pub struct AddressAttribute = "AddressAttribute" {
        0 public_ip: Option<String>,
        1 allocation_id: Option<String>,
        2 ptr_record: Option<String>,
        3 ptr_record_update: Option<PtrUpdateStatus>,
    }
    pub struct AllocateAddressRequest = "AllocateAddressRequest" {
        0 domain: Option<String>,
        1 address: Option<String>,
        2 public_ipv4_pool: Option<String>,
        3 network_border_group: Option<String>,
        4 customer_owned_ipv4_pool: Option<String>,
        5 tag_specifications: Option<Vec<TagSpecification>>,
        6 ipam_pool_id: Option<String>,
        7 dry_run: Option<bool>,
    }
    pub struct AllocateAddressResult = "AllocateAddressResult" {
        0 allocation_id: Option<String>,
        1 public_ipv4_pool: Option<String>,
        2 network_border_group: Option<String>,
        3 domain: Option<String>,
        4 customer_owned_ip: Option<String>,
        5 customer_owned_ipv4_pool: Option<String>,
        6 carrier_ip: Option<String>,
        7 public_ip: Option<String>,
    }
    pub struct AssociateAddressRequest = "AssociateAddressRequest" {
        0 allocation_id: Option<String>,
        1 instance_id: Option<String>,
        2 public_ip: Option<String>,
        3 dry_run: Option<bool>,
        4 network_interface_id: Option<String>,
        5 private_ip_address: Option<String>,
        6 allow_reassociation: Option<bool>,
    }
    pub struct AssociateAddressResult = "AssociateAddressResult" {
        0 association_id: Option<String>,
    }
    pub struct AssociateDhcpOptionsRequest = "AssociateDhcpOptionsRequest" {
        0 dhcp_options_id: String,
        1 vpc_id: String,
        2 dry_run: Option<bool>,
    }
    pub struct AssociateRouteTableRequest = "AssociateRouteTableRequest" {
        0 gateway_id: Option<String>,
        1 public_ipv4_pool: Option<String>,
        2 dry_run: Option<bool>,
        3 subnet_id: Option<String>,
        4 route_table_id: String,
    }
    pub struct AssociateRouteTableResult = "AssociateRouteTableResult" {
        0 association_id: Option<String>,
        1 association_state: Option<RouteTableAssociationState>,
    }
    pub struct AssociateVpcCidrBlockRequest = "AssociateVpcCidrBlockRequest" {
        0 cidr_block: Option<String>,
        1 ipv6_cidr_block_network_border_group: Option<String>,
        2 ipv6_pool: Option<String>,
        3 ipv6_cidr_block: Option<String>,
        4 ipv4_ipam_pool_id: Option<String>,
        5 ipv4_netmask_length: Option<i32>,
        6 ipv6_ipam_pool_id: Option<String>,
        7 ipv6_netmask_length: Option<i32>,
        8 vpc_id: String,
        9 amazon_provided_ipv6_cidr_block: Option<bool>,
    }
    pub struct AssociateVpcCidrBlockResult = "AssociateVpcCidrBlockResult" {
        0 ipv6_cidr_block_association: Option<VpcIpv6CidrBlockAssociation>,
        1 cidr_block_association: Option<VpcCidrBlockAssociation>,
        2 vpc_id: Option<String>,
    }
    pub struct AttachInternetGatewayRequest = "AttachInternetGatewayRequest" {
        0 dry_run: Option<bool>,
        1 internet_gateway_id: String,
        2 vpc_id: String,
    }
    pub struct AttachmentEnaSrdSpecification = "AttachmentEnaSrdSpecification" {
        0 ena_srd_enabled: Option<bool>,
        1 ena_srd_udp_specification: Option<AttachmentEnaSrdUdpSpecification>,
    }
    pub struct AttachmentEnaSrdUdpSpecification = "AttachmentEnaSrdUdpSpecification" {
        0 ena_srd_udp_enabled: Option<bool>,
    }
    pub struct AttributeBooleanValue = "AttributeBooleanValue" {
        0 value: Option<bool>,
    }
    pub struct AttributeValue = "AttributeValue" {
        0 value: Option<String>,
    }
    pub struct AuthorizeSecurityGroupEgressRequest = "AuthorizeSecurityGroupEgressRequest" {
        0 tag_specifications: Option<Vec<TagSpecification>>,
        1 dry_run: Option<bool>,
        2 group_id: String,
        3 source_security_group_name: Option<String>,
        4 source_security_group_owner_id: Option<String>,
        5 ip_protocol: Option<String>,
        6 from_port: Option<i32>,
        7 to_port: Option<i32>,
        8 cidr_ip: Option<String>,
        9 ip_permissions: Option<Vec<IpPermission>>,
    }
    pub struct AuthorizeSecurityGroupEgressResult = "AuthorizeSecurityGroupEgressResult" {
        0 r#return: Option<bool>,
        1 security_group_rules: Option<Vec<SecurityGroupRule>>,
    }
    pub struct AuthorizeSecurityGroupIngressRequest = "AuthorizeSecurityGroupIngressRequest" {
        0 cidr_ip: Option<String>,
        1 from_port: Option<i32>,
        2 group_id: Option<String>,
        3 group_name: Option<String>,
        4 ip_permissions: Option<Vec<IpPermission>>,
        5 ip_protocol: Option<String>,
        6 source_security_group_name: Option<String>,
        7 source_security_group_owner_id: Option<String>,
        8 to_port: Option<i32>,
        9 tag_specifications: Option<Vec<TagSpecification>>,
        10 dry_run: Option<bool>,
    }
    pub struct AuthorizeSecurityGroupIngressResult = "AuthorizeSecurityGroupIngressResult" {
        0 r#return: Option<bool>,
        1 security_group_rules: Option<Vec<SecurityGroupRule>>,
    }
    pub struct AvailabilityZone = "AvailabilityZone" {
        0 opt_in_status: Option<String>,
        1 messages: Option<Vec<AvailabilityZoneMessage>>,
        2 region_name: Option<String>,
        3 zone_name: Option<String>,
        4 zone_id: Option<String>,
        5 group_name: Option<String>,
        6 network_border_group: Option<String>,
        7 zone_type: Option<String>,
        8 parent_zone_name: Option<String>,
        9 parent_zone_id: Option<String>,
        10 group_long_name: Option<String>,
        11 geography: Option<Vec<AvailabilityZoneGeography>>,
        12 sub_geography: Option<Vec<AvailabilityZoneSubGeography>>,
        13 state: Option<String>,
    }
    pub struct AvailabilityZoneAddress = "AvailabilityZoneAddress" {
        0 availability_zone: Option<String>,
        1 availability_zone_id: Option<String>,
        2 allocation_ids: Option<Vec<String>>,
    }
    pub struct AvailabilityZoneGeography = "AvailabilityZoneGeography" {
        0 name: Option<String>,
    }
    pub struct AvailabilityZoneMessage = "AvailabilityZoneMessage" {
        0 message: Option<String>,
    }
    pub struct AvailabilityZoneSubGeography = "AvailabilityZoneSubGeography" {
        0 name: Option<String>,
    }
    pub struct BlockPublicAccessStates = "BlockPublicAccessStates" {
        0 internet_gateway_block_mode: Option<String>,
    }
    pub struct CapacityReservationSpecificationResponse = "CapacityReservationSpecificationResponse" {
        0 capacity_reservation_preference: Option<String>,
        1 capacity_reservation_target: Option<CapacityReservationTargetResponse>,
    }
    pub struct CapacityReservationTargetResponse = "CapacityReservationTargetResponse" {
        0 capacity_reservation_id: Option<String>,
        1 capacity_reservation_resource_group_arn: Option<String>,
    }
    pub struct CidrBlock = "CidrBlock" {
        0 cidr_block: Option<String>,
    }
    pub struct ConnectionTrackingConfiguration = "ConnectionTrackingConfiguration" {
        0 tcp_established_timeout: Option<i32>,
        1 udp_stream_timeout: Option<i32>,
        2 udp_timeout: Option<i32>,
    }
    pub struct ConnectionTrackingSpecificationRequest = "ConnectionTrackingSpecificationRequest" {
        0 tcp_established_timeout: Option<i32>,
        1 udp_stream_timeout: Option<i32>,
        2 udp_timeout: Option<i32>,
    }
    pub struct ConnectionTrackingSpecificationResponse = "ConnectionTrackingSpecificationResponse" {
        0 tcp_established_timeout: Option<i32>,
        1 udp_stream_timeout: Option<i32>,
        2 udp_timeout: Option<i32>,
    }
    pub struct CpuOptions = "CpuOptions" {
        0 core_count: Option<i32>,
        1 threads_per_core: Option<i32>,
        2 amd_sev_snp: Option<String>,
        3 nested_virtualization: Option<String>,
    }
    pub struct CreateDefaultSubnetRequest = "CreateDefaultSubnetRequest" {
        0 availability_zone: Option<String>,
        1 dry_run: Option<bool>,
        2 ipv6_native: Option<bool>,
        3 availability_zone_id: Option<String>,
    }
    pub struct CreateDefaultSubnetResult = "CreateDefaultSubnetResult" {
        0 subnet: Option<Subnet>,
    }
    pub struct CreateDefaultVpcRequest = "CreateDefaultVpcRequest" {
        0 dry_run: Option<bool>,
    }
    pub struct CreateDefaultVpcResult = "CreateDefaultVpcResult" {
        0 vpc: Option<Vpc>,
    }
    pub struct CreateDhcpOptionsRequest = "CreateDhcpOptionsRequest" {
        0 dhcp_configurations: Vec<NewDhcpConfiguration>,
        1 tag_specifications: Option<Vec<TagSpecification>>,
        2 dry_run: Option<bool>,
    }
    pub struct CreateDhcpOptionsResult = "CreateDhcpOptionsResult" {
        0 dhcp_options: Option<DhcpOptions>,
    }
    pub struct CreateInternetGatewayRequest = "CreateInternetGatewayRequest" {
        0 tag_specifications: Option<Vec<TagSpecification>>,
        1 dry_run: Option<bool>,
    }
    pub struct CreateInternetGatewayResult = "CreateInternetGatewayResult" {
        0 internet_gateway: Option<InternetGateway>,
    }
    pub struct CreateNatGatewayRequest = "CreateNatGatewayRequest" {
        0 availability_mode: Option<String>,
        1 allocation_id: Option<String>,
        2 client_token: Option<String>,
        3 dry_run: Option<bool>,
        4 subnet_id: Option<String>,
        5 vpc_id: Option<String>,
        6 availability_zone_addresses: Option<Vec<AvailabilityZoneAddress>>,
        7 tag_specifications: Option<Vec<TagSpecification>>,
        8 connectivity_type: Option<String>,
        9 private_ip_address: Option<String>,
        10 secondary_allocation_ids: Option<Vec<String>>,
        11 secondary_private_ip_addresses: Option<Vec<String>>,
        12 secondary_private_ip_address_count: Option<i32>,
    }
    pub struct CreateNatGatewayResult = "CreateNatGatewayResult" {
        0 client_token: Option<String>,
        1 nat_gateway: Option<NatGateway>,
    }
    pub struct CreateNetworkAclEntryRequest = "CreateNetworkAclEntryRequest" {
        0 dry_run: Option<bool>,
        1 network_acl_id: String,
        2 rule_number: i32,
        3 protocol: String,
        4 rule_action: String,
        5 egress: bool,
        6 cidr_block: Option<String>,
        7 ipv6_cidr_block: Option<String>,
        8 icmp_type_code: Option<IcmpTypeCode>,
        9 port_range: Option<PortRange>,
    }
    pub struct CreateNetworkAclRequest = "CreateNetworkAclRequest" {
        0 tag_specifications: Option<Vec<TagSpecification>>,
        1 client_token: Option<String>,
        2 dry_run: Option<bool>,
        3 vpc_id: String,
    }
    pub struct CreateNetworkAclResult = "CreateNetworkAclResult" {
        0 network_acl: Option<NetworkAcl>,
        1 client_token: Option<String>,
    }
    pub struct CreateNetworkInterfaceRequest = "CreateNetworkInterfaceRequest" {
        0 ipv4_prefixes: Option<Vec<Ipv4PrefixSpecificationRequest>>,
        1 ipv4_prefix_count: Option<i32>,
        2 ipv6_prefixes: Option<Vec<Ipv6PrefixSpecificationRequest>>,
        3 ipv6_prefix_count: Option<i32>,
        4 interface_type: Option<String>,
        5 tag_specifications: Option<Vec<TagSpecification>>,
        6 client_token: Option<String>,
        7 enable_primary_ipv6: Option<bool>,
        8 connection_tracking_specification: Option<ConnectionTrackingSpecificationRequest>,
        9 operator: Option<OperatorRequest>,
        10 subnet_id: String,
        11 description: Option<String>,
        12 private_ip_address: Option<String>,
        13 groups: Option<Vec<String>>,
        14 private_ip_addresses: Option<Vec<PrivateIpAddressSpecification>>,
        15 secondary_private_ip_address_count: Option<i32>,
        16 ipv6_addresses: Option<Vec<InstanceIpv6Address>>,
        17 ipv6_address_count: Option<i32>,
        18 dry_run: Option<bool>,
    }
    pub struct CreateNetworkInterfaceResult = "CreateNetworkInterfaceResult" {
        0 network_interface: Option<NetworkInterface>,
        1 client_token: Option<String>,
    }
    pub struct CreateRouteRequest = "CreateRouteRequest" {
        0 destination_prefix_list_id: Option<String>,
        1 vpc_endpoint_id: Option<String>,
        2 transit_gateway_id: Option<String>,
        3 local_gateway_id: Option<String>,
        4 carrier_gateway_id: Option<String>,
        5 core_network_arn: Option<String>,
        6 odb_network_arn: Option<String>,
        7 dry_run: Option<bool>,
        8 route_table_id: String,
        9 destination_cidr_block: Option<String>,
        10 gateway_id: Option<String>,
        11 destination_ipv6_cidr_block: Option<String>,
        12 egress_only_internet_gateway_id: Option<String>,
        13 instance_id: Option<String>,
        14 network_interface_id: Option<String>,
        15 vpc_peering_connection_id: Option<String>,
        16 nat_gateway_id: Option<String>,
    }
    pub struct CreateRouteResult = "CreateRouteResult" {
        0 r#return: Option<bool>,
    }
    pub struct CreateRouteTableRequest = "CreateRouteTableRequest" {
        0 tag_specifications: Option<Vec<TagSpecification>>,
        1 client_token: Option<String>,
        2 dry_run: Option<bool>,
        3 vpc_id: String,
    }
    pub struct CreateRouteTableResult = "CreateRouteTableResult" {
        0 route_table: Option<RouteTable>,
        1 client_token: Option<String>,
    }
    pub struct CreateSecurityGroupRequest = "CreateSecurityGroupRequest" {
        0 description: String,
        1 group_name: String,
        2 vpc_id: Option<String>,
        3 tag_specifications: Option<Vec<TagSpecification>>,
        4 dry_run: Option<bool>,
    }
    pub struct CreateSecurityGroupResult = "CreateSecurityGroupResult" {
        0 group_id: Option<String>,
        1 tags: Option<Vec<Tag>>,
        2 security_group_arn: Option<String>,
    }
    pub struct CreateSubnetRequest = "CreateSubnetRequest" {
        0 tag_specifications: Option<Vec<TagSpecification>>,
        1 availability_zone: Option<String>,
        2 availability_zone_id: Option<String>,
        3 cidr_block: Option<String>,
        4 ipv6_cidr_block: Option<String>,
        5 outpost_arn: Option<String>,
        6 vpc_id: String,
        7 ipv6_native: Option<bool>,
        8 ipv4_ipam_pool_id: Option<String>,
        9 ipv4_netmask_length: Option<i32>,
        10 ipv6_ipam_pool_id: Option<String>,
        11 ipv6_netmask_length: Option<i32>,
        12 dry_run: Option<bool>,
    }
    pub struct CreateSubnetResult = "CreateSubnetResult" {
        0 subnet: Option<Subnet>,
    }
    pub struct CreateTagsRequest = "CreateTagsRequest" {
        0 dry_run: Option<bool>,
        1 resources: Option<Vec<String>>,
        2 tags: Option<Vec<Tag>>,
    }
    pub struct CreateVpcRequest = "CreateVpcRequest" {
        0 cidr_block: Option<String>,
        1 ipv6_pool: Option<String>,
        2 ipv6_cidr_block: Option<String>,
        3 ipv4_ipam_pool_id: Option<String>,
        4 ipv4_netmask_length: Option<i32>,
        5 ipv6_ipam_pool_id: Option<String>,
        6 ipv6_netmask_length: Option<i32>,
        7 ipv6_cidr_block_network_border_group: Option<String>,
        8 vpc_encryption_control: Option<VpcEncryptionControlConfiguration>,
        9 tag_specifications: Option<Vec<TagSpecification>>,
        10 dry_run: Option<bool>,
        11 instance_tenancy: Option<String>,
        12 amazon_provided_ipv6_cidr_block: Option<bool>,
    }
    pub struct CreateVpcResult = "CreateVpcResult" {
        0 vpc: Option<Vpc>,
    }
    pub struct DeleteDhcpOptionsRequest = "DeleteDhcpOptionsRequest" {
        0 dhcp_options_id: String,
        1 dry_run: Option<bool>,
    }
    pub struct DeleteInternetGatewayRequest = "DeleteInternetGatewayRequest" {
        0 dry_run: Option<bool>,
        1 internet_gateway_id: String,
    }
    pub struct DeleteNatGatewayRequest = "DeleteNatGatewayRequest" {
        0 dry_run: Option<bool>,
        1 nat_gateway_id: String,
    }
    pub struct DeleteNatGatewayResult = "DeleteNatGatewayResult" {
        0 nat_gateway_id: Option<String>,
    }
    pub struct DeleteNetworkAclEntryRequest = "DeleteNetworkAclEntryRequest" {
        0 dry_run: Option<bool>,
        1 network_acl_id: String,
        2 rule_number: i32,
        3 egress: bool,
    }
    pub struct DeleteNetworkAclRequest = "DeleteNetworkAclRequest" {
        0 dry_run: Option<bool>,
        1 network_acl_id: String,
    }
    pub struct DeleteNetworkInterfaceRequest = "DeleteNetworkInterfaceRequest" {
        0 dry_run: Option<bool>,
        1 network_interface_id: String,
    }
    pub struct DeleteRouteRequest = "DeleteRouteRequest" {
        0 destination_prefix_list_id: Option<String>,
        1 dry_run: Option<bool>,
        2 route_table_id: String,
        3 destination_cidr_block: Option<String>,
        4 destination_ipv6_cidr_block: Option<String>,
    }
    pub struct DeleteRouteTableRequest = "DeleteRouteTableRequest" {
        0 dry_run: Option<bool>,
        1 route_table_id: String,
    }
    pub struct DeleteSecurityGroupRequest = "DeleteSecurityGroupRequest" {
        0 group_id: Option<String>,
        1 group_name: Option<String>,
        2 dry_run: Option<bool>,
    }
    pub struct DeleteSecurityGroupResult = "DeleteSecurityGroupResult" {
        0 r#return: Option<bool>,
        1 group_id: Option<String>,
    }
    pub struct DeleteSubnetRequest = "DeleteSubnetRequest" {
        0 subnet_id: String,
        1 dry_run: Option<bool>,
    }
    pub struct DeleteTagsRequest = "DeleteTagsRequest" {
        0 dry_run: Option<bool>,
        1 resources: Option<Vec<String>>,
        2 tags: Option<Vec<Tag>>,
    }
    pub struct DeleteVpcRequest = "DeleteVpcRequest" {
        0 vpc_id: String,
        1 dry_run: Option<bool>,
    }
    pub struct DescribeAccountAttributesRequest = "DescribeAccountAttributesRequest" {
        0 dry_run: Option<bool>,
        1 attribute_names: Option<Vec<String>>,
    }
    pub struct DescribeAccountAttributesResult = "DescribeAccountAttributesResult" {
        0 account_attributes: Option<Vec<AccountAttribute>>,
    }
    pub struct DescribeAddressesAttributeRequest = "DescribeAddressesAttributeRequest" {
        0 allocation_ids: Option<Vec<String>>,
        1 attribute: Option<String>,
        2 next_token: Option<String>,
        3 max_results: Option<i32>,
        4 dry_run: Option<bool>,
    }
    pub struct DescribeAddressesAttributeResult = "DescribeAddressesAttributeResult" {
        0 addresses: Option<Vec<AddressAttribute>>,
        1 next_token: Option<String>,
    }
    pub struct DescribeAddressesRequest = "DescribeAddressesRequest" {
        0 public_ips: Option<Vec<String>>,
        1 dry_run: Option<bool>,
        2 filters: Option<Vec<Filter>>,
        3 allocation_ids: Option<Vec<String>>,
    }
    pub struct DescribeAddressesResult = "DescribeAddressesResult" {
        0 addresses: Option<Vec<Address>>,
    }
    pub struct DescribeAvailabilityZonesRequest = "DescribeAvailabilityZonesRequest" {
        0 zone_names: Option<Vec<String>>,
        1 zone_ids: Option<Vec<String>>,
        2 all_availability_zones: Option<bool>,
        3 dry_run: Option<bool>,
        4 filters: Option<Vec<Filter>>,
    }
    pub struct DescribeAvailabilityZonesResult = "DescribeAvailabilityZonesResult" {
        0 availability_zones: Option<Vec<AvailabilityZone>>,
    }
    pub struct DescribeDhcpOptionsRequest = "DescribeDhcpOptionsRequest" {
        0 dhcp_options_ids: Option<Vec<String>>,
        1 next_token: Option<String>,
        2 max_results: Option<i32>,
        3 dry_run: Option<bool>,
        4 filters: Option<Vec<Filter>>,
    }
    pub struct DescribeDhcpOptionsResult = "DescribeDhcpOptionsResult" {
        0 next_token: Option<String>,
        1 dhcp_options: Option<Vec<DhcpOptions>>,
    }
    pub struct DescribeEgressOnlyInternetGatewaysRequest = "DescribeEgressOnlyInternetGatewaysRequest" {
        0 dry_run: Option<bool>,
        1 egress_only_internet_gateway_ids: Option<Vec<String>>,
        2 max_results: Option<i32>,
        3 next_token: Option<String>,
        4 filters: Option<Vec<Filter>>,
    }
    pub struct DescribeEgressOnlyInternetGatewaysResult = "DescribeEgressOnlyInternetGatewaysResult" {
        0 egress_only_internet_gateways: Option<Vec<EgressOnlyInternetGateway>>,
        1 next_token: Option<String>,
    }
    pub struct DescribeInstancesRequest = "DescribeInstancesRequest" {
        0 instance_ids: Option<Vec<String>>,
        1 include_managed_resources: Option<bool>,
        2 dry_run: Option<bool>,
        3 filters: Option<Vec<Filter>>,
        4 next_token: Option<String>,
        5 max_results: Option<i32>,
    }
    pub struct DescribeInstancesResult = "DescribeInstancesResult" {
        0 next_token: Option<String>,
        1 reservations: Option<Vec<Reservation>>,
    }
    pub struct DescribeInternetGatewaysRequest = "DescribeInternetGatewaysRequest" {
        0 next_token: Option<String>,
        1 max_results: Option<i32>,
        2 dry_run: Option<bool>,
        3 internet_gateway_ids: Option<Vec<String>>,
        4 filters: Option<Vec<Filter>>,
    }
    pub struct DescribeInternetGatewaysResult = "DescribeInternetGatewaysResult" {
        0 internet_gateways: Option<Vec<InternetGateway>>,
        1 next_token: Option<String>,
    }
    pub struct DescribeManagedPrefixListsRequest = "DescribeManagedPrefixListsRequest" {
        0 dry_run: Option<bool>,
        1 filters: Option<Vec<Filter>>,
        2 max_results: Option<i32>,
        3 next_token: Option<String>,
        4 prefix_list_ids: Option<Vec<String>>,
    }
    pub struct DescribeManagedPrefixListsResult = "DescribeManagedPrefixListsResult" {
        0 next_token: Option<String>,
        1 prefix_lists: Option<Vec<ManagedPrefixList>>,
    }
    pub struct DescribeNatGatewaysRequest = "DescribeNatGatewaysRequest" {
        0 dry_run: Option<bool>,
        1 filter: Option<Vec<Filter>>,
        2 max_results: Option<i32>,
        3 nat_gateway_ids: Option<Vec<String>>,
        4 next_token: Option<String>,
    }
    pub struct DescribeNatGatewaysResult = "DescribeNatGatewaysResult" {
        0 nat_gateways: Option<Vec<NatGateway>>,
        1 next_token: Option<String>,
    }
    pub struct DescribeNetworkAclsRequest = "DescribeNetworkAclsRequest" {
        0 next_token: Option<String>,
        1 max_results: Option<i32>,
        2 dry_run: Option<bool>,
        3 network_acl_ids: Option<Vec<String>>,
        4 filters: Option<Vec<Filter>>,
    }
    pub struct DescribeNetworkAclsResult = "DescribeNetworkAclsResult" {
        0 network_acls: Option<Vec<NetworkAcl>>,
        1 next_token: Option<String>,
    }
    pub struct DescribeNetworkInterfaceAttributeRequest = "DescribeNetworkInterfaceAttributeRequest" {
        0 dry_run: Option<bool>,
        1 network_interface_id: String,
        2 attribute: Option<String>,
    }
    pub struct DescribeNetworkInterfaceAttributeResult = "DescribeNetworkInterfaceAttributeResult" {
        0 attachment: Option<NetworkInterfaceAttachment>,
        1 description: Option<AttributeValue>,
        2 groups: Option<Vec<GroupIdentifier>>,
        3 network_interface_id: Option<String>,
        4 source_dest_check: Option<AttributeBooleanValue>,
        5 associate_public_ip_address: Option<bool>,
    }
    pub struct DescribeNetworkInterfacesRequest = "DescribeNetworkInterfacesRequest" {
        0 next_token: Option<String>,
        1 max_results: Option<i32>,
        2 include_managed_resources: Option<bool>,
        3 dry_run: Option<bool>,
        4 network_interface_ids: Option<Vec<String>>,
        5 filters: Option<Vec<Filter>>,
    }
    pub struct DescribeNetworkInterfacesResult = "DescribeNetworkInterfacesResult" {
        0 network_interfaces: Option<Vec<NetworkInterface>>,
        1 next_token: Option<String>,
    }
    pub struct DescribePrefixListsRequest = "DescribePrefixListsRequest" {
        0 dry_run: Option<bool>,
        1 filters: Option<Vec<Filter>>,
        2 max_results: Option<i32>,
        3 next_token: Option<String>,
        4 prefix_list_ids: Option<Vec<String>>,
    }
    pub struct DescribePrefixListsResult = "DescribePrefixListsResult" {
        0 next_token: Option<String>,
        1 prefix_lists: Option<Vec<PrefixList>>,
    }
    pub struct DescribeRegionsRequest = "DescribeRegionsRequest" {
        0 region_names: Option<Vec<String>>,
        1 all_regions: Option<bool>,
        2 dry_run: Option<bool>,
        3 filters: Option<Vec<Filter>>,
    }
    pub struct DescribeRegionsResult = "DescribeRegionsResult" {
        0 regions: Option<Vec<Region>>,
    }
    pub struct DescribeRouteTablesRequest = "DescribeRouteTablesRequest" {
        0 next_token: Option<String>,
        1 max_results: Option<i32>,
        2 dry_run: Option<bool>,
        3 route_table_ids: Option<Vec<String>>,
        4 filters: Option<Vec<Filter>>,
    }
    pub struct DescribeRouteTablesResult = "DescribeRouteTablesResult" {
        0 route_tables: Option<Vec<RouteTable>>,
        1 next_token: Option<String>,
    }
    pub struct DescribeSecurityGroupReferencesRequest = "DescribeSecurityGroupReferencesRequest" {
        0 dry_run: Option<bool>,
        1 group_id: Vec<String>,
    }
    pub struct DescribeSecurityGroupReferencesResult = "DescribeSecurityGroupReferencesResult" {
        0 security_group_reference_set: Option<Vec<SecurityGroupReference>>,
    }
    pub struct DescribeSecurityGroupRulesRequest = "DescribeSecurityGroupRulesRequest" {
        0 filters: Option<Vec<Filter>>,
        1 security_group_rule_ids: Option<Vec<String>>,
        2 dry_run: Option<bool>,
        3 next_token: Option<String>,
        4 max_results: Option<i32>,
    }
    pub struct DescribeSecurityGroupRulesResult = "DescribeSecurityGroupRulesResult" {
        0 security_group_rules: Option<Vec<SecurityGroupRule>>,
        1 next_token: Option<String>,
    }
    pub struct DescribeSecurityGroupsRequest = "DescribeSecurityGroupsRequest" {
        0 group_ids: Option<Vec<String>>,
        1 group_names: Option<Vec<String>>,
        2 next_token: Option<String>,
        3 max_results: Option<i32>,
        4 dry_run: Option<bool>,
        5 filters: Option<Vec<Filter>>,
    }
    pub struct DescribeSecurityGroupsResult = "DescribeSecurityGroupsResult" {
        0 next_token: Option<String>,
        1 security_groups: Option<Vec<SecurityGroup>>,
    }
    pub struct DescribeStaleSecurityGroupsRequest = "DescribeStaleSecurityGroupsRequest" {
        0 dry_run: Option<bool>,
        1 max_results: Option<i32>,
        2 next_token: Option<String>,
        3 vpc_id: String,
    }
    pub struct DescribeStaleSecurityGroupsResult = "DescribeStaleSecurityGroupsResult" {
        0 next_token: Option<String>,
        1 stale_security_group_set: Option<Vec<StaleSecurityGroup>>,
    }
    pub struct DescribeSubnetsRequest = "DescribeSubnetsRequest" {
        0 filters: Option<Vec<Filter>>,
        1 subnet_ids: Option<Vec<String>>,
        2 next_token: Option<String>,
        3 max_results: Option<i32>,
        4 dry_run: Option<bool>,
    }
    pub struct DescribeSubnetsResult = "DescribeSubnetsResult" {
        0 next_token: Option<String>,
        1 subnets: Option<Vec<Subnet>>,
    }
    pub struct DescribeTagsRequest = "DescribeTagsRequest" {
        0 dry_run: Option<bool>,
        1 filters: Option<Vec<Filter>>,
        2 max_results: Option<i32>,
        3 next_token: Option<String>,
    }
    pub struct DescribeTagsResult = "DescribeTagsResult" {
        0 next_token: Option<String>,
        1 tags: Option<Vec<TagDescription>>,
    }
    pub struct DescribeVpcAttributeRequest = "DescribeVpcAttributeRequest" {
        0 attribute: String,
        1 vpc_id: String,
        2 dry_run: Option<bool>,
    }
    pub struct DescribeVpcAttributeResult = "DescribeVpcAttributeResult" {
        0 enable_dns_hostnames: Option<AttributeBooleanValue>,
        1 enable_dns_support: Option<AttributeBooleanValue>,
        2 enable_network_address_usage_metrics: Option<AttributeBooleanValue>,
        3 vpc_id: Option<String>,
    }
    pub struct DescribeVpcEndpointsRequest = "DescribeVpcEndpointsRequest" {
        0 dry_run: Option<bool>,
        1 vpc_endpoint_ids: Option<Vec<String>>,
        2 filters: Option<Vec<Filter>>,
        3 max_results: Option<i32>,
        4 next_token: Option<String>,
    }
    pub struct DescribeVpcEndpointsResult = "DescribeVpcEndpointsResult" {
        0 vpc_endpoints: Option<Vec<VpcEndpoint>>,
        1 next_token: Option<String>,
    }
    pub struct DescribeVpcPeeringConnectionsRequest = "DescribeVpcPeeringConnectionsRequest" {
        0 next_token: Option<String>,
        1 max_results: Option<i32>,
        2 dry_run: Option<bool>,
        3 vpc_peering_connection_ids: Option<Vec<String>>,
        4 filters: Option<Vec<Filter>>,
    }
    pub struct DescribeVpcPeeringConnectionsResult = "DescribeVpcPeeringConnectionsResult" {
        0 vpc_peering_connections: Option<Vec<VpcPeeringConnection>>,
        1 next_token: Option<String>,
    }
    pub struct DescribeVpcsRequest = "DescribeVpcsRequest" {
        0 filters: Option<Vec<Filter>>,
        1 vpc_ids: Option<Vec<String>>,
        2 next_token: Option<String>,
        3 max_results: Option<i32>,
        4 dry_run: Option<bool>,
    }
    pub struct DescribeVpcsResult = "DescribeVpcsResult" {
        0 next_token: Option<String>,
        1 vpcs: Option<Vec<Vpc>>,
    }
    pub struct DetachInternetGatewayRequest = "DetachInternetGatewayRequest" {
        0 dry_run: Option<bool>,
        1 internet_gateway_id: String,
        2 vpc_id: String,
    }
    pub struct DhcpConfiguration = "DhcpConfiguration" {
        0 key: Option<String>,
        1 values: Option<Vec<AttributeValue>>,
    }
    pub struct DhcpOptions = "DhcpOptions" {
        0 owner_id: Option<String>,
        1 tags: Option<Vec<Tag>>,
        2 dhcp_options_id: Option<String>,
        3 dhcp_configurations: Option<Vec<DhcpConfiguration>>,
    }
    pub struct DisassociateAddressRequest = "DisassociateAddressRequest" {
        0 association_id: Option<String>,
        1 public_ip: Option<String>,
        2 dry_run: Option<bool>,
    }
    pub struct DisassociateRouteTableRequest = "DisassociateRouteTableRequest" {
        0 dry_run: Option<bool>,
        1 association_id: String,
    }
    pub struct DisassociateVpcCidrBlockRequest = "DisassociateVpcCidrBlockRequest" {
        0 association_id: String,
    }
    pub struct DisassociateVpcCidrBlockResult = "DisassociateVpcCidrBlockResult" {
        0 ipv6_cidr_block_association: Option<VpcIpv6CidrBlockAssociation>,
        1 cidr_block_association: Option<VpcCidrBlockAssociation>,
        2 vpc_id: Option<String>,
    }
    pub struct DnsEntry = "DnsEntry" {
        0 dns_name: Option<String>,
        1 hosted_zone_id: Option<String>,
    }
    pub struct DnsOptions = "DnsOptions" {
        0 dns_record_ip_type: Option<String>,
        1 private_dns_only_for_inbound_resolver_endpoint: Option<bool>,
        2 private_dns_preference: Option<String>,
        3 private_dns_specified_domains: Option<Vec<String>>,
    }
    pub struct EbsInstanceBlockDevice = "EbsInstanceBlockDevice" {
        0 attach_time: Option<Timestamp>,
        1 delete_on_termination: Option<bool>,
        2 status: Option<String>,
        3 volume_id: Option<String>,
        4 associated_resource: Option<String>,
        5 volume_owner_id: Option<String>,
        6 operator: Option<OperatorResponse>,
        7 ebs_card_index: Option<i32>,
    }
    pub struct EgressOnlyInternetGateway = "EgressOnlyInternetGateway" {
        0 attachments: Option<Vec<InternetGatewayAttachment>>,
        1 egress_only_internet_gateway_id: Option<String>,
        2 tags: Option<Vec<Tag>>,
    }
    pub struct ElasticGpuAssociation = "ElasticGpuAssociation" {
        0 elastic_gpu_id: Option<String>,
        1 elastic_gpu_association_id: Option<String>,
        2 elastic_gpu_association_state: Option<String>,
        3 elastic_gpu_association_time: Option<String>,
    }
    pub struct ElasticInferenceAcceleratorAssociation = "ElasticInferenceAcceleratorAssociation" {
        0 elastic_inference_accelerator_arn: Option<String>,
        1 elastic_inference_accelerator_association_id: Option<String>,
        2 elastic_inference_accelerator_association_state: Option<String>,
        3 elastic_inference_accelerator_association_time: Option<Timestamp>,
    }
    pub struct EnaSrdSpecification = "EnaSrdSpecification" {
        0 ena_srd_enabled: Option<bool>,
        1 ena_srd_udp_specification: Option<EnaSrdUdpSpecification>,
    }
    pub struct EnaSrdUdpSpecification = "EnaSrdUdpSpecification" {
        0 ena_srd_udp_enabled: Option<bool>,
    }
    pub struct EnclaveOptions = "EnclaveOptions" {
        0 enabled: Option<bool>,
    }
    pub struct Filter = "Filter" {
        0 name: Option<String>,
        1 values: Option<Vec<String>>,
    }
    pub struct GetSecurityGroupsForVpcRequest = "GetSecurityGroupsForVpcRequest" {
        0 vpc_id: String,
        1 next_token: Option<String>,
        2 max_results: Option<i32>,
        3 filters: Option<Vec<Filter>>,
        4 dry_run: Option<bool>,
    }
    pub struct GetSecurityGroupsForVpcResult = "GetSecurityGroupsForVpcResult" {
        0 next_token: Option<String>,
        1 security_group_for_vpcs: Option<Vec<SecurityGroupForVpc>>,
    }
    pub struct GroupIdentifier = "GroupIdentifier" {
        0 group_id: Option<String>,
        1 group_name: Option<String>,
    }
    pub struct HibernationOptions = "HibernationOptions" {
        0 configured: Option<bool>,
    }
    pub struct IamInstanceProfile = "IamInstanceProfile" {
        0 arn: Option<String>,
        1 id: Option<String>,
    }
    pub struct IcmpTypeCode = "IcmpTypeCode" {
        0 code: Option<i32>,
        1 r#type: Option<i32>,
    }
    pub struct Instance = "Instance" {
        0 architecture: Option<String>,
        1 block_device_mappings: Option<Vec<InstanceBlockDeviceMapping>>,
        2 client_token: Option<String>,
        3 ebs_optimized: Option<bool>,
        4 ena_support: Option<bool>,
        5 hypervisor: Option<String>,
        6 iam_instance_profile: Option<IamInstanceProfile>,
        7 instance_lifecycle: Option<String>,
        8 elastic_gpu_associations: Option<Vec<ElasticGpuAssociation>>,
        9 elastic_inference_accelerator_associations: Option<Vec<ElasticInferenceAcceleratorAssociation>>,
        10 network_interfaces: Option<Vec<InstanceNetworkInterface>>,
        11 outpost_arn: Option<String>,
        12 root_device_name: Option<String>,
        13 root_device_type: Option<String>,
        14 security_groups: Option<Vec<GroupIdentifier>>,
        15 source_dest_check: Option<bool>,
        16 spot_instance_request_id: Option<String>,
        17 sriov_net_support: Option<String>,
        18 state_reason: Option<StateReason>,
        19 tags: Option<Vec<Tag>>,
        20 virtualization_type: Option<String>,
        21 cpu_options: Option<CpuOptions>,
        22 capacity_block_id: Option<String>,
        23 capacity_reservation_id: Option<String>,
        24 capacity_reservation_specification: Option<CapacityReservationSpecificationResponse>,
        25 hibernation_options: Option<HibernationOptions>,
        26 licenses: Option<Vec<LicenseConfiguration>>,
        27 metadata_options: Option<InstanceMetadataOptionsResponse>,
        28 enclave_options: Option<EnclaveOptions>,
        29 boot_mode: Option<String>,
        30 platform_details: Option<String>,
        31 usage_operation: Option<String>,
        32 usage_operation_update_time: Option<Timestamp>,
        33 private_dns_name_options: Option<PrivateDnsNameOptionsResponse>,
        34 ipv6_address: Option<String>,
        35 tpm_support: Option<String>,
        36 maintenance_options: Option<InstanceMaintenanceOptions>,
        37 current_instance_boot_mode: Option<String>,
        38 network_performance_options: Option<InstanceNetworkPerformanceOptions>,
        39 operator: Option<OperatorResponse>,
        40 secondary_interfaces: Option<Vec<InstanceSecondaryInterface>>,
        41 instance_id: Option<String>,
        42 image_id: Option<String>,
        43 state: Option<InstanceState>,
        44 private_dns_name: Option<String>,
        45 public_dns_name: Option<String>,
        46 state_transition_reason: Option<String>,
        47 key_name: Option<String>,
        48 ami_launch_index: Option<i32>,
        49 product_codes: Option<Vec<ProductCode>>,
        50 instance_type: Option<String>,
        51 launch_time: Option<Timestamp>,
        52 placement: Option<Placement>,
        53 kernel_id: Option<String>,
        54 ramdisk_id: Option<String>,
        55 platform: Option<String>,
        56 monitoring: Option<Monitoring>,
        57 subnet_id: Option<String>,
        58 vpc_id: Option<String>,
        59 private_ip_address: Option<String>,
        60 public_ip_address: Option<String>,
    }
    pub struct InstanceAttachmentEnaSrdSpecification = "InstanceAttachmentEnaSrdSpecification" {
        0 ena_srd_enabled: Option<bool>,
        1 ena_srd_udp_specification: Option<InstanceAttachmentEnaSrdUdpSpecification>,
    }
    pub struct InstanceAttachmentEnaSrdUdpSpecification = "InstanceAttachmentEnaSrdUdpSpecification" {
        0 ena_srd_udp_enabled: Option<bool>,
    }
    pub struct InstanceBlockDeviceMapping = "InstanceBlockDeviceMapping" {
        0 device_name: Option<String>,
        1 ebs: Option<EbsInstanceBlockDevice>,
    }
    pub struct InstanceIpv4Prefix = "InstanceIpv4Prefix" {
        0 ipv4_prefix: Option<String>,
    }
    pub struct InstanceIpv6Address = "InstanceIpv6Address" {
        0 ipv6_address: Option<String>,
        1 is_primary_ipv6: Option<bool>,
    }
    pub struct InstanceIpv6Prefix = "InstanceIpv6Prefix" {
        0 ipv6_prefix: Option<String>,
    }
    pub struct InstanceMaintenanceOptions = "InstanceMaintenanceOptions" {
        0 auto_recovery: Option<String>,
        1 reboot_migration: Option<String>,
    }
    pub struct InstanceMetadataOptionsResponse = "InstanceMetadataOptionsResponse" {
        0 state: Option<String>,
        1 http_tokens: Option<String>,
        2 http_put_response_hop_limit: Option<i32>,
        3 http_endpoint: Option<String>,
        4 http_protocol_ipv6: Option<String>,
        5 instance_metadata_tags: Option<String>,
    }
    pub struct InstanceNetworkInterface = "InstanceNetworkInterface" {
        0 association: Option<InstanceNetworkInterfaceAssociation>,
        1 attachment: Option<InstanceNetworkInterfaceAttachment>,
        2 description: Option<String>,
        3 groups: Option<Vec<GroupIdentifier>>,
        4 ipv6_addresses: Option<Vec<InstanceIpv6Address>>,
        5 mac_address: Option<String>,
        6 network_interface_id: Option<String>,
        7 owner_id: Option<String>,
        8 private_dns_name: Option<String>,
        9 private_ip_address: Option<String>,
        10 private_ip_addresses: Option<Vec<InstancePrivateIpAddress>>,
        11 source_dest_check: Option<bool>,
        12 status: Option<String>,
        13 subnet_id: Option<String>,
        14 vpc_id: Option<String>,
        15 interface_type: Option<String>,
        16 ipv4_prefixes: Option<Vec<InstanceIpv4Prefix>>,
        17 ipv6_prefixes: Option<Vec<InstanceIpv6Prefix>>,
        18 connection_tracking_configuration: Option<ConnectionTrackingSpecificationResponse>,
        19 operator: Option<OperatorResponse>,
    }
    pub struct InstanceNetworkInterfaceAssociation = "InstanceNetworkInterfaceAssociation" {
        0 carrier_ip: Option<String>,
        1 customer_owned_ip: Option<String>,
        2 ip_owner_id: Option<String>,
        3 public_dns_name: Option<String>,
        4 public_ip: Option<String>,
    }
    pub struct InstanceNetworkInterfaceAttachment = "InstanceNetworkInterfaceAttachment" {
        0 attach_time: Option<Timestamp>,
        1 attachment_id: Option<String>,
        2 delete_on_termination: Option<bool>,
        3 device_index: Option<i32>,
        4 status: Option<String>,
        5 network_card_index: Option<i32>,
        6 ena_srd_specification: Option<InstanceAttachmentEnaSrdSpecification>,
        7 ena_queue_count: Option<i32>,
    }
    pub struct InstanceNetworkPerformanceOptions = "InstanceNetworkPerformanceOptions" {
        0 bandwidth_weighting: Option<String>,
    }
    pub struct InstancePrivateIpAddress = "InstancePrivateIpAddress" {
        0 association: Option<InstanceNetworkInterfaceAssociation>,
        1 primary: Option<bool>,
        2 private_dns_name: Option<String>,
        3 private_ip_address: Option<String>,
    }
    pub struct InstanceSecondaryInterface = "InstanceSecondaryInterface" {
        0 attachment: Option<InstanceSecondaryInterfaceAttachment>,
        1 mac_address: Option<String>,
        2 secondary_interface_id: Option<String>,
        3 owner_id: Option<String>,
        4 private_ip_addresses: Option<Vec<InstanceSecondaryInterfacePrivateIpAddress>>,
        5 source_dest_check: Option<bool>,
        6 status: Option<String>,
        7 secondary_subnet_id: Option<String>,
        8 secondary_network_id: Option<String>,
        9 interface_type: Option<String>,
    }
    pub struct InstanceSecondaryInterfaceAttachment = "InstanceSecondaryInterfaceAttachment" {
        0 attach_time: Option<Timestamp>,
        1 attachment_id: Option<String>,
        2 delete_on_termination: Option<bool>,
        3 device_index: Option<i32>,
        4 status: Option<String>,
        5 network_card_index: Option<i32>,
    }
    pub struct InstanceSecondaryInterfacePrivateIpAddress = "InstanceSecondaryInterfacePrivateIpAddress" {
        0 private_ip_address: Option<String>,
    }
    pub struct InstanceState = "InstanceState" {
        0 code: Option<i32>,
        1 name: Option<String>,
    }
    pub struct InternetGateway = "InternetGateway" {
        0 attachments: Option<Vec<InternetGatewayAttachment>>,
        1 internet_gateway_id: Option<String>,
        2 owner_id: Option<String>,
        3 tags: Option<Vec<Tag>>,
    }
    pub struct InternetGatewayAttachment = "InternetGatewayAttachment" {
        0 state: Option<String>,
        1 vpc_id: Option<String>,
    }
    pub struct IpPermission = "IpPermission" {
        0 ip_protocol: Option<String>,
        1 from_port: Option<i32>,
        2 to_port: Option<i32>,
        3 user_id_group_pairs: Option<Vec<UserIdGroupPair>>,
        4 ip_ranges: Option<Vec<IpRange>>,
        5 ipv6_ranges: Option<Vec<Ipv6Range>>,
        6 prefix_list_ids: Option<Vec<PrefixListId>>,
    }
    pub struct IpRange = "IpRange" {
        0 description: Option<String>,
        1 cidr_ip: Option<String>,
    }
    pub struct Ipv4PrefixSpecification = "Ipv4PrefixSpecification" {
        0 ipv4_prefix: Option<String>,
    }
    pub struct Ipv4PrefixSpecificationRequest = "Ipv4PrefixSpecificationRequest" {
        0 ipv4_prefix: Option<String>,
    }
    pub struct Ipv6CidrBlock = "Ipv6CidrBlock" {
        0 ipv6_cidr_block: Option<String>,
    }
    pub struct Ipv6PrefixSpecification = "Ipv6PrefixSpecification" {
        0 ipv6_prefix: Option<String>,
    }
    pub struct Ipv6PrefixSpecificationRequest = "Ipv6PrefixSpecificationRequest" {
        0 ipv6_prefix: Option<String>,
    }
    pub struct Ipv6Range = "Ipv6Range" {
        0 description: Option<String>,
        1 cidr_ipv6: Option<String>,
    }
    pub struct LastError = "LastError" {
        0 message: Option<String>,
        1 code: Option<String>,
    }
    pub struct LicenseConfiguration = "LicenseConfiguration" {
        0 license_configuration_arn: Option<String>,
    }
    pub struct ManagedPrefixList = "ManagedPrefixList" {
        0 prefix_list_id: Option<String>,
        1 address_family: Option<String>,
        2 state: Option<String>,
        3 state_message: Option<String>,
        4 prefix_list_arn: Option<String>,
        5 prefix_list_name: Option<String>,
        6 max_entries: Option<i32>,
        7 version: Option<i64>,
        8 tags: Option<Vec<Tag>>,
        9 owner_id: Option<String>,
        10 ipam_prefix_list_resolver_target_id: Option<String>,
        11 ipam_prefix_list_resolver_sync_enabled: Option<bool>,
    }
    pub struct ModifyNetworkInterfaceAttributeRequest = "ModifyNetworkInterfaceAttributeRequest" {
        0 ena_srd_specification: Option<EnaSrdSpecification>,
        1 enable_primary_ipv6: Option<bool>,
        2 connection_tracking_specification: Option<ConnectionTrackingSpecificationRequest>,
        3 associate_public_ip_address: Option<bool>,
        4 associated_subnet_ids: Option<Vec<String>>,
        5 dry_run: Option<bool>,
        6 network_interface_id: String,
        7 description: Option<AttributeValue>,
        8 source_dest_check: Option<AttributeBooleanValue>,
        9 groups: Option<Vec<String>>,
        10 attachment: Option<NetworkInterfaceAttachmentChanges>,
    }
    pub struct ModifySecurityGroupRulesRequest = "ModifySecurityGroupRulesRequest" {
        0 group_id: String,
        1 security_group_rules: Vec<SecurityGroupRuleUpdate>,
        2 dry_run: Option<bool>,
    }
    pub struct ModifySecurityGroupRulesResult = "ModifySecurityGroupRulesResult" {
        0 r#return: Option<bool>,
    }
    pub struct ModifySubnetAttributeRequest = "ModifySubnetAttributeRequest" {
        0 assign_ipv6_address_on_creation: Option<AttributeBooleanValue>,
        1 map_public_ip_on_launch: Option<AttributeBooleanValue>,
        2 subnet_id: String,
        3 map_customer_owned_ip_on_launch: Option<AttributeBooleanValue>,
        4 customer_owned_ipv4_pool: Option<String>,
        5 enable_dns64: Option<AttributeBooleanValue>,
        6 private_dns_hostname_type_on_launch: Option<String>,
        7 enable_resource_name_dns_a_record_on_launch: Option<AttributeBooleanValue>,
        8 enable_resource_name_dns_aaaa_record_on_launch: Option<AttributeBooleanValue>,
        9 enable_lni_at_device_index: Option<i32>,
        10 disable_lni_at_device_index: Option<AttributeBooleanValue>,
    }
    pub struct ModifyVpcAttributeRequest = "ModifyVpcAttributeRequest" {
        0 enable_dns_hostnames: Option<AttributeBooleanValue>,
        1 enable_dns_support: Option<AttributeBooleanValue>,
        2 vpc_id: String,
        3 enable_network_address_usage_metrics: Option<AttributeBooleanValue>,
    }
    pub struct Monitoring = "Monitoring" {
        0 metric_category_ids: Option<Vec<String>>,
        1 state: Option<String>,
    }
    pub struct NatGateway = "NatGateway" {
        0 create_time: Option<Timestamp>,
        1 delete_time: Option<Timestamp>,
        2 failure_code: Option<String>,
        3 failure_message: Option<String>,
        4 nat_gateway_addresses: Option<Vec<NatGatewayAddress>>,
        5 nat_gateway_id: Option<String>,
        6 provisioned_bandwidth: Option<ProvisionedBandwidth>,
        7 state: Option<String>,
        8 subnet_id: Option<String>,
        9 vpc_id: Option<String>,
        10 tags: Option<Vec<Tag>>,
        11 connectivity_type: Option<String>,
        12 availability_mode: Option<String>,
        13 auto_scaling_ips: Option<String>,
        14 auto_provision_zones: Option<String>,
        15 attached_appliances: Option<Vec<NatGatewayAttachedAppliance>>,
        16 route_table_id: Option<String>,
    }
    pub struct NatGatewayAddress = "NatGatewayAddress" {
        0 allocation_id: Option<String>,
        1 network_interface_id: Option<String>,
        2 private_ip: Option<String>,
        3 public_ip: Option<String>,
        4 association_id: Option<String>,
        5 is_primary: Option<bool>,
        6 failure_message: Option<String>,
        7 status: Option<String>,
        8 availability_zone: Option<String>,
        9 availability_zone_id: Option<String>,
    }
    pub struct NatGatewayAttachedAppliance = "NatGatewayAttachedAppliance" {
        0 r#type: Option<String>,
        1 appliance_arn: Option<String>,
        2 vpc_endpoint_id: Option<String>,
        3 attachment_state: Option<String>,
        4 modification_state: Option<String>,
        5 failure_code: Option<String>,
        6 failure_message: Option<String>,
    }
    pub struct NetworkAcl = "NetworkAcl" {
        0 associations: Option<Vec<NetworkAclAssociation>>,
        1 entries: Option<Vec<NetworkAclEntry>>,
        2 is_default: Option<bool>,
        3 network_acl_id: Option<String>,
        4 tags: Option<Vec<Tag>>,
        5 vpc_id: Option<String>,
        6 owner_id: Option<String>,
    }
    pub struct NetworkAclAssociation = "NetworkAclAssociation" {
        0 network_acl_association_id: Option<String>,
        1 network_acl_id: Option<String>,
        2 subnet_id: Option<String>,
    }
    pub struct NetworkAclEntry = "NetworkAclEntry" {
        0 cidr_block: Option<String>,
        1 egress: Option<bool>,
        2 icmp_type_code: Option<IcmpTypeCode>,
        3 ipv6_cidr_block: Option<String>,
        4 port_range: Option<PortRange>,
        5 protocol: Option<String>,
        6 rule_action: Option<String>,
        7 rule_number: Option<i32>,
    }
    pub struct NetworkInterface = "NetworkInterface" {
        0 association: Option<NetworkInterfaceAssociation>,
        1 attachment: Option<NetworkInterfaceAttachment>,
        2 availability_zone: Option<String>,
        3 connection_tracking_configuration: Option<ConnectionTrackingConfiguration>,
        4 description: Option<String>,
        5 groups: Option<Vec<GroupIdentifier>>,
        6 interface_type: Option<String>,
        7 ipv6_addresses: Option<Vec<NetworkInterfaceIpv6Address>>,
        8 mac_address: Option<String>,
        9 network_interface_id: Option<String>,
        10 outpost_arn: Option<String>,
        11 owner_id: Option<String>,
        12 private_dns_name: Option<String>,
        13 public_dns_name: Option<String>,
        14 public_ip_dns_name_options: Option<PublicIpDnsNameOptions>,
        15 private_ip_address: Option<String>,
        16 private_ip_addresses: Option<Vec<NetworkInterfacePrivateIpAddress>>,
        17 ipv4_prefixes: Option<Vec<Ipv4PrefixSpecification>>,
        18 ipv6_prefixes: Option<Vec<Ipv6PrefixSpecification>>,
        19 requester_id: Option<String>,
        20 requester_managed: Option<bool>,
        21 source_dest_check: Option<bool>,
        22 status: Option<String>,
        23 subnet_id: Option<String>,
        24 tag_set: Option<Vec<Tag>>,
        25 vpc_id: Option<String>,
        26 deny_all_igw_traffic: Option<bool>,
        27 ipv6_native: Option<bool>,
        28 ipv6_address: Option<String>,
        29 operator: Option<OperatorResponse>,
        30 associated_subnets: Option<Vec<String>>,
        31 availability_zone_id: Option<String>,
    }
    pub struct NetworkInterfaceAssociation = "NetworkInterfaceAssociation" {
        0 allocation_id: Option<String>,
        1 association_id: Option<String>,
        2 ip_owner_id: Option<String>,
        3 public_dns_name: Option<String>,
        4 public_ip: Option<String>,
        5 customer_owned_ip: Option<String>,
        6 carrier_ip: Option<String>,
    }
    pub struct NetworkInterfaceAttachment = "NetworkInterfaceAttachment" {
        0 attach_time: Option<Timestamp>,
        1 attachment_id: Option<String>,
        2 delete_on_termination: Option<bool>,
        3 device_index: Option<i32>,
        4 network_card_index: Option<i32>,
        5 instance_id: Option<String>,
        6 instance_owner_id: Option<String>,
        7 status: Option<String>,
        8 ena_srd_specification: Option<AttachmentEnaSrdSpecification>,
        9 ena_queue_count: Option<i32>,
    }
    pub struct NetworkInterfaceAttachmentChanges = "NetworkInterfaceAttachmentChanges" {
        0 default_ena_queue_count: Option<bool>,
        1 ena_queue_count: Option<i32>,
        2 attachment_id: Option<String>,
        3 delete_on_termination: Option<bool>,
    }
    pub struct NetworkInterfaceIpv6Address = "NetworkInterfaceIpv6Address" {
        0 ipv6_address: Option<String>,
        1 public_ipv6_dns_name: Option<String>,
        2 is_primary_ipv6: Option<bool>,
    }
    pub struct NetworkInterfacePrivateIpAddress = "NetworkInterfacePrivateIpAddress" {
        0 association: Option<NetworkInterfaceAssociation>,
        1 primary: Option<bool>,
        2 private_dns_name: Option<String>,
        3 private_ip_address: Option<String>,
    }
    pub struct NewDhcpConfiguration = "NewDhcpConfiguration" {
        0 key: Option<String>,
        1 values: Option<Vec<String>>,
    }
    pub struct OperatorRequest = "OperatorRequest" {
        0 principal: Option<String>,
    }
    pub struct OperatorResponse = "OperatorResponse" {
        0 managed: Option<bool>,
        1 principal: Option<String>,
        2 hidden_by_default: Option<bool>,
    }
    pub struct PayerResponsibilityEntry = "PayerResponsibilityEntry" {
        0 scope: Option<String>,
        1 payer_responsibility_type: Option<String>,
    }
    pub struct Placement = "Placement" {
        0 availability_zone_id: Option<String>,
        1 affinity: Option<String>,
        2 group_name: Option<String>,
        3 partition_number: Option<i32>,
        4 host_id: Option<String>,
        5 tenancy: Option<String>,
        6 spread_domain: Option<String>,
        7 host_resource_group_arn: Option<String>,
        8 group_id: Option<String>,
        9 availability_zone: Option<String>,
    }
    pub struct PortRange = "PortRange" {
        0 from: Option<i32>,
        1 to: Option<i32>,
    }
    pub struct PrefixList = "PrefixList" {
        0 cidrs: Option<Vec<String>>,
        1 prefix_list_id: Option<String>,
        2 prefix_list_name: Option<String>,
    }
    pub struct PrefixListId = "PrefixListId" {
        0 description: Option<String>,
        1 prefix_list_id: Option<String>,
    }
    pub struct PrivateDnsNameOptionsOnLaunch = "PrivateDnsNameOptionsOnLaunch" {
        0 hostname_type: Option<String>,
        1 enable_resource_name_dns_a_record: Option<bool>,
        2 enable_resource_name_dns_aaaa_record: Option<bool>,
    }
    pub struct PrivateDnsNameOptionsResponse = "PrivateDnsNameOptionsResponse" {
        0 hostname_type: Option<String>,
        1 enable_resource_name_dns_a_record: Option<bool>,
        2 enable_resource_name_dns_aaaa_record: Option<bool>,
    }
    pub struct PrivateIpAddressSpecification = "PrivateIpAddressSpecification" {
        0 primary: Option<bool>,
        1 private_ip_address: Option<String>,
    }
    pub struct ProductCode = "ProductCode" {
        0 product_code_id: Option<String>,
        1 product_code_type: Option<String>,
    }
    pub struct PropagatingVgw = "PropagatingVgw" {
        0 gateway_id: Option<String>,
    }
    pub struct ProvisionedBandwidth = "ProvisionedBandwidth" {
        0 provision_time: Option<Timestamp>,
        1 provisioned: Option<String>,
        2 request_time: Option<Timestamp>,
        3 requested: Option<String>,
        4 status: Option<String>,
    }
    pub struct PtrUpdateStatus = "PtrUpdateStatus" {
        0 value: Option<String>,
        1 status: Option<String>,
        2 reason: Option<String>,
    }
    pub struct PublicIpDnsNameOptions = "PublicIpDnsNameOptions" {
        0 dns_hostname_type: Option<String>,
        1 public_ipv4_dns_name: Option<String>,
        2 public_ipv6_dns_name: Option<String>,
        3 public_dual_stack_dns_name: Option<String>,
    }
    pub struct ReferencedSecurityGroup = "ReferencedSecurityGroup" {
        0 group_id: Option<String>,
        1 peering_status: Option<String>,
        2 user_id: Option<String>,
        3 vpc_id: Option<String>,
        4 vpc_peering_connection_id: Option<String>,
    }
    pub struct Region = "Region" {
        0 opt_in_status: Option<String>,
        1 geography: Option<Vec<RegionGeography>>,
        2 region_name: Option<String>,
        3 endpoint: Option<String>,
    }
    pub struct RegionGeography = "RegionGeography" {
        0 name: Option<String>,
    }
    pub struct ReleaseAddressRequest = "ReleaseAddressRequest" {
        0 allocation_id: Option<String>,
        1 public_ip: Option<String>,
        2 network_border_group: Option<String>,
        3 dry_run: Option<bool>,
    }
    pub struct ReplaceNetworkAclAssociationRequest = "ReplaceNetworkAclAssociationRequest" {
        0 dry_run: Option<bool>,
        1 association_id: String,
        2 network_acl_id: String,
    }
    pub struct ReplaceNetworkAclAssociationResult = "ReplaceNetworkAclAssociationResult" {
        0 new_association_id: Option<String>,
    }
    pub struct ReplaceNetworkAclEntryRequest = "ReplaceNetworkAclEntryRequest" {
        0 dry_run: Option<bool>,
        1 network_acl_id: String,
        2 rule_number: i32,
        3 protocol: String,
        4 rule_action: String,
        5 egress: bool,
        6 cidr_block: Option<String>,
        7 ipv6_cidr_block: Option<String>,
        8 icmp_type_code: Option<IcmpTypeCode>,
        9 port_range: Option<PortRange>,
    }
    pub struct ReplaceRouteRequest = "ReplaceRouteRequest" {
        0 destination_prefix_list_id: Option<String>,
        1 vpc_endpoint_id: Option<String>,
        2 local_target: Option<bool>,
        3 transit_gateway_id: Option<String>,
        4 local_gateway_id: Option<String>,
        5 carrier_gateway_id: Option<String>,
        6 core_network_arn: Option<String>,
        7 odb_network_arn: Option<String>,
        8 dry_run: Option<bool>,
        9 route_table_id: String,
        10 destination_cidr_block: Option<String>,
        11 gateway_id: Option<String>,
        12 destination_ipv6_cidr_block: Option<String>,
        13 egress_only_internet_gateway_id: Option<String>,
        14 instance_id: Option<String>,
        15 network_interface_id: Option<String>,
        16 vpc_peering_connection_id: Option<String>,
        17 nat_gateway_id: Option<String>,
    }
    pub struct ReplaceRouteTableAssociationRequest = "ReplaceRouteTableAssociationRequest" {
        0 dry_run: Option<bool>,
        1 association_id: String,
        2 route_table_id: String,
    }
    pub struct ReplaceRouteTableAssociationResult = "ReplaceRouteTableAssociationResult" {
        0 new_association_id: Option<String>,
        1 association_state: Option<RouteTableAssociationState>,
    }
    pub struct Reservation = "Reservation" {
        0 reservation_id: Option<String>,
        1 owner_id: Option<String>,
        2 requester_id: Option<String>,
        3 groups: Option<Vec<GroupIdentifier>>,
        4 instances: Option<Vec<Instance>>,
    }
    pub struct RevokeSecurityGroupEgressRequest = "RevokeSecurityGroupEgressRequest" {
        0 security_group_rule_ids: Option<Vec<String>>,
        1 dry_run: Option<bool>,
        2 group_id: String,
        3 source_security_group_name: Option<String>,
        4 source_security_group_owner_id: Option<String>,
        5 ip_protocol: Option<String>,
        6 from_port: Option<i32>,
        7 to_port: Option<i32>,
        8 cidr_ip: Option<String>,
        9 ip_permissions: Option<Vec<IpPermission>>,
    }
    pub struct RevokeSecurityGroupEgressResult = "RevokeSecurityGroupEgressResult" {
        0 r#return: Option<bool>,
        1 unknown_ip_permissions: Option<Vec<IpPermission>>,
        2 revoked_security_group_rules: Option<Vec<RevokedSecurityGroupRule>>,
    }
    pub struct RevokeSecurityGroupIngressRequest = "RevokeSecurityGroupIngressRequest" {
        0 cidr_ip: Option<String>,
        1 from_port: Option<i32>,
        2 group_id: Option<String>,
        3 group_name: Option<String>,
        4 ip_permissions: Option<Vec<IpPermission>>,
        5 ip_protocol: Option<String>,
        6 source_security_group_name: Option<String>,
        7 source_security_group_owner_id: Option<String>,
        8 to_port: Option<i32>,
        9 security_group_rule_ids: Option<Vec<String>>,
        10 dry_run: Option<bool>,
    }
    pub struct RevokeSecurityGroupIngressResult = "RevokeSecurityGroupIngressResult" {
        0 r#return: Option<bool>,
        1 unknown_ip_permissions: Option<Vec<IpPermission>>,
        2 revoked_security_group_rules: Option<Vec<RevokedSecurityGroupRule>>,
    }
    pub struct RevokedSecurityGroupRule = "RevokedSecurityGroupRule" {
        0 security_group_rule_id: Option<String>,
        1 group_id: Option<String>,
        2 is_egress: Option<bool>,
        3 ip_protocol: Option<String>,
        4 from_port: Option<i32>,
        5 to_port: Option<i32>,
        6 cidr_ipv4: Option<String>,
        7 cidr_ipv6: Option<String>,
        8 prefix_list_id: Option<String>,
        9 referenced_group_id: Option<String>,
        10 description: Option<String>,
    }
    pub struct Route = "Route" {
        0 destination_cidr_block: Option<String>,
        1 destination_ipv6_cidr_block: Option<String>,
        2 destination_prefix_list_id: Option<String>,
        3 egress_only_internet_gateway_id: Option<String>,
        4 gateway_id: Option<String>,
        5 instance_id: Option<String>,
        6 instance_owner_id: Option<String>,
        7 nat_gateway_id: Option<String>,
        8 transit_gateway_id: Option<String>,
        9 local_gateway_id: Option<String>,
        10 carrier_gateway_id: Option<String>,
        11 network_interface_id: Option<String>,
        12 origin: Option<String>,
        13 state: Option<String>,
        14 vpc_peering_connection_id: Option<String>,
        15 core_network_arn: Option<String>,
        16 odb_network_arn: Option<String>,
        17 ip_address: Option<String>,
    }
    pub struct RouteTable = "RouteTable" {
        0 associations: Option<Vec<RouteTableAssociation>>,
        1 propagating_vgws: Option<Vec<PropagatingVgw>>,
        2 route_table_id: Option<String>,
        3 routes: Option<Vec<Route>>,
        4 tags: Option<Vec<Tag>>,
        5 vpc_id: Option<String>,
        6 owner_id: Option<String>,
    }
    pub struct RouteTableAssociation = "RouteTableAssociation" {
        0 main: Option<bool>,
        1 route_table_association_id: Option<String>,
        2 route_table_id: Option<String>,
        3 subnet_id: Option<String>,
        4 gateway_id: Option<String>,
        5 public_ipv4_pool: Option<String>,
        6 association_state: Option<RouteTableAssociationState>,
    }
    pub struct RouteTableAssociationState = "RouteTableAssociationState" {
        0 state: Option<String>,
        1 status_message: Option<String>,
    }
    pub struct SecurityGroup = "SecurityGroup" {
        0 group_id: Option<String>,
        1 ip_permissions_egress: Option<Vec<IpPermission>>,
        2 tags: Option<Vec<Tag>>,
        3 vpc_id: Option<String>,
        4 security_group_arn: Option<String>,
        5 owner_id: Option<String>,
        6 group_name: Option<String>,
        7 description: Option<String>,
        8 ip_permissions: Option<Vec<IpPermission>>,
    }
    pub struct SecurityGroupForVpc = "SecurityGroupForVpc" {
        0 description: Option<String>,
        1 group_name: Option<String>,
        2 owner_id: Option<String>,
        3 group_id: Option<String>,
        4 tags: Option<Vec<Tag>>,
        5 primary_vpc_id: Option<String>,
    }
    pub struct SecurityGroupIdentifier = "SecurityGroupIdentifier" {
        0 group_id: Option<String>,
        1 group_name: Option<String>,
    }
    pub struct SecurityGroupReference = "SecurityGroupReference" {
        0 group_id: Option<String>,
        1 referencing_vpc_id: Option<String>,
        2 vpc_peering_connection_id: Option<String>,
        3 transit_gateway_id: Option<String>,
    }
    pub struct SecurityGroupRule = "SecurityGroupRule" {
        0 security_group_rule_id: Option<String>,
        1 group_id: Option<String>,
        2 group_owner_id: Option<String>,
        3 is_egress: Option<bool>,
        4 ip_protocol: Option<String>,
        5 from_port: Option<i32>,
        6 to_port: Option<i32>,
        7 cidr_ipv4: Option<String>,
        8 cidr_ipv6: Option<String>,
        9 prefix_list_id: Option<String>,
        10 referenced_group_info: Option<ReferencedSecurityGroup>,
        11 description: Option<String>,
        12 tags: Option<Vec<Tag>>,
        13 security_group_rule_arn: Option<String>,
    }
    pub struct SecurityGroupRuleDescription = "SecurityGroupRuleDescription" {
        0 security_group_rule_id: Option<String>,
        1 description: Option<String>,
    }
    pub struct SecurityGroupRuleRequest = "SecurityGroupRuleRequest" {
        0 ip_protocol: Option<String>,
        1 from_port: Option<i32>,
        2 to_port: Option<i32>,
        3 cidr_ipv4: Option<String>,
        4 cidr_ipv6: Option<String>,
        5 prefix_list_id: Option<String>,
        6 referenced_group_id: Option<String>,
        7 description: Option<String>,
    }
    pub struct SecurityGroupRuleUpdate = "SecurityGroupRuleUpdate" {
        0 security_group_rule_id: String,
        1 security_group_rule: Option<SecurityGroupRuleRequest>,
    }
    pub struct StaleIpPermission = "StaleIpPermission" {
        0 from_port: Option<i32>,
        1 ip_protocol: Option<String>,
        2 ip_ranges: Option<Vec<String>>,
        3 prefix_list_ids: Option<Vec<String>>,
        4 to_port: Option<i32>,
        5 user_id_group_pairs: Option<Vec<UserIdGroupPair>>,
    }
    pub struct StaleSecurityGroup = "StaleSecurityGroup" {
        0 description: Option<String>,
        1 group_id: Option<String>,
        2 group_name: Option<String>,
        3 stale_ip_permissions: Option<Vec<StaleIpPermission>>,
        4 stale_ip_permissions_egress: Option<Vec<StaleIpPermission>>,
        5 vpc_id: Option<String>,
    }
    pub struct StateReason = "StateReason" {
        0 code: Option<String>,
        1 message: Option<String>,
    }
    pub struct Subnet = "Subnet" {
        0 availability_zone_id: Option<String>,
        1 enable_lni_at_device_index: Option<i32>,
        2 map_customer_owned_ip_on_launch: Option<bool>,
        3 customer_owned_ipv4_pool: Option<String>,
        4 owner_id: Option<String>,
        5 assign_ipv6_address_on_creation: Option<bool>,
        6 ipv6_cidr_block_association_set: Option<Vec<SubnetIpv6CidrBlockAssociation>>,
        7 tags: Option<Vec<Tag>>,
        8 subnet_arn: Option<String>,
        9 outpost_arn: Option<String>,
        10 enable_dns64: Option<bool>,
        11 ipv6_native: Option<bool>,
        12 private_dns_name_options_on_launch: Option<PrivateDnsNameOptionsOnLaunch>,
        13 block_public_access_states: Option<BlockPublicAccessStates>,
        14 r#type: Option<String>,
        15 subnet_id: Option<String>,
        16 state: Option<String>,
        17 vpc_id: Option<String>,
        18 cidr_block: Option<String>,
        19 available_ip_address_count: Option<i32>,
        20 availability_zone: Option<String>,
        21 default_for_az: Option<bool>,
        22 map_public_ip_on_launch: Option<bool>,
    }
    pub struct SubnetCidrBlockState = "SubnetCidrBlockState" {
        0 state: Option<String>,
        1 status_message: Option<String>,
    }
    pub struct SubnetIpPrefixes = "SubnetIpPrefixes" {
        0 subnet_id: Option<String>,
        1 ip_prefixes: Option<Vec<String>>,
    }
    pub struct SubnetIpv6CidrBlockAssociation = "SubnetIpv6CidrBlockAssociation" {
        0 association_id: Option<String>,
        1 ipv6_cidr_block: Option<String>,
        2 ipv6_cidr_block_state: Option<SubnetCidrBlockState>,
        3 ipv6_address_attribute: Option<String>,
        4 ip_source: Option<String>,
    }
    pub struct Tag = "Tag" {
        0 key: Option<String>,
        1 value: Option<String>,
    }
    pub struct TagDescription = "TagDescription" {
        0 key: Option<String>,
        1 resource_id: Option<String>,
        2 resource_type: Option<String>,
        3 value: Option<String>,
    }
    pub struct TagSpecification = "TagSpecification" {
        0 resource_type: Option<String>,
        1 tags: Option<Vec<Tag>>,
    }
    pub struct UpdateSecurityGroupRuleDescriptionsEgressRequest = "UpdateSecurityGroupRuleDescriptionsEgressRequest" {
        0 dry_run: Option<bool>,
        1 group_id: Option<String>,
        2 group_name: Option<String>,
        3 ip_permissions: Option<Vec<IpPermission>>,
        4 security_group_rule_descriptions: Option<Vec<SecurityGroupRuleDescription>>,
    }
    pub struct UpdateSecurityGroupRuleDescriptionsEgressResult = "UpdateSecurityGroupRuleDescriptionsEgressResult" {
        0 r#return: Option<bool>,
    }
    pub struct UpdateSecurityGroupRuleDescriptionsIngressRequest = "UpdateSecurityGroupRuleDescriptionsIngressRequest" {
        0 dry_run: Option<bool>,
        1 group_id: Option<String>,
        2 group_name: Option<String>,
        3 ip_permissions: Option<Vec<IpPermission>>,
        4 security_group_rule_descriptions: Option<Vec<SecurityGroupRuleDescription>>,
    }
    pub struct UpdateSecurityGroupRuleDescriptionsIngressResult = "UpdateSecurityGroupRuleDescriptionsIngressResult" {
        0 r#return: Option<bool>,
    }
    pub struct UserIdGroupPair = "UserIdGroupPair" {
        0 description: Option<String>,
        1 user_id: Option<String>,
        2 group_name: Option<String>,
        3 group_id: Option<String>,
        4 vpc_id: Option<String>,
        5 vpc_peering_connection_id: Option<String>,
        6 peering_status: Option<String>,
    }
    pub struct Vpc = "Vpc" {
        0 owner_id: Option<String>,
        1 instance_tenancy: Option<String>,
        2 ipv6_cidr_block_association_set: Option<Vec<VpcIpv6CidrBlockAssociation>>,
        3 cidr_block_association_set: Option<Vec<VpcCidrBlockAssociation>>,
        4 is_default: Option<bool>,
        5 encryption_control: Option<VpcEncryptionControl>,
        6 tags: Option<Vec<Tag>>,
        7 block_public_access_states: Option<BlockPublicAccessStates>,
        8 vpc_id: Option<String>,
        9 state: Option<String>,
        10 cidr_block: Option<String>,
        11 dhcp_options_id: Option<String>,
    }
    pub struct VpcCidrBlockAssociation = "VpcCidrBlockAssociation" {
        0 association_id: Option<String>,
        1 cidr_block: Option<String>,
        2 cidr_block_state: Option<VpcCidrBlockState>,
    }
    pub struct VpcCidrBlockState = "VpcCidrBlockState" {
        0 state: Option<String>,
        1 status_message: Option<String>,
    }
    pub struct VpcEncryptionControl = "VpcEncryptionControl" {
        0 vpc_id: Option<String>,
        1 vpc_encryption_control_id: Option<String>,
        2 mode: Option<String>,
        3 state: Option<String>,
        4 state_message: Option<String>,
        5 resource_exclusions: Option<VpcEncryptionControlExclusions>,
        6 tags: Option<Vec<Tag>>,
    }
    pub struct VpcEncryptionControlConfiguration = "VpcEncryptionControlConfiguration" {
        0 mode: String,
        1 internet_gateway_exclusion: Option<String>,
        2 egress_only_internet_gateway_exclusion: Option<String>,
        3 nat_gateway_exclusion: Option<String>,
        4 virtual_private_gateway_exclusion: Option<String>,
        5 vpc_peering_exclusion: Option<String>,
        6 lambda_exclusion: Option<String>,
        7 vpc_lattice_exclusion: Option<String>,
        8 elastic_file_system_exclusion: Option<String>,
        9 global_accelerator_exclusion: Option<String>,
        10 api_gateway_v2_exclusion: Option<String>,
    }
    pub struct VpcEncryptionControlExclusion = "VpcEncryptionControlExclusion" {
        0 state: Option<String>,
        1 state_message: Option<String>,
    }
    pub struct VpcEncryptionControlExclusions = "VpcEncryptionControlExclusions" {
        0 internet_gateway: Option<VpcEncryptionControlExclusion>,
        1 egress_only_internet_gateway: Option<VpcEncryptionControlExclusion>,
        2 nat_gateway: Option<VpcEncryptionControlExclusion>,
        3 virtual_private_gateway: Option<VpcEncryptionControlExclusion>,
        4 vpc_peering: Option<VpcEncryptionControlExclusion>,
        5 lambda: Option<VpcEncryptionControlExclusion>,
        6 vpc_lattice: Option<VpcEncryptionControlExclusion>,
        7 elastic_file_system: Option<VpcEncryptionControlExclusion>,
        8 global_accelerator: Option<VpcEncryptionControlExclusion>,
        9 api_gateway_v2: Option<VpcEncryptionControlExclusion>,
    }
    pub struct VpcEndpoint = "VpcEndpoint" {
        0 vpc_endpoint_id: Option<String>,
        1 vpc_endpoint_type: Option<String>,
        2 vpc_id: Option<String>,
        3 service_name: Option<String>,
        4 state: Option<String>,
        5 policy_document: Option<String>,
        6 route_table_ids: Option<Vec<String>>,
        7 subnet_ids: Option<Vec<String>>,
        8 groups: Option<Vec<SecurityGroupIdentifier>>,
        9 ip_address_type: Option<String>,
        10 dns_options: Option<DnsOptions>,
        11 private_dns_enabled: Option<bool>,
        12 requester_managed: Option<bool>,
        13 network_interface_ids: Option<Vec<String>>,
        14 dns_entries: Option<Vec<DnsEntry>>,
        15 creation_timestamp: Option<Timestamp>,
        16 tags: Option<Vec<Tag>>,
        17 owner_id: Option<String>,
        18 last_error: Option<LastError>,
        19 ipv4_prefixes: Option<Vec<SubnetIpPrefixes>>,
        20 ipv6_prefixes: Option<Vec<SubnetIpPrefixes>>,
        21 failure_reason: Option<String>,
        22 service_network_arn: Option<String>,
        23 resource_configuration_arn: Option<String>,
        24 service_region: Option<String>,
        25 payer_responsibilities: Option<Vec<PayerResponsibilityEntry>>,
    }
    pub struct VpcIpv6CidrBlockAssociation = "VpcIpv6CidrBlockAssociation" {
        0 association_id: Option<String>,
        1 ipv6_cidr_block: Option<String>,
        2 ipv6_cidr_block_state: Option<VpcCidrBlockState>,
        3 network_border_group: Option<String>,
        4 ipv6_pool: Option<String>,
        5 ipv6_address_attribute: Option<String>,
        6 ip_source: Option<String>,
    }
    pub struct VpcPeeringConnection = "VpcPeeringConnection" {
        0 accepter_vpc_info: Option<VpcPeeringConnectionVpcInfo>,
        1 expiration_time: Option<Timestamp>,
        2 requester_vpc_info: Option<VpcPeeringConnectionVpcInfo>,
        3 status: Option<VpcPeeringConnectionStateReason>,
        4 tags: Option<Vec<Tag>>,
        5 vpc_peering_connection_id: Option<String>,
        6 multipath_resilience_status: Option<String>,
    }
    pub struct VpcPeeringConnectionOptionsDescription = "VpcPeeringConnectionOptionsDescription" {
        0 allow_dns_resolution_from_remote_vpc: Option<bool>,
        1 allow_egress_from_local_classic_link_to_remote_vpc: Option<bool>,
        2 allow_egress_from_local_vpc_to_remote_classic_link: Option<bool>,
        3 allow_multipath_resilience: Option<bool>,
        4 multipath_resilience_mode: Option<String>,
    }
    pub struct VpcPeeringConnectionStateReason = "VpcPeeringConnectionStateReason" {
        0 code: Option<String>,
        1 message: Option<String>,
    }
    pub struct VpcPeeringConnectionVpcInfo = "VpcPeeringConnectionVpcInfo" {
        0 cidr_block: Option<String>,
        1 ipv6_cidr_block_set: Option<Vec<Ipv6CidrBlock>>,
        2 cidr_block_set: Option<Vec<CidrBlock>>,
        3 owner_id: Option<String>,
        4 peering_options: Option<VpcPeeringConnectionOptionsDescription>,
        5 vpc_id: Option<String>,
        6 region: Option<String>,
    }
}
