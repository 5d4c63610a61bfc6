//! DescribeSubnets: the account's subnets in the region.

use gantry_api_ec2 as api;
use gantry_base::Tags;
use gantry_service::{Cx, Failure};

use crate::error::{Ec2Error, end_dry_run};
use crate::filter::{Attribute, Filters};
use crate::network::{Subnet, default_vpc};
use crate::page::Page;
use crate::{Ec2, answer, arns, ops};

struct Row {
    subnet: Subnet,
    arn: String,
    owner: String,
    available: u64,
}

const ATTRIBUTES: &[Attribute<Row>] = &[
    ("availability-zone", |row| vec![row.subnet.zone.name.clone()]),
    ("availabilityZone", |row| vec![row.subnet.zone.name.clone()]),
    ("availability-zone-id", |row| vec![row.subnet.zone.id.clone()]),
    ("availabilityZoneId", |row| vec![row.subnet.zone.id.clone()]),
    ("available-ip-address-count", |row| vec![row.available.to_string()]),
    ("cidr", |row| vec![row.subnet.block.to_string()]),
    ("cidr-block", |row| vec![row.subnet.block.to_string()]),
    ("cidrBlock", |row| vec![row.subnet.block.to_string()]),
    ("customer-owned-ipv4-pool", |_| Vec::new()),
    ("default-for-az", |_| vec!["true".into()]),
    ("defaultForAz", |_| vec!["true".into()]),
    ("enable-dns64", |_| vec!["false".into()]),
    ("ipv6-cidr-block-association.association-id", |_| Vec::new()),
    ("ipv6-cidr-block-association.ipv6-cidr-block", |_| Vec::new()),
    ("ipv6-cidr-block-association.state", |_| Vec::new()),
    ("ipv6-native", |_| vec!["false".into()]),
    ("map-customer-owned-ip-on-launch", |_| vec!["false".into()]),
    ("map-public-ip-on-launch", |_| vec!["true".into()]),
    ("outpost-arn", |_| Vec::new()),
    ("owner-id", |row| vec![row.owner.clone()]),
    ("private-dns-name-options-on-launch.enable-resource-name-dns-a-record", |_| vec!["false".into()]),
    ("private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record", |_| vec!["false".into()]),
    ("private-dns-name-options-on-launch.hostname-type", |_| vec!["ip-name".into()]),
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
    cx.authorize(ops::listing(&cx, "ec2:DescribeSubnets"))?;
    let ids = input.subnet_ids.unwrap_or_default();
    let given = ("subnetIds", !ids.is_empty());
    let page = Page::parse(&cx, "DescribeSubnets", input.next_token.as_deref(), input.max_results, given)?;
    let filters = Filters::parse(input.filters, ATTRIBUTES)?;
    end_dry_run(input.dry_run)?;

    let subnets = default_vpc(cx.account, &cx.region).subnets;
    if let Some(id) = ids.iter().find(|id| !subnets.iter().any(|subnet| subnet.id == **id)) {
        return Err(Ec2Error::SubnetNotFound { id: id.clone() }.into());
    }
    let mut tx = ec2.db.begin();
    let mut rows = Vec::new();
    for subnet in subnets {
        if !ids.is_empty() && !ids.contains(&subnet.id) {
            continue;
        }
        let held = ec2.private_addresses(&cx, &subnet).held(&mut tx).await?;
        let row = Row {
            arn: arns::arn(&cx, "subnet", &subnet.id).to_string(),
            owner: cx.account.to_string(),
            available: subnet.capacity().saturating_sub(held),
            subnet,
        };
        if filters.pass(&row, &Tags::default()) {
            rows.push(row);
        }
    }
    let (rows, next_token) = page.cut(rows, |row| &row.subnet.id);
    let subnets = rows.iter().map(|row| answer::subnet(&cx, &row.subnet, row.available)).collect();
    Ok(api::DescribeSubnetsResult { subnets: Some(subnets), next_token })
}
