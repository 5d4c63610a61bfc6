//! Addresses that users choose for network load balancers: elastic ones, and private ones of their subnets.

use std::net::{IpAddr, Ipv4Addr};

use gantry_api_ec2 as ec2;
use gantry_api_elbv2 as api;
use gantry_elb_core::condition::{cidr, within};
use gantry_elb_core::name::Kind;
use gantry_service::{Cx, Failure};
use gantry_store::{Scan, StoreError, Tx, key};

use crate::Elb;
use crate::error::ElbError;
use crate::network::{Subnet, filter};
use crate::tables::{Elastic, LOAD_BALANCERS, Zone};

/// Refuses addresses that a load balancer of this kind can't have.
pub(super) fn check(kind: Kind, internal: bool, mappings: &[api::SubnetMapping]) -> Result<(), ElbError> {
    let elastic = mappings.iter().any(|it| named(&it.allocation_id).is_some());
    let private = mappings.iter().any(|it| named(&it.private_i_pv4_address).is_some());
    let ipv6 = mappings
        .iter()
        .any(|it| named(&it.i_pv6_address).is_some() || named(&it.source_nat_ipv6_prefix).is_some());
    if elastic && kind == Kind::Application {
        return Err(ElbError::configuration(
            "Elastic IPs are not supported for load balancers with type 'application'",
        ));
    }
    if private && !(kind == Kind::Network && internal) {
        return Err(ElbError::configuration(
            "You can only specify private IPv4 addresses for Network Load Balancers with scheme 'internal'.",
        ));
    }
    if elastic && internal {
        return Err(ElbError::configuration(
            "Elastic IPs are not supported for load balancers with scheme 'internal'",
        ));
    }
    if ipv6 {
        return Err(ElbError::not_served("An IPv6 address of a load balancer"));
    }
    Ok(())
}

/// The zones of subnets, with the addresses that the mappings name. `known` are the zones that the load balancer has
/// already: they keep their addresses where none are named.
pub(super) async fn zones(
    elb: &Elb,
    tx: &mut Tx,
    cx: &Cx,
    subnets: &[Subnet],
    mappings: &[api::SubnetMapping],
    known: &[Zone],
) -> Result<Vec<Zone>, Failure> {
    let mut zones = Vec::with_capacity(subnets.len());
    let mut taken = if mappings.iter().any(has_own) { taken(tx, cx).await? } else { Vec::new() };
    for subnet in subnets {
        let mapping = mappings.iter().find(|it| it.subnet_id.as_ref() == Some(&subnet.id));
        let private = mapping.and_then(|it| named(&it.private_i_pv4_address));
        let allocation = mapping.and_then(|it| named(&it.allocation_id));
        let there = known.iter().find(|zone| zone.subnet_id == subnet.id);
        if let Some(there) = there.filter(|there| is_as_named(there, private, allocation)) {
            zones.push(there.clone());
            continue;
        }
        let private_ipv4 = match private {
            Some(text) => Some(free(elb, cx, subnet, text, &taken).await?),
            None => None,
        };
        let elastic = match allocation {
            Some(id) => Some(unused(elb, cx, id, &taken).await?),
            None => None,
        };
        let zone = Zone { subnet_id: subnet.id.clone(), name: subnet.zone.clone(), private_ipv4, elastic };
        taken.push(zone.clone());
        zones.push(zone);
    }
    Ok(zones)
}

fn has_own(mapping: &api::SubnetMapping) -> bool {
    named(&mapping.private_i_pv4_address).is_some() || named(&mapping.allocation_id).is_some()
}

/// The zones of the account's load balancers: EC2 knows nothing of their addresses before their interfaces are made.
async fn taken(tx: &mut Tx, cx: &Cx) -> Result<Vec<Zone>, StoreError> {
    let rows = tx.scan(&LOAD_BALANCERS, &key!(cx.account, cx.region), Scan::all()).await?;
    Ok(rows.into_iter().flat_map(|(_, row)| row.zones).collect())
}

/// What is named; clients say an empty one where they mean none.
fn named(given: &Option<String>) -> Option<&str> {
    given.as_deref().filter(|text| !text.is_empty())
}

fn is_as_named(there: &Zone, private: Option<&str>, allocation: Option<&str>) -> bool {
    let own = |text: &str| there.private_ipv4.is_some_and(|own| own.to_string() == text);
    let elastic = |id: &str| there.elastic.as_ref().is_some_and(|own| own.allocation_id == id);
    private.is_none_or(own) && allocation.is_none_or(elastic)
}

/// An address of a subnet that no interface has.
async fn free(elb: &Elb, cx: &Cx, subnet: &Subnet, text: &str, taken: &[Zone]) -> Result<Ipv4Addr, Failure> {
    let address: Ipv4Addr = text
        .parse()
        .map_err(|_| ElbError::validation(format!("The IP address '{text}' is not a valid IPv4 address")))?;
    if !cidr(&subnet.cidr).is_some_and(|block| within(IpAddr::from(address), block)) {
        let message = format!("The IP address '{text}' is not within the subnet '{}'", subnet.id);
        return Err(ElbError::configuration(message).into());
    }
    let filters = Some(vec![filter("subnet-id", &subnet.id), filter("private-ip-address", text)]);
    let input = ec2::DescribeNetworkInterfacesRequest { filters, ..Default::default() };
    let found = cx.siblings.call::<ec2::DescribeNetworkInterfaces>(&elb.as_service(cx), input).await?;
    let is_taken = taken.iter().any(|it| it.subnet_id == subnet.id && it.private_ipv4 == Some(address));
    if is_taken || found.network_interfaces.is_some_and(|all| !all.is_empty()) {
        let message = format!("The IP address '{text}' is already in use");
        return Err(ElbError::new("ResourceInUse", message).into());
    }
    Ok(address)
}

/// An elastic address of the account that leads nowhere yet.
async fn unused(elb: &Elb, cx: &Cx, allocation_id: &str, taken: &[Zone]) -> Result<Elastic, Failure> {
    let allocation_ids = Some(vec![allocation_id.to_owned()]);
    let input = ec2::DescribeAddressesRequest { allocation_ids, ..Default::default() };
    let found = match cx.siblings.call::<ec2::DescribeAddresses>(&elb.as_service(cx), input).await {
        Ok(found) => found.addresses.unwrap_or_default().pop().unwrap_or_default(),
        Err(Failure::Answer(error)) => {
            return Err(ElbError::new("AllocationIdNotFound", error.message).into());
        }
        Err(other) => return Err(other),
    };
    let mut elastic = taken.iter().filter_map(|it| it.elastic.as_ref());
    if found.association_id.is_some() || elastic.any(|it| it.allocation_id == allocation_id) {
        let message = format!("The allocation ID '{allocation_id}' is already in use");
        return Err(ElbError::new("ResourceInUse", message).into());
    }
    let address = found.public_ip.and_then(|text| text.parse().ok());
    let address = address.ok_or_else(|| Failure::internal("EC2 told an allocation without its address"))?;
    Ok(Elastic { allocation_id: allocation_id.to_owned(), address })
}
