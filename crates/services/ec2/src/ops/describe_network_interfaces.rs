//! DescribeNetworkInterfaces: the account's network interfaces in the region.

use gantry_api_ec2 as api;
use gantry_service::{Cx, Failure};
use gantry_store::Scan;

use crate::answer::{self, Placed};
use crate::error::{Ec2Error, end_dry_run};
use crate::filter::{Attribute, Filters};
use crate::network::{default_vpc, private_dns_name, public_dns_name};
use crate::page::Page;
use crate::tables::network_interface::{NETWORK_INTERFACES, network_interface_key, network_interfaces};
use crate::{Ec2, arns, ops};

fn public_ip(row: &Placed) -> Vec<String> {
    row.interface.public_ip.iter().map(|public| public.address.to_string()).collect()
}

fn public_name(row: &Placed) -> Vec<String> {
    row.interface.public_ip.iter().map(|public| public_dns_name(&row.region, public.address)).collect()
}

fn attached(row: &Placed, value: &str) -> Vec<String> {
    row.interface.requester.iter().map(|_| value.to_owned()).collect()
}

const ATTRIBUTES: &[Attribute<Placed>] = &[
    ("addresses.association.owner-id", |row| {
        public_ip(row).iter().map(|_| answer::PUBLIC_IP_OWNER.into()).collect()
    }),
    ("addresses.association.public-ip", public_ip),
    ("addresses.primary", |_| vec!["true".into()]),
    ("addresses.private-ip-address", |row| vec![row.interface.private_ip.to_string()]),
    ("association.allocation-id", |_| Vec::new()),
    ("association.association-id", |row| {
        row.interface.public_ip.iter().map(|public| public.association_id.clone()).collect()
    }),
    ("association.ip-owner-id", |row| {
        public_ip(row).iter().map(|_| answer::PUBLIC_IP_OWNER.into()).collect()
    }),
    ("association.public-dns-name", public_name),
    ("association.public-ip", public_ip),
    ("attachment.attach-time", |row| attached(row, &row.interface.created_at.to_rfc3339())),
    ("attachment.attachment-id", |row| {
        row.interface.requester.iter().map(|requester| requester.attachment_id.clone()).collect()
    }),
    ("attachment.delete-on-termination", |row| attached(row, "false")),
    ("attachment.device-index", |row| attached(row, "1")),
    ("attachment.instance-id", |_| Vec::new()),
    ("attachment.instance-owner-id", |row| {
        row.interface.requester.iter().map(|requester| answer::requester_id(&requester.service)).collect()
    }),
    ("attachment.status", |row| attached(row, "attached")),
    ("availability-zone", |row| vec![row.subnet.zone.name.clone()]),
    ("availability-zone-id", |row| vec![row.subnet.zone.id.clone()]),
    ("description", |row| vec![row.interface.description.clone()]),
    ("group-id", |row| row.interface.groups.clone()),
    ("group-name", |row| row.interface.groups.iter().map(|_| "default".into()).collect()),
    ("interface-type", |_| vec!["interface".into()]),
    ("ipv6-addresses.ipv6-address", |_| Vec::new()),
    ("mac-address", |row| vec![row.mac_address()]),
    ("network-interface-id", |row| vec![row.interface.id.clone()]),
    ("operator.managed", |_| vec!["false".into()]),
    ("operator.principal", |_| Vec::new()),
    ("owner-id", |row| vec![row.owner.to_string()]),
    ("private-dns-name", |row| vec![private_dns_name(&row.region, row.interface.private_ip)]),
    ("private-ip-address", |row| vec![row.interface.private_ip.to_string()]),
    ("requester-id", |row| {
        row.interface.requester.iter().map(|requester| answer::requester_id(&requester.service)).collect()
    }),
    ("requester-managed", |row| vec![row.interface.requester.is_some().to_string()]),
    ("source-dest-check", |_| vec!["true".into()]),
    ("status", |row| vec![row.status().into()]),
    ("subnet-id", |row| vec![row.interface.subnet_id.clone()]),
    ("vpc-id", |row| vec![row.subnet.vpc_id.clone()]),
];

/// Lists interfaces by id and filter.
pub async fn run(
    ec2: &Ec2,
    cx: Cx,
    input: api::DescribeNetworkInterfacesRequest,
) -> Result<api::DescribeNetworkInterfacesResult, Failure> {
    cx.authorize(ops::listing(&cx, "ec2:DescribeNetworkInterfaces"))?;
    let ids = input.network_interface_ids.unwrap_or_default();
    let given = ("networkInterfaceIds", !ids.is_empty());
    let page =
        Page::parse(&cx, "DescribeNetworkInterfaces", input.next_token.as_deref(), input.max_results, given)?;
    let filters = Filters::parse(input.filters, ATTRIBUTES)?;
    end_dry_run(input.dry_run)?;

    let (rows, next_token) = if ids.is_empty() {
        list(ec2, &cx, &page, &filters).await?
    } else {
        let mut rows = named(ec2, &cx, ids).await?;
        rows.retain(|row| filters.pass(row, &row.interface.tags));
        (rows, None)
    };
    let interfaces = rows.iter().map(answer::network_interface).collect();
    Ok(api::DescribeNetworkInterfacesResult { network_interfaces: Some(interfaces), next_token })
}

/// The interfaces with these ids, each of which must exist.
async fn named(ec2: &Ec2, cx: &Cx, mut ids: Vec<String>) -> Result<Vec<Placed>, Failure> {
    ids.sort();
    ids.dedup();
    for id in &ids {
        arns::check_id(id, "eni", "InvalidNetworkInterfaceId.Malformed")?;
    }
    let keys: Vec<_> = ids.iter().map(|id| network_interface_key(cx.account, &cx.region, id)).collect();
    let found = ec2.db.begin().get_many(&NETWORK_INTERFACES, &keys).await?;
    let vpc = default_vpc(cx.account, &cx.region);
    let rows = ids.into_iter().zip(found).map(|(id, interface)| {
        let interface = interface.ok_or(Ec2Error::NetworkInterfaceNotFound { id })?;
        Placed::find(cx.account, &cx.region, &vpc, interface)
    });
    rows.collect()
}

/// A page of the interfaces that pass the filters.
async fn list(
    ec2: &Ec2,
    cx: &Cx,
    page: &Page,
    filters: &Filters<Placed>,
) -> Result<(Vec<Placed>, Option<String>), Failure> {
    let prefix = network_interfaces(cx.account, &cx.region);
    let vpc = default_vpc(cx.account, &cx.region);
    let mut after = page.after.as_ref().map(|id| network_interface_key(cx.account, &cx.region, id));
    let mut tx = ec2.db.begin();
    let mut rows: Vec<Placed> = Vec::new();
    loop {
        let scan = Scan::first(crate::page::LARGEST).after(after);
        let found = tx.peek_scan(&NETWORK_INTERFACES, &prefix, scan).await?;
        after = found.last().map(|(key, _)| key.clone());
        let ended = found.len() < crate::page::LARGEST;
        for (_, interface) in found {
            let row = Placed::find(cx.account, &cx.region, &vpc, interface)?;
            if !filters.pass(&row, &row.interface.tags) {
                continue;
            }
            if rows.len() == page.size {
                let next = rows.last().map(|row| page.next(&row.interface.id));
                return Ok((rows, next));
            }
            rows.push(row);
        }
        if ended {
            return Ok((rows, None));
        }
    }
}
