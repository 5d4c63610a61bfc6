//! What holds for the subnets of a node's tasks: ways out of the VPC, and network ACLs.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::net::Ipv4Addr;

use gantry_api_ec2 as ec2;
use gantry_node_proto::v1;
use gantry_service::{Cx, Failure};

use super::rules::Placed;
use crate::Ecs;
use crate::names::Place;

/// What a subnet's tasks are told.
#[derive(Default, Clone)]
struct Told {
    routes: Vec<v1::Route>,
    acl: Option<v1::NetworkAcl>,
}

/// Fills in routes and ACLs of every interface.
pub(super) async fn fill(ecs: &Ecs, interfaces: &mut [Placed<'_>]) -> Result<(), Failure> {
    let mut wanted: BTreeMap<Place, BTreeSet<(String, String)>> = BTreeMap::new();
    for Placed { place, interface } in interfaces.iter() {
        let at = (interface.vpc_id.clone(), interface.subnet_id.clone());
        wanted.entry(place.clone()).or_default().insert(at);
    }
    let mut told: HashMap<(Place, String), Told> = HashMap::new();
    for (place, subnets) in wanted {
        let cx = ecs.as_service(&place, ecs.clock.now());
        let network = Network::load(ecs, &cx).await?;
        for (vpc, subnet) in subnets {
            let one = network.of(&vpc, &subnet);
            told.insert((place.clone(), subnet), one);
        }
    }
    for Placed { place, interface } in interfaces {
        // A subnet that is gone has no way out, and lets nothing through.
        let Told { routes, acl } =
            told.get(&(place.clone(), interface.subnet_id.clone())).cloned().unwrap_or_default();
        interface.routes = routes;
        interface.network_acl = acl;
    }
    Ok(())
}

/// Those of the subnets, each with its VPC, that have a way to the internet.
pub(super) async fn open(
    ecs: &Ecs,
    wanted: &BTreeMap<Place, BTreeSet<(String, String)>>,
) -> Result<HashSet<String>, Failure> {
    let mut open = HashSet::new();
    for (place, subnets) in wanted {
        let cx = ecs.as_service(place, ecs.clock.now());
        let network = Network::load(ecs, &cx).await?;
        for (vpc, subnet) in subnets {
            if network.of(vpc, subnet).routes.iter().any(|route| route.way() == v1::Way::Internet) {
                open.insert(subnet.clone());
            }
        }
    }
    Ok(open)
}

/// The tables of an account in a region.
struct Network {
    tables: Vec<ec2::RouteTable>,
    acls: Vec<ec2::NetworkAcl>,
    nats: Vec<ec2::NatGateway>,
}

/// All pages of a listing.
macro_rules! all {
    ($ecs:expr, $cx:expr, $operation:ident, $request:ident, $rows:ident) => {{
        let mut rows = Vec::new();
        let mut next_token = None;
        loop {
            let input = ec2::$request { next_token, ..Default::default() };
            let page = $ecs.siblings.call::<ec2::$operation>($cx, input).await?;
            rows.extend(page.$rows.unwrap_or_default());
            next_token = page.next_token;
            if next_token.is_none() {
                break rows;
            }
        }
    }};
}

impl Network {
    async fn load(ecs: &Ecs, cx: &Cx) -> Result<Network, Failure> {
        Ok(Network {
            tables: all!(ecs, cx, DescribeRouteTables, DescribeRouteTablesRequest, route_tables),
            acls: all!(ecs, cx, DescribeNetworkAcls, DescribeNetworkAclsRequest, network_acls),
            nats: all!(ecs, cx, DescribeNatGateways, DescribeNatGatewaysRequest, nat_gateways),
        })
    }

    fn of(&self, vpc: &str, subnet: &str) -> Told {
        let table = self.table(vpc, subnet);
        let routes = table.into_iter().flat_map(|table| table.routes.iter().flatten());
        Told { routes: routes.filter_map(|route| self.route(route)).collect(), acl: self.acl(subnet) }
    }

    /// The subnet's own table, or the main one of its VPC.
    fn table(&self, vpc: &str, subnet: &str) -> Option<&ec2::RouteTable> {
        let associated = |table: &&ec2::RouteTable, fits: &dyn Fn(&ec2::RouteTableAssociation) -> bool| {
            table.vpc_id.as_deref() == Some(vpc) && table.associations.iter().flatten().any(fits)
        };
        let own = self
            .tables
            .iter()
            .find(|table| associated(table, &|one| one.subnet_id.as_deref() == Some(subnet)));
        own.or_else(|| self.tables.iter().find(|table| associated(table, &|one| one.main == Some(true))))
    }

    /// Where a route leads; none for those within the VPC.
    fn route(&self, route: &ec2::Route) -> Option<v1::Route> {
        let destination = route.destination_cidr_block.clone()?;
        if route.gateway_id.as_deref() == Some("local") {
            return None;
        }
        let nowhere = v1::Route { destination, way: v1::Way::Nowhere.into(), nat_ipv4: String::new() };
        if route.state.as_deref() != Some("active") {
            return Some(nowhere);
        }
        if route.gateway_id.is_some() {
            return Some(v1::Route { way: v1::Way::Internet.into(), ..nowhere });
        }
        let nat = route.nat_gateway_id.as_ref().and_then(|id| self.nat(id, &nowhere.destination));
        Some(match nat {
            Some(nat_ipv4) => v1::Route { way: v1::Way::Nat.into(), nat_ipv4, ..nowhere },
            None => nowhere,
        })
    }

    /// The public address of a NAT gateway from whose own subnet the destination is reached by the internet.
    fn nat(&self, id: &str, destination: &str) -> Option<String> {
        let nat = self.nats.iter().find(|nat| nat.nat_gateway_id.as_deref() == Some(id))?;
        let public = nat.nat_gateway_addresses.iter().flatten().find_map(|one| one.public_ip.clone())?;
        let table = self.table(nat.vpc_id.as_deref()?, nat.subnet_id.as_deref()?)?;
        let fitting = table.routes.iter().flatten().filter_map(|route| {
            let to = route.destination_cidr_block.as_deref()?;
            Some((within(destination, to)?, route))
        });
        let (_, route) = fitting.max_by_key(|(prefix, _)| *prefix)?;
        let internet = route.gateway_id.as_deref().is_some_and(|id| id != "local");
        (internet && route.state.as_deref() == Some("active")).then_some(public)
    }

    fn acl(&self, subnet: &str) -> Option<v1::NetworkAcl> {
        let found = self.acls.iter().find(|acl| {
            acl.associations.iter().flatten().any(|one| one.subnet_id.as_deref() == Some(subnet))
        });
        // No ACL, no passage: a subnet that exists has one.
        let Some(acl) = found else { return Some(v1::NetworkAcl::default()) };
        let mut entries: Vec<&ec2::NetworkAclEntry> = acl.entries.iter().flatten().collect();
        entries.sort_by_key(|entry| entry.rule_number);
        let of = |egress: bool| {
            let fitting = entries.iter().filter(|entry| entry.egress == Some(egress));
            fitting.filter_map(|entry| acl_entry(entry)).collect()
        };
        Some(v1::NetworkAcl { ingress: of(false), egress: of(true) })
    }
}

/// An entry for IPv4; those for IPv6 have nothing to decide.
fn acl_entry(entry: &ec2::NetworkAclEntry) -> Option<v1::AclEntry> {
    let ports = entry.port_range.as_ref().map(|range| (range.from, range.to));
    let icmp = entry.icmp_type_code.as_ref().map(|icmp| (icmp.r#type, icmp.code));
    let (from, to) = ports.or(icmp).unwrap_or((None, None));
    Some(v1::AclEntry {
        allow: entry.rule_action.as_deref() == Some("allow"),
        protocol: entry.protocol.clone().unwrap_or_else(|| "-1".to_owned()),
        from_port: from.unwrap_or(-1),
        to_port: to.unwrap_or(-1),
        ipv4_cidr: entry.cidr_block.clone()?,
    })
}

/// The length of the outer block's prefix, if the inner one begins in it and is no wider.
fn within(inner: &str, outer: &str) -> Option<u32> {
    let parse = |text: &str| {
        let (base, bits) = text.split_once('/')?;
        Some((base.parse::<Ipv4Addr>().ok()?, bits.parse::<u32>().ok().filter(|bits| *bits <= 32)?))
    };
    let ((inner, inner_bits), (outer, bits)) = (parse(inner)?, parse(outer)?);
    let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
    (inner_bits >= bits && inner.to_bits() & mask == outer.to_bits() & mask).then_some(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(of: Option<&str>, target: impl Fn(&mut ec2::Route), state: &str) -> ec2::RouteTable {
        let mut route = ec2::Route {
            destination_cidr_block: Some("0.0.0.0/0".into()),
            state: Some(state.into()),
            ..Default::default()
        };
        target(&mut route);
        let association = ec2::RouteTableAssociation {
            main: Some(of.is_none()),
            subnet_id: of.map(Into::into),
            ..Default::default()
        };
        ec2::RouteTable {
            associations: Some(vec![association]),
            routes: Some(vec![route]),
            vpc_id: Some("vpc-1".into()),
            ..Default::default()
        }
    }

    fn nat() -> ec2::NatGateway {
        let address = ec2::NatGatewayAddress { public_ip: Some("198.51.100.7".into()), ..Default::default() };
        ec2::NatGateway {
            nat_gateway_id: Some("nat-1".into()),
            nat_gateway_addresses: Some(vec![address]),
            vpc_id: Some("vpc-1".into()),
            subnet_id: Some("subnet-public".into()),
            ..Default::default()
        }
    }

    #[test]
    fn a_nat_gateway_leads_out_while_its_own_subnet_does() {
        let by_nat = |route: &mut ec2::Route| route.nat_gateway_id = Some("nat-1".into());
        let by_internet = |route: &mut ec2::Route| route.gateway_id = Some("igw-1".into());
        let way = |state: &str, of_nat: &str| {
            let tables = vec![
                table(None, by_internet, "active"),
                table(Some("subnet-private"), by_nat, state),
                table(Some("subnet-public"), by_internet, of_nat),
            ];
            let network = Network { tables, acls: Vec::new(), nats: vec![nat()] };
            let told = network.of("vpc-1", "subnet-private");
            assert_eq!(told.acl, Some(v1::NetworkAcl::default()), "without an ACL nothing passes");
            (told.routes[0].way(), told.routes[0].nat_ipv4.clone())
        };
        assert_eq!(way("active", "active"), (v1::Way::Nat, "198.51.100.7".to_owned()));
        assert_eq!(way("active", "blackhole").0, v1::Way::Nowhere);
        assert_eq!(way("blackhole", "active").0, v1::Way::Nowhere);
        let network =
            Network { tables: vec![table(None, by_internet, "active")], acls: vec![], nats: vec![] };
        assert_eq!(network.of("vpc-1", "subnet-any").routes[0].way(), v1::Way::Internet);
        assert!(network.of("vpc-2", "subnet-any").routes.is_empty());
    }

    #[test]
    fn a_block_lies_within_another() {
        assert_eq!(within("0.0.0.0/0", "0.0.0.0/0"), Some(0));
        assert_eq!(within("10.1.0.0/16", "10.0.0.0/8"), Some(8));
        assert_eq!(within("10.1.0.0/16", "10.1.0.0/24"), None);
        assert_eq!(within("10.1.0.0/16", "11.0.0.0/8"), None);
    }
}
