//! DescribeNetworkInterfaces: the account's network interfaces in the region.

use std::collections::HashMap;

use gantry_api_ec2 as api;
use gantry_base::{AccountId, Region};
use gantry_service::{Cx, Failure};
use sha2::{Digest, Sha256};

use crate::filter::Attribute;
use crate::listing::{Asked, Row, Wanted};
use crate::network::{mac_address, private_dns_name, public_dns_name};
use crate::site::Site;
use crate::tables::network_interface::{NetworkInterface, PublicIp};
use crate::tables::security_group::SecurityGroup;
use crate::tables::subnet::Subnet;
use crate::{Ec2, tags};

/// Who owns public addresses that are not elastic ones.
const PUBLIC_IP_OWNER: &str = "amazon";

/// As what load balancers make their interfaces.
pub(super) const BALANCERS: &str = "elasticloadbalancing.amazonaws.com";

/// Who is said to hold the interfaces of application load balancers, and their public addresses. Clients look for
/// a load balancer's interfaces by it. See <https://repost.aws/knowledge-center/elb-find-load-balancer-ip>.
const BALANCERS_OWNER: &str = "amazon-elb";

/// Who is said to hold the interfaces of network load balancers and NAT gateways.
const HYPERPLANE_OWNER: &str = "amazon-aws";

/// An interface with all that follows from where it is.
pub(super) struct Placed {
    pub owner: AccountId,
    pub region: Region,
    pub subnet: Subnet,
    /// Names of its groups, in their order.
    pub group_names: Vec<String>,
    pub interface: NetworkInterface,
}

impl Row for Placed {
    type Of = NetworkInterface;

    fn of(&self) -> &NetworkInterface {
        &self.interface
    }
}

/// Finds subnets and names of groups.
pub(super) struct Places {
    owner: AccountId,
    region: Region,
    subnets: HashMap<String, Subnet>,
    groups: HashMap<String, String>,
}

impl Places {
    pub async fn of(site: &mut Site, cx: &Cx) -> Result<Places, Failure> {
        let subnets = site.all::<Subnet>().await?.into_iter().map(|one| (one.id.clone(), one)).collect();
        let groups = site.all::<SecurityGroup>().await?.into_iter().map(|one| (one.id, one.name)).collect();
        Ok(Places { owner: cx.account, region: cx.region.clone(), subnets, groups })
    }

    pub fn place(&self, interface: NetworkInterface) -> Result<Placed, Failure> {
        let subnet = self.subnets.get(&interface.subnet_id).cloned().ok_or_else(|| {
            Failure::internal(format_args!("{} is in the unknown {}", interface.id, interface.subnet_id))
        })?;
        let name = |id: &String| self.groups.get(id).cloned().unwrap_or_default();
        let group_names = interface.groups.iter().map(name).collect();
        Ok(Placed { owner: self.owner, region: self.region.clone(), subnet, group_names, interface })
    }
}

impl Placed {
    fn mac_address(&self) -> String {
        mac_address(&self.subnet.vpc_id, self.interface.private_ip)
    }

    fn ip_owner(&self, public: &PublicIp) -> String {
        match public.allocation_id {
            Some(_) => self.owner.to_string(),
            None if of_application_balancer(&self.interface) => BALANCERS_OWNER.to_owned(),
            None => PUBLIC_IP_OWNER.to_owned(),
        }
    }
}

/// The account number by which AWS shows a service that manages an interface. Twelve digits, always the same
/// for the same service.
fn account_of(service: &str) -> String {
    let hash = Sha256::digest(service);
    let number = hash.iter().take(8).fold(0u64, |number, byte| number << 8 | u64::from(*byte));
    format!("{:012}", number % 1_000_000_000_000)
}

fn of_application_balancer(interface: &NetworkInterface) -> bool {
    interface.interface_type == "interface"
        && interface.requester.as_ref().is_some_and(|requester| requester.service == BALANCERS)
}

/// Who made an interface, where it was a service.
fn requester_id(interface: &NetworkInterface) -> Option<String> {
    let requester = interface.requester.as_ref()?;
    Some(match of_application_balancer(interface) {
        true => BALANCERS_OWNER.to_owned(),
        false => account_of(&requester.service),
    })
}

/// Who owns what an interface is attached to.
fn instance_owner_id(interface: &NetworkInterface) -> Option<String> {
    let requester = interface.requester.as_ref()?;
    Some(match interface.interface_type.as_str() {
        "network_load_balancer" | "nat_gateway" => HYPERPLANE_OWNER.to_owned(),
        _ if of_application_balancer(interface) => BALANCERS_OWNER.to_owned(),
        _ => account_of(&requester.service),
    })
}

fn public_ip(row: &Placed) -> Vec<String> {
    row.interface.public_ip.iter().map(|public| public.address.to_string()).collect()
}

fn public_owner(row: &Placed) -> Vec<String> {
    row.interface.public_ip.iter().map(|public| row.ip_owner(public)).collect()
}

fn public_name(row: &Placed) -> Vec<String> {
    row.interface.public_ip.iter().map(|public| public_dns_name(&row.region, public.address)).collect()
}

fn attached(row: &Placed, value: &str) -> Vec<String> {
    row.interface.requester.iter().map(|_| value.to_owned()).collect()
}

const ATTRIBUTES: &[Attribute<Placed>] = &[
    ("addresses.association.owner-id", public_owner),
    ("addresses.association.public-ip", public_ip),
    ("addresses.primary", |_| vec!["true".into()]),
    ("addresses.private-ip-address", |row| vec![row.interface.private_ip.to_string()]),
    ("association.allocation-id", |row| {
        row.interface.public_ip.iter().filter_map(|public| public.allocation_id.clone()).collect()
    }),
    ("association.association-id", |row| {
        row.interface.public_ip.iter().map(|public| public.association_id.clone()).collect()
    }),
    ("association.ip-owner-id", public_owner),
    ("association.public-dns-name", public_name),
    ("association.public-ip", public_ip),
    ("attachment.attach-time", |row| attached(row, &row.interface.created_at.to_rfc3339())),
    ("attachment.attachment-id", |row| {
        row.interface.requester.iter().map(|requester| requester.attachment_id.clone()).collect()
    }),
    ("attachment.delete-on-termination", |row| attached(row, "false")),
    ("attachment.device-index", |row| attached(row, "1")),
    ("attachment.instance-id", |_| Vec::new()),
    ("attachment.instance-owner-id", |row| instance_owner_id(&row.interface).into_iter().collect()),
    ("attachment.status", |row| attached(row, "attached")),
    ("availability-zone", |row| vec![row.subnet.zone.name.clone()]),
    ("availability-zone-id", |row| vec![row.subnet.zone.id.clone()]),
    ("description", |row| vec![row.interface.description.clone()]),
    ("group-id", |row| row.interface.groups.clone()),
    ("group-name", |row| row.group_names.clone()),
    ("interface-type", |row| vec![row.interface.interface_type.clone()]),
    ("ipv6-addresses.ipv6-address", |_| Vec::new()),
    ("mac-address", |row| vec![row.mac_address()]),
    ("network-interface-id", |row| vec![row.interface.id.clone()]),
    ("operator.managed", |_| vec!["false".into()]),
    ("operator.principal", |_| Vec::new()),
    ("owner-id", |row| vec![row.owner.to_string()]),
    ("private-dns-name", |row| vec![private_dns_name(&row.region, row.interface.private_ip)]),
    ("private-ip-address", |row| vec![row.interface.private_ip.to_string()]),
    ("requester-id", |row| requester_id(&row.interface).into_iter().collect()),
    ("requester-managed", |row| vec![row.interface.requester.is_some().to_string()]),
    ("source-dest-check", |row| vec![row.interface.source_dest_check.to_string()]),
    ("status", |row| vec![row.interface.status().into()]),
    ("subnet-id", |row| vec![row.interface.subnet_id.clone()]),
    ("vpc-id", |row| vec![row.subnet.vpc_id.clone()]),
];

/// Lists interfaces by id and filter.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::DescribeNetworkInterfacesRequest,
) -> Result<api::DescribeNetworkInterfacesResult, Failure> {
    let asked = Asked {
        ids: ("networkInterfaceIds", input.network_interface_ids),
        filters: input.filters,
        next_token: input.next_token,
        max_results: input.max_results,
        dry_run: input.dry_run,
    };
    let wanted = Wanted::parse(&cx, "ec2:DescribeNetworkInterfaces", asked, ATTRIBUTES)?;
    let mut site = Site::open(ec2, &cx).await?;
    let places = Places::of(&mut site, &cx).await?;
    let interfaces: Vec<NetworkInterface> = match wanted.ids.is_empty() {
        true => site.all().await?,
        // A few of perhaps many are not looked for among all.
        false => {
            let mut found = Vec::new();
            for id in &wanted.ids {
                found.extend(site.get::<NetworkInterface>(id).await?);
            }
            found
        }
    };
    let rows = interfaces.into_iter().map(|one| places.place(one)).collect::<Result<Vec<_>, _>>()?;
    let (rows, next_token) = wanted.select(rows)?;
    let interfaces = rows.iter().map(answer).collect();
    Ok(api::DescribeNetworkInterfacesResult { network_interfaces: Some(interfaces), next_token })
}

/// The attachment of an interface that a service uses.
pub(super) fn attachment(interface: &NetworkInterface) -> Option<api::NetworkInterfaceAttachment> {
    interface.requester.as_ref().map(|requester| api::NetworkInterfaceAttachment {
        attach_time: Some(interface.created_at),
        attachment_id: Some(requester.attachment_id.clone()),
        delete_on_termination: Some(false),
        device_index: Some(1),
        network_card_index: Some(0),
        instance_owner_id: instance_owner_id(interface),
        status: Some("attached".into()),
        ..Default::default()
    })
}

/// The groups of an interface.
pub(super) fn groups(placed: &Placed) -> Vec<api::GroupIdentifier> {
    let pairs = placed.interface.groups.iter().zip(&placed.group_names);
    pairs
        .map(|(id, name)| api::GroupIdentifier { group_id: Some(id.clone()), group_name: Some(name.clone()) })
        .collect()
}

/// An interface as answers show it.
pub(super) fn answer(placed: &Placed) -> api::NetworkInterface {
    let Placed { owner, region, subnet, interface, .. } = placed;
    let association = interface.public_ip.as_ref().map(|public| api::NetworkInterfaceAssociation {
        allocation_id: public.allocation_id.clone(),
        association_id: Some(public.association_id.clone()),
        ip_owner_id: Some(placed.ip_owner(public)),
        public_dns_name: Some(public_dns_name(region, public.address)),
        public_ip: Some(public.address.to_string()),
        ..Default::default()
    });
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
        attachment: attachment(interface),
        availability_zone: Some(subnet.zone.name.clone()),
        availability_zone_id: Some(subnet.zone.id.clone()),
        description: Some(interface.description.clone()),
        groups: Some(groups(placed)),
        interface_type: Some(interface.interface_type.clone()),
        ipv6_addresses: Some(Vec::new()),
        mac_address: Some(placed.mac_address()),
        network_interface_id: Some(interface.id.clone()),
        owner_id: Some(owner.to_string()),
        private_dns_name: Some(private_name),
        private_ip_address: Some(private_ip),
        private_ip_addresses: Some(vec![address]),
        requester_id: requester_id(interface),
        requester_managed: Some(interface.requester.is_some()),
        source_dest_check: Some(interface.source_dest_check),
        status: Some(interface.status().into()),
        subnet_id: Some(interface.subnet_id.clone()),
        tag_set: Some(tags::answer(&interface.tags)),
        vpc_id: Some(subnet.vpc_id.clone()),
        operator: Some(api::OperatorResponse { managed: Some(false), ..Default::default() }),
        ..Default::default()
    }
}
