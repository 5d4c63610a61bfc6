//! From what this service knows to AWS's shapes.

use gantry_api_ec2 as api;
use gantry_base::{AccountId, Region};
use gantry_service::{Cx, Failure};
use sha2::{Digest, Sha256};

use crate::network::{SecurityGroup, Subnet, Vpc, Zone, mac_address, private_dns_name, public_dns_name};
use crate::tables::network_interface::NetworkInterface;
use crate::{arns, tags};

/// Who owns public addresses that are not elastic ones.
pub const PUBLIC_IP_OWNER: &str = "amazon";

/// An interface with all that follows from where it is.
pub struct Placed {
    pub owner: AccountId,
    pub region: Region,
    pub subnet: Subnet,
    pub interface: NetworkInterface,
}

impl Placed {
    /// Finds the interface's subnet in its VPC.
    pub fn find(
        owner: AccountId,
        region: &Region,
        vpc: &Vpc,
        interface: NetworkInterface,
    ) -> Result<Placed, Failure> {
        let subnet = vpc.subnets.iter().find(|subnet| subnet.id == interface.subnet_id).cloned();
        let subnet = subnet.ok_or_else(|| {
            Failure::internal(format_args!("{} is in the unknown {}", interface.id, interface.subnet_id))
        })?;
        Ok(Placed { owner, region: region.clone(), subnet, interface })
    }

    /// The interface's MAC address.
    pub fn mac_address(&self) -> String {
        mac_address(&self.subnet.vpc_id, self.interface.private_ip)
    }

    /// AWS's word for whether it is used.
    pub fn status(&self) -> &'static str {
        if self.interface.requester.is_some() { "in-use" } else { "available" }
    }
}

/// The account number by which AWS shows a service that manages an interface. Twelve digits, always the same
/// for the same service.
pub fn requester_id(service: &str) -> String {
    let hash = Sha256::digest(service);
    let number = hash.iter().take(8).fold(0u64, |number, byte| number << 8 | u64::from(*byte));
    format!("{:012}", number % 1_000_000_000_000)
}

/// A VPC.
pub fn vpc(cx: &Cx, vpc: &Vpc) -> api::Vpc {
    let association = api::VpcCidrBlockAssociation {
        association_id: Some(vpc.association_id.clone()),
        cidr_block: Some(vpc.block.to_string()),
        cidr_block_state: Some(api::VpcCidrBlockState {
            state: Some("associated".into()),
            status_message: None,
        }),
    };
    api::Vpc {
        owner_id: Some(cx.account.to_string()),
        instance_tenancy: Some("default".into()),
        cidr_block_association_set: Some(vec![association]),
        is_default: Some(true),
        block_public_access_states: Some(public_access_open()),
        vpc_id: Some(vpc.id.clone()),
        state: Some("available".into()),
        cidr_block: Some(vpc.block.to_string()),
        dhcp_options_id: Some(vpc.dhcp_options_id.clone()),
        ..Default::default()
    }
}

fn public_access_open() -> api::BlockPublicAccessStates {
    api::BlockPublicAccessStates { internet_gateway_block_mode: Some("off".into()) }
}

/// A subnet with the number of its free addresses.
pub fn subnet(cx: &Cx, subnet: &Subnet, available: u64) -> api::Subnet {
    api::Subnet {
        availability_zone_id: Some(subnet.zone.id.clone()),
        map_customer_owned_ip_on_launch: Some(false),
        owner_id: Some(cx.account.to_string()),
        assign_ipv6_address_on_creation: Some(false),
        ipv6_cidr_block_association_set: Some(Vec::new()),
        subnet_arn: Some(arns::arn(cx, "subnet", &subnet.id).to_string()),
        enable_dns64: Some(false),
        ipv6_native: Some(false),
        private_dns_name_options_on_launch: Some(api::PrivateDnsNameOptionsOnLaunch {
            hostname_type: Some("ip-name".into()),
            enable_resource_name_dns_a_record: Some(false),
            enable_resource_name_dns_aaaa_record: Some(false),
        }),
        block_public_access_states: Some(public_access_open()),
        subnet_id: Some(subnet.id.clone()),
        state: Some("available".into()),
        vpc_id: Some(subnet.vpc_id.clone()),
        cidr_block: Some(subnet.block.to_string()),
        available_ip_address_count: Some(i32::try_from(available).unwrap_or(i32::MAX)),
        availability_zone: Some(subnet.zone.name.clone()),
        default_for_az: Some(true),
        map_public_ip_on_launch: Some(true),
        ..Default::default()
    }
}

/// A security group with its rules.
pub fn security_group(cx: &Cx, group: &SecurityGroup) -> api::SecurityGroup {
    let everything = || api::IpPermission {
        ip_protocol: Some("-1".into()),
        user_id_group_pairs: Some(Vec::new()),
        ip_ranges: Some(Vec::new()),
        ipv6_ranges: Some(Vec::new()),
        prefix_list_ids: Some(Vec::new()),
        ..Default::default()
    };
    let itself = api::UserIdGroupPair {
        user_id: Some(cx.account.to_string()),
        group_id: Some(group.id.clone()),
        ..Default::default()
    };
    let anywhere = api::IpRange { cidr_ip: Some("0.0.0.0/0".into()), description: None };
    api::SecurityGroup {
        group_id: Some(group.id.clone()),
        ip_permissions_egress: Some(vec![api::IpPermission {
            ip_ranges: Some(vec![anywhere]),
            ..everything()
        }]),
        vpc_id: Some(group.vpc_id.clone()),
        security_group_arn: Some(arns::arn(cx, "security-group", &group.id).to_string()),
        owner_id: Some(cx.account.to_string()),
        group_name: Some(group.name.clone()),
        description: Some(group.description.clone()),
        ip_permissions: Some(vec![api::IpPermission {
            user_id_group_pairs: Some(vec![itself]),
            ..everything()
        }]),
        ..Default::default()
    }
}

/// The name of the group that a region's zones are in.
pub fn zone_group(region: &str) -> String {
    format!("{region}-zg-1")
}

/// An availability zone.
pub fn zone(cx: &Cx, zone: &Zone) -> api::AvailabilityZone {
    api::AvailabilityZone {
        opt_in_status: Some("opt-in-not-required".into()),
        messages: Some(Vec::new()),
        region_name: Some(cx.region.to_string()),
        zone_name: Some(zone.name.clone()),
        zone_id: Some(zone.id.clone()),
        group_name: Some(zone_group(cx.region.as_str())),
        network_border_group: Some(cx.region.to_string()),
        zone_type: Some("availability-zone".into()),
        state: Some("available".into()),
        ..Default::default()
    }
}

/// A network interface.
pub fn network_interface(placed: &Placed) -> api::NetworkInterface {
    let Placed { owner, region, subnet, interface } = placed;
    let association = interface.public_ip.as_ref().map(|public| api::NetworkInterfaceAssociation {
        association_id: Some(public.association_id.clone()),
        ip_owner_id: Some(PUBLIC_IP_OWNER.into()),
        public_dns_name: Some(public_dns_name(region, public.address)),
        public_ip: Some(public.address.to_string()),
        ..Default::default()
    });
    let attachment = interface.requester.as_ref().map(|requester| api::NetworkInterfaceAttachment {
        attach_time: Some(interface.created_at),
        attachment_id: Some(requester.attachment_id.clone()),
        delete_on_termination: Some(false),
        device_index: Some(1),
        network_card_index: Some(0),
        instance_owner_id: Some(requester_id(&requester.service)),
        status: Some("attached".into()),
        ..Default::default()
    });
    let group =
        |id: &String| api::GroupIdentifier { group_id: Some(id.clone()), group_name: Some("default".into()) };
    let private_ip = interface.private_ip.to_string();
    let private_name = private_dns_name(region, interface.private_ip);
    let address = api::NetworkInterfacePrivateIpAddress {
        association: association.clone(),
        primary: Some(true),
        private_dns_name: Some(private_name.clone()),
        private_ip_address: Some(private_ip.clone()),
    };
    api::NetworkInterface {
        association,
        attachment,
        availability_zone: Some(subnet.zone.name.clone()),
        availability_zone_id: Some(subnet.zone.id.clone()),
        description: Some(interface.description.clone()),
        groups: Some(interface.groups.iter().map(group).collect()),
        interface_type: Some("interface".into()),
        ipv6_addresses: Some(Vec::new()),
        mac_address: Some(placed.mac_address()),
        network_interface_id: Some(interface.id.clone()),
        owner_id: Some(owner.to_string()),
        private_dns_name: Some(private_name),
        private_ip_address: Some(private_ip),
        private_ip_addresses: Some(vec![address]),
        requester_id: interface.requester.as_ref().map(|requester| requester_id(&requester.service)),
        requester_managed: Some(interface.requester.is_some()),
        source_dest_check: Some(true),
        status: Some(placed.status().into()),
        subnet_id: Some(interface.subnet_id.clone()),
        tag_set: Some(tags::answer(&interface.tags)),
        vpc_id: Some(subnet.vpc_id.clone()),
        operator: Some(api::OperatorResponse { managed: Some(false), ..Default::default() }),
        ..Default::default()
    }
}
