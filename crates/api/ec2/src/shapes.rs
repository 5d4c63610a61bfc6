//! The shapes that served operations reach. Written by `cargo xtask codegen` from `models/`; not to be edited.

use crate::MODEL;
#[allow(unused_imports)]
use gantry_wire::generated::*;

gantry_wire::shape! {
    pub struct AttachmentEnaSrdSpecification = "AttachmentEnaSrdSpecification" {
        0 ena_srd_enabled: Option<bool>,
        1 ena_srd_udp_specification: Option<AttachmentEnaSrdUdpSpecification>,
    }
    pub struct AttachmentEnaSrdUdpSpecification = "AttachmentEnaSrdUdpSpecification" {
        0 ena_srd_udp_enabled: Option<bool>,
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
    pub struct DeleteNetworkInterfaceRequest = "DeleteNetworkInterfaceRequest" {
        0 dry_run: Option<bool>,
        1 network_interface_id: String,
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
    pub struct Filter = "Filter" {
        0 name: Option<String>,
        1 values: Option<Vec<String>>,
    }
    pub struct GroupIdentifier = "GroupIdentifier" {
        0 group_id: Option<String>,
        1 group_name: Option<String>,
    }
    pub struct InstanceIpv6Address = "InstanceIpv6Address" {
        0 ipv6_address: Option<String>,
        1 is_primary_ipv6: Option<bool>,
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
    pub struct OperatorRequest = "OperatorRequest" {
        0 principal: Option<String>,
    }
    pub struct OperatorResponse = "OperatorResponse" {
        0 managed: Option<bool>,
        1 principal: Option<String>,
        2 hidden_by_default: Option<bool>,
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
    pub struct PrivateIpAddressSpecification = "PrivateIpAddressSpecification" {
        0 primary: Option<bool>,
        1 private_ip_address: Option<String>,
    }
    pub struct PublicIpDnsNameOptions = "PublicIpDnsNameOptions" {
        0 dns_hostname_type: Option<String>,
        1 public_ipv4_dns_name: Option<String>,
        2 public_ipv6_dns_name: Option<String>,
        3 public_dual_stack_dns_name: Option<String>,
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
    pub struct TagSpecification = "TagSpecification" {
        0 resource_type: Option<String>,
        1 tags: Option<Vec<Tag>>,
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
    pub struct VpcIpv6CidrBlockAssociation = "VpcIpv6CidrBlockAssociation" {
        0 association_id: Option<String>,
        1 ipv6_cidr_block: Option<String>,
        2 ipv6_cidr_block_state: Option<VpcCidrBlockState>,
        3 network_border_group: Option<String>,
        4 ipv6_pool: Option<String>,
        5 ipv6_address_attribute: Option<String>,
        6 ip_source: Option<String>,
    }
}
