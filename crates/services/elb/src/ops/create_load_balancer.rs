//! CreateLoadBalancer: a load balancer, or the one that is there with the same name and settings.

use std::net::{IpAddr, Ipv4Addr};

use gantry_api_elbv2 as api;
use gantry_elb_core::attributes::Set;
use gantry_elb_core::limits;
use gantry_elb_core::name::{Kind, check_load_balancer};
use gantry_service::{Cx, Failure};
use gantry_store::{Scan, Tx, key};

use super::{allow_making, own_addresses};
use crate::error::{ElbError, refused};
use crate::loops::{INTERFACES_LOOP, LOAD_BALANCING};
use crate::network::{self, Subnet};
use crate::tables::load_balancer::load_balancer_key;
use crate::tables::{LOAD_BALANCERS, LoadBalancer};
use crate::{Elb, answer, given};

/// How many addresses a subnet has to have left.
const ROOM: i32 = 8;

/// Makes a load balancer.
pub async fn run(
    elb: &Elb,
    cx: Cx,
    input: api::CreateLoadBalancerInput,
) -> Result<api::CreateLoadBalancerOutput, Failure> {
    let kind = match input.r#type.as_deref() {
        None | Some("application") => Kind::Application,
        Some("network") => Kind::Network,
        Some(other) => {
            return Err(ElbError::not_served(format_args!("A load balancer of type '{other}'")).into());
        }
    };
    let pairs = given::pairs(input.tags.clone());
    let any = cx.arn("elasticloadbalancing", format_args!("loadbalancer/{}/{}/*", kind.short(), input.name));
    let permit = allow_making(&cx, "elasticloadbalancing:CreateLoadBalancer", &any, None, &pairs)?;
    check_load_balancer(&input.name).map_err(refused)?;
    let internal = input.scheme.as_deref() == Some("internal");
    let mappings = input.subnet_mappings.clone().unwrap_or_default();
    own_addresses::check(kind, internal, &mappings)?;
    refuse_unserved(kind, &input)?;
    let tags = given::tags(pairs)?;
    let ids = subnet_ids(input.subnets, input.subnet_mappings)?;
    let subnets = network::subnets(elb, &cx, &ids).await?;
    let vpc_id = check_subnets(kind, &subnets)?;
    let groups = input.security_groups.unwrap_or_default();
    let security_groups = match (kind, groups.is_empty()) {
        (Kind::Network, true) => Vec::new(),
        _ => network::security_groups(elb, &cx, &groups, &vpc_id).await?,
    };

    let mut tx = elb.db.begin();
    let made = tx.get(&LOAD_BALANCERS, &load_balancer_key(cx.account, &cx.region, &input.name)).await?;
    let known = made.as_ref().map(|made| made.zones.as_slice()).unwrap_or_default();
    let zones = own_addresses::zones(elb, &mut tx, &cx, &subnets, &mappings, known).await?;
    let mut row = LoadBalancer {
        id: elb.ids.hex(16),
        dns_id: match kind {
            Kind::Application => elb.ids.text(10, b"123456789"),
            Kind::Network => String::new(),
        },
        name: input.name,
        account: cx.account,
        region: cx.region.clone(),
        kind,
        internal,
        ip_address_type: input.ip_address_type.unwrap_or_else(|| "ipv4".to_owned()),
        vpc_id,
        zones,
        security_groups,
        attributes: Set::new(),
        tags,
        created_at: cx.now,
        address: Ipv4Addr::LOCALHOST.into(),
        private_link_rules: None,
    };
    if kind == Kind::Network {
        row.dns_id = row.id.clone();
    }
    if let Some(made) = made {
        if !same(&made, &row) {
            let message = format!(
                "A load balancer with the same name '{}' exists, but with different settings",
                row.name
            );
            return Err(ElbError::new("DuplicateLoadBalancerName", message).into());
        }
        return Ok(answered(&made, elb, "active"));
    }
    check_place(elb, &cx, &row, &subnets).await?;
    check_quota(&mut tx, &cx, kind).await?;
    row.address = free_address(elb, &mut tx).await?;
    tx.put(&LOAD_BALANCERS, &row.key(), &row);
    tx.wake(LOAD_BALANCING);
    tx.wake(INTERFACES_LOOP);
    tx.commit(&permit).await?;
    Ok(answered(&row, elb, "provisioning"))
}

fn answered(row: &LoadBalancer, elb: &Elb, state: &str) -> api::CreateLoadBalancerOutput {
    api::CreateLoadBalancerOutput {
        load_balancers: Some(vec![answer::load_balancer(row, &elb.domain, state)]),
    }
}

fn refuse_unserved(kind: Kind, input: &api::CreateLoadBalancerInput) -> Result<(), ElbError> {
    refuse_of_kind(kind, input)?;
    for (asked, what) in [
        (input.customer_owned_ipv4_pool.is_some(), "A customer-owned address pool"),
        (input.ipam_pools.is_some(), "An IPAM pool"),
        (
            input.ip_address_type.as_deref().is_some_and(|kind| kind != "ipv4"),
            "An IP address type other than 'ipv4'",
        ),
        (input.enable_prefix_for_ipv6_source_nat.as_deref() == Some("on"), "A prefix for IPv6 source NAT"),
    ] {
        if asked {
            return Err(ElbError::not_served(what));
        }
    }
    Ok(())
}

/// What AWS refuses of this kind of load balancer.
fn refuse_of_kind(kind: Kind, input: &api::CreateLoadBalancerInput) -> Result<(), ElbError> {
    let network = kind == Kind::Network;
    let without_public = input.ip_address_type.as_deref() == Some("dualstack-without-public-ipv4");
    for (refused, message) in [
        (
            network && without_public,
            "The specified IP address type is not supported on load balancers with type 'network'.",
        ),
        (
            !network && input.enable_prefix_for_ipv6_source_nat.is_some(),
            "'EnablePrefixForIpv6SourceNat' can only be specified for LoadBalancer type 'network'.",
        ),
    ] {
        if refused {
            return Err(ElbError::configuration(message));
        }
    }
    Ok(())
}

/// The subnets of a request, which come in one of two ways.
pub(super) fn subnet_ids(
    subnets: Option<Vec<String>>,
    mappings: Option<Vec<api::SubnetMapping>>,
) -> Result<Vec<String>, ElbError> {
    let subnets = subnets.unwrap_or_default();
    let mapped: Vec<String> =
        mappings.unwrap_or_default().into_iter().filter_map(|mapping| mapping.subnet_id).collect();
    if !subnets.is_empty() && !mapped.is_empty() {
        return Err(ElbError::validation("You must specify either subnets or subnet mappings, but not both"));
    }
    let mut ids = if subnets.is_empty() { mapped } else { subnets };
    if ids.is_empty() {
        return Err(ElbError::validation("At least one subnet must be specified"));
    }
    let mut seen = std::collections::BTreeSet::new();
    ids.retain(|id| seen.insert(id.clone()));
    Ok(ids)
}

/// The refusal of subnets that are not all in this VPC.
pub(super) fn other_vpc(vpc_id: &str) -> ElbError {
    ElbError::configuration(format!("All subnets must belong to the same VPC: '{vpc_id}'"))
}

/// The VPC of subnets that a load balancer of this kind can be in together.
pub(super) fn check_subnets(kind: Kind, subnets: &[Subnet]) -> Result<String, ElbError> {
    let vpc_id = subnets.first().map(|subnet| subnet.vpc_id.clone()).unwrap_or_default();
    if subnets.iter().any(|subnet| subnet.vpc_id != vpc_id) {
        return Err(other_vpc(&vpc_id));
    }
    let mut zones: Vec<&str> = subnets.iter().map(|subnet| subnet.zone.as_str()).collect();
    zones.sort_unstable();
    zones.dedup();
    if zones.len() < subnets.len() {
        return Err(ElbError::configuration(
            "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
        ));
    }
    if kind == Kind::Application && zones.len() < 2 {
        return Err(ElbError::validation(
            "At least two subnets in two different Availability Zones must be specified",
        ));
    }
    Ok(vpc_id)
}

/// What faces the internet needs a way there, and what is to grow needs room
/// ([AWS](https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#subnets-load-balancer)).
async fn check_place(elb: &Elb, cx: &Cx, row: &LoadBalancer, subnets: &[Subnet]) -> Result<(), Failure> {
    if !row.internal && !network::has_gateway(elb, cx, &row.vpc_id).await? {
        let message = format!("VPC {} has no internet gateway", row.vpc_id);
        return Err(ElbError::new("InvalidSubnet", message).into());
    }
    let chosen = |subnet: &Subnet| {
        row.zones.iter().any(|zone| zone.subnet_id == subnet.id && zone.private_ipv4.is_some())
    };
    if let Some(full) = subnets.iter().find(|subnet| subnet.free < ROOM && !chosen(subnet)) {
        let message = format!(
            "Not enough IP space available in {}. ELB requires at least {ROOM} free IP addresses in each subnet.",
            full.id
        );
        return Err(ElbError::new("InvalidSubnet", message).into());
    }
    Ok(())
}

/// Whether a load balancer is what is asked for: then asking again changes nothing.
fn same(made: &LoadBalancer, wanted: &LoadBalancer) -> bool {
    let sorted = |list: &[String]| {
        let mut list = list.to_vec();
        list.sort();
        list
    };
    let zones = |row: &LoadBalancer| {
        let mut zones = row.zones.clone();
        zones.sort();
        zones
    };
    made.kind == wanted.kind
        && made.internal == wanted.internal
        && made.ip_address_type == wanted.ip_address_type
        && zones(made) == zones(wanted)
        && sorted(&made.security_groups) == sorted(&wanted.security_groups)
        && (wanted.tags.is_empty() || made.tags == wanted.tags)
}

async fn check_quota(tx: &mut Tx, cx: &Cx, kind: Kind) -> Result<(), Failure> {
    let rows = tx.peek_scan(&LOAD_BALANCERS, &key!(cx.account, cx.region), Scan::all()).await?;
    if rows.iter().filter(|(_, row)| row.kind == kind).count() >= limits::LOAD_BALANCERS {
        let message = format!(
            "The quota of '{}' {} load balancers has been reached",
            limits::LOAD_BALANCERS,
            kind.as_str()
        );
        return Err(ElbError::new("TooManyLoadBalancers", message).into());
    }
    Ok(())
}

/// An address of loopback that no load balancer of this store has: each listens on its own, so that their ports never
/// clash. The range is wide and chosen from at random, so that Gantries side by side do not meet either.
async fn free_address(elb: &Elb, tx: &mut Tx) -> Result<IpAddr, Failure> {
    let rows = tx.peek_scan(&LOAD_BALANCERS, &key!(), Scan::all()).await?;
    let taken: std::collections::HashSet<IpAddr> = rows.into_iter().map(|(_, row)| row.address).collect();
    loop {
        let mut random = [0; 3];
        elb.ids.fill(&mut random);
        // 127.64.0.0/10, without the ends of each /24, which look like broadcasts.
        let address: IpAddr = [127, 64 | (random[0] & 63), random[1], random[2].clamp(1, 254)].into();
        if !taken.contains(&address) {
            return Ok(address);
        }
    }
}
