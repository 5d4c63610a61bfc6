//! DescribeSubnets: the account's subnets in the region.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use crate::filter::Attribute;
use crate::listing::{Asked, Row, Wanted};
use crate::site::Site;
use crate::tables::subnet::Subnet;
use crate::{Ec2, arns, tags};

/// A subnet with the number of its free addresses.
pub(super) struct Seen {
    pub subnet: Subnet,
    arn: String,
    owner: String,
    available: u64,
}

impl Row for Seen {
    type Of = Subnet;

    fn of(&self) -> &Subnet {
        &self.subnet
    }
}

impl Seen {
    /// Counts the free addresses.
    pub async fn of(site: &mut Site, cx: &Cx, subnet: Subnet) -> Result<Seen, Failure> {
        let held = site.private_addresses(&subnet).held(&mut site.tx).await?;
        Ok(Seen {
            arn: arns::arn(cx, "subnet", &subnet.id).to_string(),
            owner: cx.account.to_string(),
            available: subnet.capacity().saturating_sub(held),
            subnet,
        })
    }
}

const ATTRIBUTES: &[Attribute<Seen>] = &[
    ("availability-zone", |row| vec![row.subnet.zone.name.clone()]),
    ("availabilityZone", |row| vec![row.subnet.zone.name.clone()]),
    ("availability-zone-id", |row| vec![row.subnet.zone.id.clone()]),
    ("availabilityZoneId", |row| vec![row.subnet.zone.id.clone()]),
    ("available-ip-address-count", |row| vec![row.available.to_string()]),
    ("cidr", |row| vec![row.subnet.block.to_string()]),
    ("cidr-block", |row| vec![row.subnet.block.to_string()]),
    ("cidrBlock", |row| vec![row.subnet.block.to_string()]),
    ("customer-owned-ipv4-pool", |_| Vec::new()),
    ("default-for-az", |row| vec![row.subnet.is_default.to_string()]),
    ("defaultForAz", |row| vec![row.subnet.is_default.to_string()]),
    ("enable-dns64", |_| vec!["false".into()]),
    ("ipv6-cidr-block-association.association-id", |_| Vec::new()),
    ("ipv6-cidr-block-association.ipv6-cidr-block", |_| Vec::new()),
    ("ipv6-cidr-block-association.state", |_| Vec::new()),
    ("ipv6-native", |_| vec!["false".into()]),
    ("map-customer-owned-ip-on-launch", |_| vec!["false".into()]),
    ("map-public-ip-on-launch", |row| vec![row.subnet.map_public_ip.to_string()]),
    ("mapPublicIpOnLaunch", |row| vec![row.subnet.map_public_ip.to_string()]),
    ("outpost-arn", |_| Vec::new()),
    ("owner-id", |row| vec![row.owner.clone()]),
    ("private-dns-name-options-on-launch.enable-resource-name-dns-a-record", |row| {
        vec![row.subnet.resource_name_dns.to_string()]
    }),
    ("private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record", |_| vec!["false".into()]),
    ("private-dns-name-options-on-launch.hostname-type", |row| vec![row.subnet.hostname_type.clone()]),
    ("state", |_| vec!["available".into()]),
    ("subnet-arn", |row| vec![row.arn.clone()]),
    ("subnet-id", |row| vec![row.subnet.id.clone()]),
    ("vpc-id", |row| vec![row.subnet.vpc_id.clone()]),
];

/// Lists subnets by id and filter, with the number of addresses that are free in each.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::DescribeSubnetsRequest,
) -> Result<api::DescribeSubnetsResult, Failure> {
    let asked = Asked {
        ids: ("subnetIds", input.subnet_ids),
        filters: input.filters,
        next_token: input.next_token,
        max_results: input.max_results,
        dry_run: input.dry_run,
    };
    let wanted = Wanted::parse(&cx, "ec2:DescribeSubnets", asked, ATTRIBUTES)?;
    let mut site = Site::open(ec2, &cx).await?;
    let mut rows = Vec::new();
    for subnet in site.all::<Subnet>().await? {
        // Counting addresses costs a look at all of them.
        if wanted.ids.is_empty() || wanted.ids.contains(&subnet.id) {
            rows.push(Seen::of(&mut site, &cx, subnet).await?);
        }
    }
    let (rows, next_token) = wanted.select(rows)?;
    Ok(api::DescribeSubnetsResult { subnets: Some(rows.iter().map(answer).collect()), next_token })
}

/// A subnet as answers show it.
pub(super) fn answer(row: &Seen) -> api::Subnet {
    let Seen { subnet, arn, owner, available } = row;
    let open = api::BlockPublicAccessStates { internet_gateway_block_mode: Some("off".into()) };
    api::Subnet {
        availability_zone_id: Some(subnet.zone.id.clone()),
        map_customer_owned_ip_on_launch: Some(false),
        owner_id: Some(owner.clone()),
        assign_ipv6_address_on_creation: Some(false),
        ipv6_cidr_block_association_set: Some(Vec::new()),
        tags: tags::answer_some(&subnet.tags),
        subnet_arn: Some(arn.clone()),
        enable_dns64: Some(false),
        ipv6_native: Some(false),
        private_dns_name_options_on_launch: Some(api::PrivateDnsNameOptionsOnLaunch {
            hostname_type: Some(subnet.hostname_type.clone()),
            enable_resource_name_dns_a_record: Some(subnet.resource_name_dns),
            enable_resource_name_dns_aaaa_record: Some(false),
        }),
        block_public_access_states: Some(open),
        subnet_id: Some(subnet.id.clone()),
        state: Some("available".into()),
        vpc_id: Some(subnet.vpc_id.clone()),
        cidr_block: Some(subnet.block.to_string()),
        available_ip_address_count: i32::try_from(*available).ok(),
        availability_zone: Some(subnet.zone.name.clone()),
        default_for_az: Some(subnet.is_default),
        map_public_ip_on_launch: Some(subnet.map_public_ip),
        ..Default::default()
    }
}
