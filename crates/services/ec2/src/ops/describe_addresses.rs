//! DescribeAddresses: the account's elastic addresses in the region.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};

use crate::error::Ec2Error;
use crate::filter::Attribute;
use crate::listing::{Asked, Owned, Wanted, owned};
use crate::site::Site;
use crate::tables::elastic_address::{AddressAssociation, ElasticAddress};
use crate::{Ec2, tags};

fn associated(row: &Owned<ElasticAddress>, of: fn(&AddressAssociation) -> String) -> Vec<String> {
    row.association.iter().map(of).collect()
}

const ATTRIBUTES: &[Attribute<Owned<ElasticAddress>>] = &[
    ("allocation-id", |row| vec![row.id.clone()]),
    ("association-id", |row| associated(row, |one| one.id.clone())),
    ("domain", |_| vec!["vpc".into()]),
    ("instance-id", |_| Vec::new()),
    ("network-border-group", |row| vec![row.region.to_string()]),
    ("network-interface-id", |row| associated(row, |one| one.network_interface_id.clone())),
    ("network-interface-owner-id", |row| row.association.iter().map(|_| row.owner.to_string()).collect()),
    ("private-ip-address", |row| associated(row, |one| one.private_ip.to_string())),
    ("public-ip", |row| vec![row.address.to_string()]),
];

/// Lists elastic addresses by allocation, address and filter.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::DescribeAddressesRequest,
) -> Result<api::DescribeAddressesResult, Failure> {
    let asked = Asked {
        ids: ("allocationIds", input.allocation_ids),
        filters: input.filters,
        dry_run: input.dry_run,
        ..Default::default()
    };
    let wanted = Wanted::parse(&cx, "ec2:DescribeAddresses", asked, ATTRIBUTES)?;
    let mut site = Site::open(ec2, &cx).await?;
    let (mut rows, _) = wanted.select(owned(&mut site, &cx).await?)?;
    let named = input.public_ips.unwrap_or_default();
    for address in &named {
        if !rows.iter().any(|row| row.address.to_string() == *address) {
            return Err(Ec2Error::InvalidAddressNotFound(format!("Address '{address}' not found.")).into());
        }
    }
    rows.retain(|row| named.is_empty() || named.contains(&row.address.to_string()));
    Ok(api::DescribeAddressesResult { addresses: Some(rows.iter().map(answer).collect()) })
}

fn answer(row: &Owned<ElasticAddress>) -> api::Address {
    let association = row.association.as_ref();
    api::Address {
        allocation_id: Some(row.id.clone()),
        association_id: association.map(|one| one.id.clone()),
        domain: Some("vpc".into()),
        network_interface_id: association.map(|one| one.network_interface_id.clone()),
        network_interface_owner_id: association.map(|_| row.owner.to_string()),
        private_ip_address: association.map(|one| one.private_ip.to_string()),
        tags: tags::answer_some(&row.tags),
        public_ipv4_pool: Some("amazon".into()),
        network_border_group: Some(row.region.to_string()),
        public_ip: Some(row.address.to_string()),
        ..Default::default()
    }
}
