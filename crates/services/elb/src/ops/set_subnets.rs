//! SetSubnets: the load balancer is in these subnets, and in no others.

use gantry_api_elbv2 as api;
use gantry_elb_core::name::Kind;
use gantry_service::{Cx, Failure};
use gantry_store::Tx;

use super::create_load_balancer::{check_subnets, other_vpc, subnet_ids};
use super::{allow, own_addresses};
use crate::error::ElbError;
use crate::loops::{INTERFACES_LOOP, LOAD_BALANCING};
use crate::tables::interface::interface_key;
use crate::tables::{INTERFACES, LOAD_BALANCERS, LoadBalancer, Zone};
use crate::{Elb, answer, find, network};

/// Sets the subnets of a load balancer.
pub async fn run(elb: &Elb, cx: Cx, input: api::SetSubnetsInput) -> Result<api::SetSubnetsOutput, Failure> {
    let arn = find::parse(&cx, &input.load_balancer_arn, "load balancer")?;
    let mut tx = elb.db.begin();
    let found = find::load_balancer(&mut tx, &cx, &arn).await?;
    let permit = allow(&cx, "elasticloadbalancing:SetSubnets", &arn, found.as_ref().map(|row| &row.tags))?;
    let mut row = found.ok_or_else(|| ElbError::no_load_balancer(arn.as_str()))?;
    if input.ip_address_type.as_deref().is_some_and(|kind| kind != "ipv4") {
        return Err(ElbError::not_served("An IP address type other than 'ipv4'").into());
    }
    let mappings = input.subnet_mappings.clone().unwrap_or_default();
    own_addresses::check(row.kind, row.internal, &mappings)?;
    let ids = subnet_ids(input.subnets, input.subnet_mappings)?;
    let subnets = network::subnets(elb, &cx, &ids).await?;
    if check_subnets(row.kind, &subnets)? != row.vpc_id {
        return Err(other_vpc(&row.vpc_id).into());
    }
    let wanted = own_addresses::zones(elb, &mut tx, &cx, &subnets, &mappings, &row.zones).await?;
    if row.kind == Kind::Network {
        keeps_its_zones(&mut tx, &row, &wanted).await?;
    }
    row.zones = wanted;
    tx.put(&LOAD_BALANCERS, &row.key(), &row);
    tx.wake(LOAD_BALANCING);
    tx.wake(INTERFACES_LOOP);
    tx.commit(&permit).await?;
    Ok(api::SetSubnetsOutput {
        availability_zones: Some(answer::zones(&row)),
        ip_address_type: Some(row.ip_address_type),
        ..Default::default()
    })
}

/// A network load balancer leaves a zone before it comes to another subnet of it, or with other addresses: by then its
/// interface there is removed ([AWS](https://docs.aws.amazon.com/elasticloadbalancing/latest/network/availability-zones.html)).
async fn keeps_its_zones(tx: &mut Tx, row: &LoadBalancer, wanted: &[Zone]) -> Result<(), Failure> {
    for zone in wanted.iter().filter(|zone| !row.zones.contains(zone)) {
        if row.zones.iter().any(|known| known.name == zone.name) {
            let message = format!(
                "The subnet and the addresses of a Network Load Balancer in the Availability Zone '{}' cannot be changed. \
                 Remove the zone first, and add it again",
                zone.name
            );
            return Err(ElbError::configuration(message).into());
        }
        let key = interface_key(row.account, &row.region, &row.id, &zone.subnet_id);
        if tx.get(&INTERFACES, &key).await?.is_some() {
            let message = format!("The subnet '{}' is still being removed", zone.subnet_id);
            return Err(ElbError::new("ResourceInUse", message).into());
        }
    }
    Ok(())
}
